import type { SandboxShop, ShopKind } from './order-record.ts';
import { regionOf, type Region } from './regions.ts';

/** A shop as far as the money of its orders depends on it. */
export interface ShopMarket {
  region: Region;
  kind: ShopKind;
  /** Vietnam withholds other taxes from companies than from people. */
  isCompany: boolean;
}

export function marketOf(shop: SandboxShop): ShopMarket {
  return { region: regionOf(shop.region), kind: shop.kind ?? 'local', isCompany: shop.isCompany ?? false };
}
