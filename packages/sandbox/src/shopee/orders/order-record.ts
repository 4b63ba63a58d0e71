/** Shopee's order statuses (guide 31). PENDING shows only to those who ask for it. */
export type OrderStatus =
  | 'UNPAID'
  | 'PENDING'
  | 'READY_TO_SHIP'
  | 'PROCESSED'
  | 'RETRY_SHIP'
  | 'SHIPPED'
  | 'TO_CONFIRM_RECEIVE'
  | 'IN_CANCEL'
  | 'CANCELLED'
  | 'TO_RETURN'
  | 'COMPLETED';

export type ReturnStatus =
  'REQUESTED' | 'ACCEPTED' | 'PROCESSING' | 'JUDGING' | 'SELLER_DISPUTE' | 'CLOSED' | 'CANCELLED';

export interface ReturnRecord {
  sn: string;
  orderSn: string;
  shopId: number;
  status: ReturnStatus;
  /** How many of each line of the order. */
  quantities: number[];
  /** What the buyer gets, in minor units. */
  refund: number;
  createTime: number;
  updateTime: number;
  /** The order's status before the return, to go back to. */
  before: OrderStatus;
  /** It was closed after the order's money had been released. */
  isLate: boolean;
}

/** A correction that Shopee posted after the release; signed, in minor units. */
export interface PostedCorrection {
  amount: number;
  at: number;
  reason: string;
}

/** What changes about an order. All times are unix seconds, 0 = not yet. */
export interface OrderRecord {
  /** Its number in the order store; with the seed it gives the order's unchanging facts. */
  index: number;
  sn: string;
  shopId: number;
  status: OrderStatus;
  createTime: number;
  updateTime: number;
  payTime: number;
  /** When the carrier got its number; the parcel can be tracked from then on. */
  arrangedTime: number;
  pickupTime: number;
  completedTime: number;
  /** When the money is released: days after the completion, so it may lie ahead. */
  releaseTime: number;
  /** Seconds by which the seller's time to ship was extended. */
  extension: number;
  cancelBy: '' | 'buyer' | 'seller' | 'system';
  cancelReason: string;
  scenario: '' | 'NORMAL' | 'RRAOC';
  /** The parcel could not be delivered and went back to the seller. */
  undelivered: boolean;
  /** The carrier lost the parcel. */
  lost: boolean;
  /** What was posted by hand, beside what the order brings with it. */
  corrections: PostedCorrection[];
  returns: ReturnRecord[];
}

/** Whether the seller sells at home, into another country, or Shopee sells on for them there (a SIP affiliate's shop). */
export type ShopKind = 'local' | 'cross-border' | 'sip-affiliate';

/** A shop of the fake. */
export interface SandboxShop {
  shopId: number;
  name: string;
  region: string;
  /** A local shop when left out. */
  kind?: ShopKind;
  /** The shop of the seller whose goods an affiliate's shop sells in another country. */
  primaryShopId?: number;
  isCompany?: boolean;
  mainAccountId?: number;
  merchantId?: number;
}

/** A push as it will be sent: Shopee's envelope. */
export interface PushBody {
  data: Record<string, unknown>;
  shop_id?: number;
  partner_id?: number;
  code: number;
  timestamp?: number;
}

/** What a step in an order's life did, and the pushes that Shopee sends for it, in their order. */
export interface Change {
  record: OrderRecord;
  pushes: PushBody[];
}

/** How many of each line are in returns of that status, or of any that is still open. */
export function returnedOf(record: OrderRecord, status: 'CLOSED' | 'open'): number[] {
  return returnedIn(
    record.returns.filter((entry) =>
      status === 'CLOSED' ? entry.status === 'CLOSED' : entry.status !== 'CLOSED' && entry.status !== 'CANCELLED',
    ),
  );
}

/** How many of each line are in these returns. */
export function returnedIn(entries: readonly ReturnRecord[]): number[] {
  const counts: number[] = [];
  for (const { quantities } of entries)
    quantities.forEach((quantity, index) => (counts[index] = (counts[index] ?? 0) + quantity));
  return counts;
}

const alphabet = '0123456789ABCDEFGHJKMNPQRSTUVWXY';

/** An order number as Shopee makes them: the date, then eight characters that look random and never repeat. */
export function orderSnOf(seed: number, index: number, createTime: number): string {
  // An odd multiplier permutes the numbers below 2^40, so different indexes never meet.
  let rest = BigInt.asUintN(40, BigInt(index + 1) * 0x9e3779b97fn + BigInt(seed) * 0x51ed27n);
  let code = '';
  for (let position = 0; position < 8; position += 1) {
    code += alphabet.charAt(Number(rest & 31n));
    rest >>= 5n;
  }
  return `${dateOf(createTime)}${code}`;
}

/** The package numbers of an order: one, or two when it is sent split. */
export function packageNumbersOf(record: OrderRecord, split: boolean): string[] {
  const number = (part: number) => `OFG${String(100_000_000_000_000 + record.index * 2 + part)}`;
  return split ? [number(0), number(1)] : [number(0)];
}

/** The number under which the carrier knows package `part`. */
export function trackingNumberOf(record: OrderRecord, prefix: string, part: number): string {
  return `${prefix}${String(10_000_000_000 + record.index * 2 + part)}`;
}

/** YYMMDD in UTC, as order and return numbers begin. */
export function dateOf(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(2, 10).replaceAll('-', '');
}
