import { randomOf, type Random } from '../data/random.ts';
import { drink, products } from './catalog.ts';
import { roundTo, type Correction, type Line, type OrderContent, type OrderExtras } from './order-content.ts';
import { feesOf } from './market-fees.ts';
import type { ShopMarket } from './shop-market.ts';

const day = 86_400;
const hour = 3600;

/** What belongs to the order beyond its lines; drawn apart from them, so that the lines of a seed stay as they are. */
export function generateExtras(
  draft: Pick<OrderContent, 'lines' | 'shipping' | 'paymentMethod'> & { adjustment: number },
  market: ShopMarket,
  random: Random,
): OrderExtras {
  const { region, kind } = market;
  const merchandise = draft.lines.reduce((total, line) => total + line.paid * line.quantity, 0);
  const share = (rate: number) => Math.floor((merchandise * rate) / 10_000);
  const some = (probability: number, rate: number) => (random.chance(probability) ? share(rate) : 0);
  const fees = feesOf(market);
  const isCard = /card|cartão|kartu|信用卡/i.test(draft.paymentMethod);
  const traded = some(0.04, 500);
  const isShared = random.chance(0.3) && region.code === 'ID' && draft.shipping.buyerPays < draft.shipping.real;
  const carrierDiscount = isShared ? Math.floor(draft.shipping.real / 10) : 0;
  const left = draft.shipping.real - draft.shipping.buyerPays - carrierDiscount;
  const isImport = kind === 'cross-border';
  return {
    market,
    fees,
    externalVoucher: some(0.05, 300),
    coinCashBack: some(0.1, 150),
    channelPromotion: isCard ? some(0.3, 200) : 0,
    pixDiscount: draft.paymentMethod === 'Pix' ? some(0.5, 500) : 0,
    sellerShipping: left > 0 && random.chance(0.15) ? Math.ceil(left / 2) : 0,
    carrierDiscount,
    packagingFee: random.chance(0.05) ? fees.packaging : 0,
    productProtection: some(0.08, 100),
    buyerServiceFee: fees.buyerService,
    buyerTransactionFee: draft.paymentMethod === 'SPayLater' ? share(100) : 0,
    buyerTax: isImport ? share(fees.importRates['cross_border_tax'] ?? 0) : 0,
    bulkyHandling: region.code === 'ID' && random.chance(0.05) ? 5000 : 0,
    deposit: draft.lines.reduce((total, line) => total + (line.deposit ?? 0) * line.quantity, 0),
    tradeIn: { total: traded, seller: Math.floor(traded / 2) },
    instalments: draft.paymentMethod === 'SPayLater' ? random.pick(['1x', '3x', '6x']) : 'N/A',
    affiliateRate: random.chance(0.12) ? 500 : 0,
    adsRate: random.chance(fees.adsShare) ? fees.adsRate : 0,
    campaignRate: random.chance(0.3) ? fees.campaignRate : 0,
    isFulfilledByShopee: fees.warehouse > 0 && random.chance(0.2),
    isEarlyRelease: kind === 'local' && random.chance(0.1),
    corrections: correctionsOf(draft.adjustment, random),
    isLateReturnPosted: random.chance(0.5),
  };
}

/** One line more for some orders: a gift, or bottles with a deposit where there is one. */
export function extraLine(lines: readonly Line[], market: ShopMarket, random: Random, lineItemId: number): Line[] {
  const { region } = market;
  const unit = (level: number) => {
    const [low, high] = region.prices;
    return roundTo(Math.round(low + (high - low) * level), region);
  };
  if (feesOf(market).deposit > 0 && random.chance(0.1)) {
    const price = unit(drink.level);
    return [
      {
        ...plainLine(drink, lineItemId),
        original: price,
        single: price,
        selling: price,
        paid: price,
        deposit: feesOf(market).deposit,
      },
    ];
  }
  const [main] = lines;
  if (main === undefined || !random.chance(0.12)) return [];
  const product = products[random.int(0, products.length - 1)] ?? drink;
  const isWelcome = main.promotionType !== '';
  const gift = plainLine(product, lineItemId);
  return [
    {
      ...gift,
      original: unit(product.level),
      promotionType: isWelcome ? 'welcome_package_free_gift' : 'add_on_deal_sub',
      promotionId: BigInt(44_000_000 + (lineItemId % 1000)),
    },
  ];
}

function plainLine(product: (typeof products)[number], lineItemId: number): Line {
  const [model] = product.models;
  return {
    product,
    modelId: model?.modelId ?? 0,
    modelName: model?.name ?? '',
    modelSku: model?.sku ?? '',
    quantity: 1,
    original: 0,
    single: 0,
    selling: 0,
    paid: 0,
    promotionType: '',
    promotionId: 0n,
    orderItemId: product.itemId,
    lineItemId,
  };
}

/** Seconds from an order's completion to the release of its money. */
export function releaseDelayOf(seed: number, index: number): number {
  return 2 * day + randomOf(seed, 'release', index).int(0, 72) * hour;
}

/** The sequence of chance for what an order has beyond its lines. */
export function extrasRandom(seed: number, index: number): Random {
  return randomOf(seed, 'extras', index);
}

/** Reasons as on real orders; a compensation may be taken back. */
function correctionsOf(amount: number, random: Random): Correction[] {
  if (amount === 0) return [];
  const after = random.int(1, 10) * day;
  const reason = random.pick([
    'Shipping Fee Adjustment',
    'Return Refund deduction or compensation',
    'Penyesuaian ongkir',
  ]);
  if (!random.chance(0.3)) return [{ after, amount, reason }];
  return [
    { after, amount: -amount, reason: 'Logistics Related Compensation' },
    { after: after + day, amount, reason: 'adjustment after refund approved' },
    { after: after + 2 * day, amount, reason },
  ];
}
