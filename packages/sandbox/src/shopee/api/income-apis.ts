import type { JsonObject } from '../data/json.ts';
import type { ShopeeSettings } from '../data/settings.ts';
import { hasEscrow } from '../orders/escrow-detail.ts';
import type { OrderRecord, SandboxShop } from '../orders/order-record.ts';
import type { OrderStore } from '../orders/order-store.ts';
import { payoutTimeOf } from '../orders/payouts.ts';
import { regionOf, toAmount, type Region } from '../orders/regions.ts';
import { settlementOf } from '../orders/settlement.ts';
import { integerParam, shopOf, type Api, type Call } from './api.ts';
import { ApiError } from './api-errors.ts';

const toRelease = 0;
const released = 1;
const pending = 2;
const day = 86_400;

// Shopee's own texts, from the error lists of these calls (2026-08-18).
const wrongStatus =
  'The income_status provided is invalid or not applicable. Please use one of the supported values: 0 - To Release, 1 - Released, 2 - Pending. Local shops do not have the “To Release” status.';
const wrongDates =
  'release_time_from and/or release_time_to parameter is missing or invalid. Please provide both a valid start date and end date to query, where the start date cannot be later than the end date, and the date range must not exceed 14 days.';

/** One order's income, in minor units. */
interface Income {
  record: OrderRecord;
  status: number;
  amount: number;
  /** When it is paid, or is expected to be. */
  at: number;
}

/** What was and what will be paid to the seller. Table and sample of their pages differ: `settings.incomeShape`. */
export function incomeApis(orders: OrderStore, settings: ShopeeSettings): Api[] {
  return [
    {
      method: 'GET',
      path: '/payment/get_income_overview',
      kind: 'shop',
      handle: (call) => overview(orders, settings, call),
    },
    {
      method: 'GET',
      path: '/payment/get_income_detail',
      kind: 'shop',
      handle: (call) => detail(orders, settings, call),
    },
  ];
}

function overview(orders: OrderStore, settings: ShopeeSettings, call: Call): JsonObject {
  const shop = shopOf(call);
  const wanted = call.query['income_status'] === undefined ? undefined : statusOf(call, shop);
  const { decimals } = regionOf(shop.region);
  const incomes = incomesOf(orders, shop);
  const names = { pending_amount: pending, to_release_amount: toRelease, released_amount: released };
  const totals = Object.entries(names)
    .filter(([, status]) => (wanted === undefined ? status !== toRelease || !isLocal(shop) : wanted === status))
    .map(([name, status]) => {
      const ofStatus = incomes.filter((income) => income.status === status);
      const total = ofStatus.reduce((sum, { amount }) => sum + amount, 0);
      return [name, toAmount(total, decimals)] as const;
    });
  const total = { total_income: Object.fromEntries(totals) };
  return settings.incomeShape === 'table' ? { response: total } : total;
}

function detail(orders: OrderStore, settings: ShopeeSettings, call: Call): JsonObject {
  const shop = shopOf(call);
  const region = regionOf(shop.region);
  const status = statusOf(call, shop);
  const [from, to] = datesOf(call.query, status, region);
  // `limit` in the sample's request, `page_size` in the table.
  const sizeName = call.query['limit'] === undefined ? 'page_size' : 'limit';
  const size = integerParam(call.query, sizeName, { min: 1, max: 100 });
  const cursor = call.query['cursor'] ?? '';
  if (!/^\d{0,15}$/.test(cursor)) throw new ApiError('error_param', 'parameter invalid');
  const all = incomesOf(orders, shop)
    .filter((income) => income.status === status && (status !== released || (income.at >= from && income.at < to)))
    .sort((left, right) => right.at - left.at || right.record.index - left.record.index);
  const start = Number(cursor);
  const page = all.slice(start, start + size).map((income) => rowOf(orders, income, region));
  const next = { cursor: all.length > start + size ? String(start + size) : '', page_size: size };
  const name = settings.incomeShape === 'table' ? 'income_detail_list_item' : 'list';
  return { income_detail_list: { [name]: page, next_page: next } };
}

