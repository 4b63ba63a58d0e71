import type { SandboxShop } from './order-record.ts';

const markets = ['SG', 'MY', 'VN', 'TH', 'ID', 'PH', 'BR', 'TW'];

/** A shop of each kind in each market; start the fake with them to meet every field of an escrow. */
export const marketShops: readonly SandboxShop[] = [
  ...markets.map((region, index) => ({ shopId: 710_000_001 + index, name: `Local shop ${region}`, region })),
  { shopId: 710_000_009, name: 'Company shop VN', region: 'VN', isCompany: true },
  ...markets.map((region, index) => ({
    shopId: 720_000_001 + index,
    name: `Cross-border shop ${region}`,
    region,
    kind: 'cross-border' as const,
  })),
  ...markets.map((region, index) => ({
    shopId: 730_000_001 + index,
    name: `Affiliate shop ${region}`,
    region,
    kind: 'sip-affiliate' as const,
    primaryShopId: 720_000_008,
  })),
];
