import { randomOf, type Random } from '../data/random.ts';
import { messages, products } from './catalog.ts';
import { roundTo, sum, type Line, type OrderContent } from './order-content.ts';
import { extraLine, extrasRandom, generateExtras } from './order-extras.ts';
import type { Region } from './regions.ts';
import type { ShopMarket } from './shop-market.ts';

/** The generated order number `index` of an order store with that seed; the same arguments give the same order. */
export function generateOrder(seed: number, index: number, market: ShopMarket): OrderContent {
  const { region } = market;
  const random = randomOf(seed, 'order', index);
  const more = extrasRandom(seed, index);
  const drawn = generateLines(random, region, index);
  const lines = withExtraLine(drawn, extraLine(drawn, market, more, 240_000_000_000_000 + index * 10 + drawn.length));
  const merchandise = sum(drawn, (line) => line.paid);
  const real = roundTo(random.int(...region.shipping), region);
  const buyerPays = random.chance(0.4) ? 0 : random.chance(0.5) ? real : roundTo(Math.floor(real / 2), region);
  const sellerVoucher = random.chance(0.2) ? share(merchandise, random.int(200, 1000), region) : 0;
  const isCod = random.chance(region.codShare);
  const buyer = generateBuyer(random, region);
  const paymentMethod = isCod ? 'Cash on Delivery' : random.pick(region.payments);
  const content = {
    lines,
    ...buyer,
    cod: isCod,
    paymentMethod,
    carrier: random.pick(region.carriers),
    shipping: { real, buyerPays },
    sellerVoucher,
    sellerVoucherCode: sellerVoucher > 0 ? `SHOP${random.int(100, 999)}` : '',
    shopeeVoucher: random.chance(0.25) ? share(merchandise, random.int(200, 1200), region) : 0,
    coins: random.chance(0.15) ? share(merchandise, random.int(20, 200), region) : 0,
    serviceProgram: random.chance(0.6),
  };
  const adjustment = random.chance(0.05) ? -Math.max(share(merchandise, random.int(100, 900), region), 1) : 0;
  return {
    ...content,
    messageToSeller: random.chance(0.2) ? random.pick(messages) : '',
    note: random.chance(0.05) ? 'packed by the morning shift' : '',
    daysToShip: random.int(2, 3),
    dropshipper: random.chance(0.03) ? 'Example Dropshipping' : '',
    split: drawn.length > 1 && random.chance(0.1),
    extras: generateExtras({ ...content, adjustment }, market, more),
  };
}

/** A gift of the seller comes with an item that is bought, which is then the main item of an add-on deal. */
function withExtraLine(lines: Line[], extra: Line[]): Line[] {
  const [gift] = extra;
  if (gift?.promotionType !== 'add_on_deal_sub') return [...lines, ...extra];
  const main = lines.map((line, index) =>
    index === 0 ? { ...line, promotionType: 'add_on_deal_main' as const, promotionId: gift.promotionId } : line,
  );
  return [...main, gift];
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
    single: selling,
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
    single: line.original,
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
  return { ...line, single: selling, selling, paid: selling, promotionType, promotionId: BigInt(dealId) };
}

/** That many ten-thousandths of an amount, in a unit the market uses. */
function share(amount: number, tenThousandths: number, region: Region): number {
  return roundTo(Math.floor((amount * tenThousandths) / 10_000), region);
}