function rowOf(orders: OrderStore, { record, status, amount, at }: Income, region: Region): JsonObject {
  const shown = toAmount(amount, region.decimals);
  return {
    payment_method: orders.contentOf(record).paymentMethod,
    order_sn: record.sn,
    description: 'Order Income',
    status: statusTexts[region.code]?.[status] ?? statusTexts['SG']?.[status] ?? '',
    currency: region.currency,
    creation_date: record.createTime,
    ...(status === released
      ? { released_amount: shown, actual_payout_time: at }
      : { estimated_escrow_amount: shown, estimated_payout_time: at }),
    ...(status === toRelease ? { to_release_amount: shown } : {}),
  };
}

/** In the language of the market, as in Shopee's sample from Indonesia; by income status. */
const statusTexts: Readonly<Record<string, readonly string[]>> = {
  SG: [
    'The payment will be transferred in the next payout.',
    'The payment has been successfully transferred.',
    'The payment is pending.',
  ],
  ID: ['Dana akan dilepaskan', 'Dana telah dilepaskan', 'Dana tertunda'],
};

function incomesOf(orders: OrderStore, shop: SandboxShop): Income[] {
  return [...orders.records()].flatMap((record): Income[] => {
    if (record.shopId !== shop.shopId || record.status === 'CANCELLED' || !hasEscrow(record)) return [];
    const settlement = settlementOf(orders, record);
    if (!settlement.isReleased) {
      // Nobody knows yet when an order will be completed.
      const at = record.releaseTime > 0 ? record.releaseTime : record.updateTime + 7 * day;
      return [{ record, status: pending, amount: settlement.escrow, at }];
    }
    const at = isLocal(shop) ? record.releaseTime : payoutTimeOf(record.releaseTime);
    return [{ record, status: at <= orders.time ? released : toRelease, amount: settlement.released, at }];
  });
}

function statusOf(call: Call, shop: SandboxShop): number {
  const status = call.query['income_status'];
  const known = isLocal(shop) ? ['1', '2'] : ['0', '1', '2'];
  if (status === undefined || !known.includes(status)) throw new ApiError('error_param', wrongStatus);
  return Number(status);
}

/** Both dates are required, and looked at for released income only: the days from the first to the last, in the market's time. */
function datesOf(query: Call['query'], status: number, region: Region): [from: number, to: number] {
  const from = dateOf(query['date_from'], region);
  const to = dateOf(query['date_to'], region);
  if (from === undefined || to === undefined) throw new ApiError('error_param', wrongDates);
  if (status === released && (to <= from || to - from > 14 * day)) throw new ApiError('error_param', wrongDates);
  return [from, to + day];
}

/** Midnight of that day in the market, unix seconds; undefined for what is no date. */
function dateOf(text: string | undefined, { timeZone }: Region): number | undefined {
  if (text === undefined || !/^\d{4}-\d\d-\d\d$/.test(text)) return undefined;
  const utc = Date.parse(`${text}T00:00:00Z`);
  if (Number.isNaN(utc)) return undefined;
  return utc / 1000 - offsetOf(utc, timeZone);
}

/** Seconds by which the market is ahead of UTC then. */
function offsetOf(utc: number, timeZone: string): number {
  const name = new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' })
    .formatToParts(utc)
    .find(({ type }) => type === 'timeZoneName')?.value;
  const [, sign, hours, minutes] = /([+-])(\d\d):(\d\d)/.exec(name ?? '') ?? [];
  if (sign === undefined) return 0;
  return (sign === '-' ? -1 : 1) * (Number(hours) * 3600 + Number(minutes) * 60);
}

function isLocal(shop: SandboxShop): boolean {
  return (shop.kind ?? 'local') === 'local';
}
