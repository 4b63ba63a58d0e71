import { randomOf, type Random } from '../data/random.ts';
import { messages, products, type Product } from './catalog.ts';
import type { Region } from './regions.ts';

/** One line of an order. Money is per unit and in minor units (cents). */
export interface Line {
  product: Product;
  modelId: number;
  modelName: string;
  modelSku: string;
  quantity: number;
  /** Before any discount. */
  original: number;
  /** After the seller's discount. */
  selling: number;
  /** After Shopee's discount too: what the buyer pays before vouchers. */
  paid: number;
  promotionType: '' | 'seller_discount' | 'flash_sale' | 'bundle_deal' | 'add_on_deal_main' | 'add_on_deal_sub';
  /** A uint64: now and then beyond 2^53. */
  promotionId: bigint;
  orderItemId: number;
  lineItemId: number;
}

/** What never changes about an order, generated from its seed. Money in minor units. */
export interface OrderContent {
  lines: readonly Line[];
  buyer: { userId: number; username: string; name: string; phone: string };
  address: { town: string; district: string; city: string; state: string; zipcode: string; street: string };
  cod: boolean;
  paymentMethod: string;
  carrier: { name: string; channelId: number; prefix: string };
  /** `real` is what the carrier takes; the buyer pays `buyerPays` of it and Shopee rebates the rest. */
  shipping: { real: number; buyerPays: number };
  sellerVoucher: number;
  sellerVoucherCode: string;
  shopeeVoucher: number;
  coins: number;
  serviceProgram: boolean;
  /** What Shopee corrects once the order is completed; 0 for most. */
  adjustment: number;
  messageToSeller: string;
  note: string;
  daysToShip: number;
  dropshipper: string;
  /** Sent in two packages. */
  split: boolean;
}

/** The generated order number `index` of an order store with that seed; the same arguments give the same order. */
export function generateOrder(seed: number, index: number, region: Region): OrderContent {
  const random = randomOf(seed, 'order', index);
  const lines = generateLines(random, region, index);
  const merchandise = sum(lines, (line) => line.paid);
  const real = roundTo(random.int(...region.shipping), region);
  const buyerPays = random.chance(0.4) ? 0 : random.chance(0.5) ? real : roundTo(Math.floor(real / 2), region);
  const sellerVoucher = random.chance(0.2) ? share(merchandise, random.int(200, 1000), region) : 0;
  const cod = random.chance(region.codShare);
  return {
    lines,
    ...generateBuyer(random, region),
    cod,
    paymentMethod: cod ? 'Cash on Delivery' : random.pick(region.payments),
    carrier: random.pick(region.carriers),
    shipping: { real, buyerPays },
    sellerVoucher,
    sellerVoucherCode: sellerVoucher > 0 ? `SHOP${random.int(100, 999)}` : '',
    shopeeVoucher: random.chance(0.25) ? share(merchandise, random.int(200, 1200), region) : 0,
    coins: random.chance(0.15) ? share(merchandise, random.int(20, 200), region) : 0,
    serviceProgram: random.chance(0.6),
    adjustment: random.chance(0.05) ? -Math.max(share(merchandise, random.int(100, 900), region), 1) : 0,
    messageToSeller: random.chance(0.2) ? random.pick(messages) : '',
    note: random.chance(0.05) ? 'packed by the morning shift' : '',
    daysToShip: random.int(2, 3),
    dropshipper: random.chance(0.03) ? 'Example Dropshipping' : '',
    split: lines.length > 1 && random.chance(0.1),
  };
}

/** The sum over all units of the lines. */
export function sum(lines: readonly Line[], ofUnit: (line: Line) => number): number {
  return lines.reduce((total, line) => total + ofUnit(line) * line.quantity, 0);
}

function generateBuyer(random: Random, region: Region): Pick<OrderContent, 'buyer' | 'address'> {
  const userId = random.int(500_000_001, 599_999_999);
  const { city, state, zipcode } = random.pick(region.cities);
  return {
    buyer: {
      userId,
      username: `${random.pick(['sunny', 'kopi', 'mango', 'blue', 'tiny', 'lucky'])}${userId % 100_000}`,
      name: random.pick(region.names),
      phone: `${region.phone}${random.int(80_000_000, 99_999_999)}`,
    },
    address: { town: '', district: '', city, state, zipcode, street: random.pick(region.streets) },
  };
}

function generateLines(random: Random, region: Region, index: number): Line[] {
  const count = random.chance(0.6) ? 1 : random.int(2, 4);
  const special = count > 1 ? random.pick(['', '', '', 'bundle', 'add-on'] as const) : '';
  return Array.from({ length: count }, (_, position) => {
    const line = generateLine(random, region, 240_000_000_000_000 + index * 10 + position);
    if (special === 'bundle') return inBundle(line, region, 22_000_000 + (index % 1000));
    if (special === 'add-on') return inAddOnDeal(line, position, region, 33_000_000 + (index % 1000));
    return line;
  });
}

function generateLine(random: Random, region: Region, lineItemId: number): Line {
  const product = random.pick(products);
  const model = random.pick(product.models);
  const [low, high] = region.prices;
  const original = roundTo(Math.round(low + (high - low) * product.level * (0.9 + random.next() * 0.2)), region);
  const promoted = random.chance(0.4);
  const selling = promoted ? original - share(original, random.int(300, 3000), region) : original;
  const paid = promoted && random.chance(0.25) ? selling - share(selling, random.int(100, 500), region) : selling;
  const promotionId = BigInt(random.int(600_000_000, 999_999_999)) * 1_000_000n;
  return {
    product,
    modelId: model.modelId,
    modelName: model.name,
    modelSku: model.sku,
    quantity: random.chance(0.7) ? 1 : random.int(2, 5),
    original,
    selling,
    paid,
    promotionType: promoted ? random.pick(['seller_discount', 'flash_sale'] as const) : '',
    // Shopee made these ids uint64 in 2026-07: a third of ours are too long for a JavaScript number.
    promotionId: promoted ? (random.chance(0.33) ? 18_000_000_000_000_000_001n + promotionId : promotionId) : 0n,
    orderItemId: product.itemId,
    lineItemId,
  };
}

/** Items of one bundle share their order item id, and the order shows them at price 0; only the escrow has the price. */
function inBundle(line: Line, region: Region, dealId: number): Line {
  const selling = line.original - share(line.original, 1500, region);
  return {
    ...line,
    selling,
    paid: selling,
    promotionType: 'bundle_deal',
    promotionId: BigInt(dealId),
    orderItemId: dealId,
  };
}

function inAddOnDeal(line: Line, position: number, region: Region, dealId: number): Line {
  const off = position === 0 ? 0 : share(line.original, 3000, region);
  const selling = line.original - off;
  const promotionType = position === 0 ? 'add_on_deal_main' : 'add_on_deal_sub';
  return { ...line, selling, paid: selling, promotionType, promotionId: BigInt(dealId) };
}

/** That many ten-thousandths of an amount, in a unit the market uses. */
function share(amount: number, tenThousandths: number, region: Region): number {
  return roundTo(Math.floor((amount * tenThousandths) / 10_000), region);
}

/** Prices in currencies without decimals end in hundreds. */
function roundTo(amount: number, region: Region): number {
  return region.decimals > 0 ? amount : Math.floor(amount / 100) * 100;
}
