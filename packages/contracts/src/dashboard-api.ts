import { QueueStats } from './queue-stats.ts';
import { CellValue, DryRun, ShopeeOrderDetails, SheetOrder, OrderComparison, TestResult } from './worker-rpc.ts';
import { activityTypes } from '@shopee-webhook/store/activity-entry';
import { z } from 'zod';

/*
 * The dashboard's API: the JSON of every route. The browser app imports the types only.
 * All times are ms since the epoch, all durations ms unless the name says otherwise. Unsafe methods need a
 * same-origin request (`Sec-Fetch-Site: same-origin`, or `Origin` = `Host`) with `content-type: application/json` and a
 * body, be it `{}`. Errors everywhere: ErrorBody with status 4xx/5xx; 401 `login_required` = no session any more.
 *
 * open
 *   GET  /api/session                      → Session (always 200)
 *   POST /api/login      Login             → Session · 401 wrong_password · 429 (header retry-after, seconds)
 *   POST /api/logout     {}                → Session
 * with a session
 *   GET  /api/overview                     → Overview
 *   GET  /api/setup                        → Setup (first-run page)
 *   GET  /api/charts?range=1h|24h|7d       → Charts
 *   GET  /api/events?EventQuery            → EventPage
 *   GET  /api/events/histogram?HistogramQuery → Histogram
 *   GET  /api/events/:id                   → EventDetail · 404
 *   POST /api/events/:id/process {}        → Queued (its steps come under the same id) · 409 already_queued | no_payload
 *   POST /api/events/:id/dry-run {}        → DryRun · 409 no_payload · 502 worker_unavailable
 *   GET  /api/rejected                     → RejectedPushList
 *   GET  /api/dead-letters?DeadLetterQuery → DeadLetterPage
 *   GET  /api/dead-letters/groups?DeadLetterFilter → DeadLetterGroups
 *   POST /api/dead-letters/acknowledge Acknowledge → DeadLetterGroups
 *   GET  /api/dead-letters/export?DeadLetterFilter → a JSON file to save (an array of DeadLetterDetail)
 *   GET  /api/dead-letters/:id             → DeadLetterDetail · 404
 *   POST /api/dead-letters/replay  DeadLetterChoice → Task
 *   POST /api/dead-letters/discard DeadLetterChoice → Task
 *   GET  /api/tasks/:id                    → Task · 404 (also sent live)
 *   GET  /api/orders?OrderListQuery        → OrderList
 *   GET  /api/orders/:sn?shop=             → OrderLookup (shop may be left out when its events or one shop tell it)
 *   POST /api/orders/:sn/refresh OrderRefresh → Queued
 *   GET  /api/orders/:sn/row?shop=         → 302 to the row where it is now · 404 not_in_sheet · 502 sheet_unavailable
 *   GET  /api/money                        → Money
 *   GET  /api/statements/:shop/:month      → StatementView (`2026-11`)
 *   GET  /api/statements/:shop/:month/file → an Excel workbook to save · 404 nothing_to_state
 *   GET  /api/shops                        → ShopList
 *   POST /api/shops/connect ShopConnect    → Link (go there: Shopee's authorization page)
 *   POST /api/shops/:id/disconnect {}      → ShopList
 *   GET  /api/jobs                         → JobList
 *   POST /api/jobs/:name/run JobRun        → JobList · 409 running
 *   POST /api/jobs/:name/stop {}           → JobList
 *   GET  /api/settings                     → SettingList
 *   PUT  /api/settings/:name SettingUpdate → SettingList · 400 (says what is wrong with the value)
 *   POST /api/tests/:side {}               → TestResult; side = telegram | sheet | shopee
 *   GET  /api/workers                      → Workers
 *   POST /api/workers/pause {}             → Workers
 *   POST /api/workers/resume {}            → Workers
 *   GET  /api/live                         → text/event-stream; see LiveMessage
 * Answers that need the worker are 502 `worker_unavailable` while it cannot be reached; those that need Redis 503 `redis_unavailable`.
 */

export { CellValue, DryRun, ShopeeOrderDetails, SheetOrder, TestResult };

export const ErrorBody = z.object({ error: z.string(), message: z.string(), requestId: z.string() });
export type ErrorBody = z.infer<typeof ErrorBody>;

// --- session -----------------------------------------------------------------------------------------------------------

export const Session = z.object({
  authenticated: z.boolean(),
  /** The password was made by the forwarder and stands in its log; the login page says so. */
  passwordGenerated: z.boolean(),
  /** Of the product. */
  version: z.string(),
});
export type Session = z.infer<typeof Session>;

export const Login = z.object({ password: z.string().max(1_000) });
export type Login = z.infer<typeof Login>;

// --- overview ----------------------------------------------------------------------------------------------------------

export const HealthLevel = z.enum(['ok', 'warning', 'failing', 'off', 'unknown']);
export type HealthLevel = z.infer<typeof HealthLevel>;

/** One box of the flow picture. */
export const ComponentStatus = z.object({
  id: z.enum(['shopee', 'forwarder', 'redis', 'spool', 'consumers', 'shopee-api', 'sheets', 'telegram']),
  level: HealthLevel,
  /** One line: what it does now, or what is wrong. */
  detail: z.string(),
  /** What the operator does about it. */
  action: z.string().nullable(),
  /** When it came to this level. */
  since: z.number().nullable(),
  /** Events that passed it in the last full minute; null = not known. */
  perMinute: z.number().nullable(),
  /** Events that lie there now; null = nothing lies there, or not known. */
  depth: z.number().nullable(),
});
export type ComponentStatus = z.infer<typeof ComponentStatus>;

export const ActiveAlert = z.object({
  key: z.string(),
  severity: z.enum(['info', 'warning', 'critical']),
  title: z.string(),
  text: z.string(),
  since: z.number(),
});
export type ActiveAlert = z.infer<typeof ActiveAlert>;

/** What Shopee lists and what the sheet has, by the weekly reconcile; the «no order missing» account. */
export const ShopReconciliation = z.object({
  shop: z.string(),
  shopName: z.string().nullable(),
  /** The span that was compared: up to seven days. */
  from: z.number(),
  to: z.number(),
  checkedAt: z.number(),
  ordersAtShopee: z.number(),
  /** By now: with those that were repaired since. */
  ordersInSheet: z.number(),
  /** Found missing, and brought into the sheet since. */
  repaired: z.number(),
  /** Found missing and not there yet. */
  missing: z.number(),
  /** Oldest first, as they were found. */
  days: z.array(z.object({ date: z.string(), listed: z.number(), inSheet: z.number(), missing: z.number() })),
});
export type ShopReconciliation = z.infer<typeof ShopReconciliation>;

/** Orders that were placed today, in the shop's own time zone. */
export const Sales = z.object({
  currency: z.string(),
  orders: z.number(),
  cancelled: z.number(),
  /** Sum of order totals, cancelled and unpaid ones left out. */
  gross: z.number(),
  /** Sum of final amounts (for orders that have none yet: nothing). */
  net: z.number(),
  /** What `net` is called everywhere. */
  netLabel: z.string(),
  /** How many of the orders have a final amount. */
  netOrders: z.number(),
  /** As text with the currency's own digits, e.g. `Rp1.234.000`. */
  grossText: z.string(),
  netText: z.string(),
});
export type Sales = z.infer<typeof Sales>;

/** What needs a look, by the last payout check and the local history; null = not known. */
export const MoneyFigures = z.object({
  payoutsOverdue: z.number().nullable(),
  /** Paid out another amount than the final one. */
  payoutsDiffering: z.number().nullable(),
  unexplained: z.number().nullable(),
  toShipToday: z.number().nullable(),
  /** SKUs that were sold and have no cost. */
  costMissing: z.number().nullable(),
  /** When the payouts were checked. */
  checkedAt: z.number().nullable(),
});
export type MoneyFigures = z.infer<typeof MoneyFigures>;

export const Overview = z.object({
  at: z.number(),
  /** The one sentence: «Every order is in your sheet.» or what stands in the way. */
  headline: z.object({ level: z.enum(['ok', 'warning', 'failing', 'unknown']), text: z.string() }),
  /** Events accepted and not settled: queued, retrying, in flight, spooled. Null: unknown, Redis cannot be read. */
  pending: z.number().nullable(),
  /** Age of the oldest event in the queue or the spool; 0 = none waits, null = unknown. */
  oldestPendingSeconds: z.number().nullable(),
  /** Open dead letters, in Redis and on disk; null = unknown. */
  deadLetters: z.number().nullable(),
  /** The first shop's time zone (IANA), in which days are cut. */
  timeZone: z.string(),
  /** Shopee's API is a test environment or the sandbox. */
  isSandbox: z.boolean(),
  reconciliations: z.array(ShopReconciliation),
  money: MoneyFigures,
  /** Since midnight (UTC+8), from the history. */
  today: z.object({
    received: z.number(),
    handled: z.number(),
    duplicates: z.number(),
    failed: z.number(),
    deadLettered: z.number(),
    notified: z.number(),
    sales: z.array(Sales),
  }),
  components: z.array(ComponentStatus),
  queue: QueueStats,
  /** Over the last hour. */
  responseP50: z.number().nullable(),
  responseP95: z.number().nullable(),
  processingP50: z.number().nullable(),
  processingP95: z.number().nullable(),
  alerts: z.array(ActiveAlert),
  /** Something is still to be set up: show the link to the first-run page. */
  setupDone: z.boolean(),
});
export type Overview = z.infer<typeof Overview>;

/** A step of the first-run page, in the order in which one does them. */
export const SetupStep = z.object({
  id: z.enum(['push-url', 'shop', 'sheet', 'telegram', 'first-order']),
  title: z.string(),
  state: z.enum(['done', 'todo', 'failing', 'optional']),
  /** What is the case now. */
  detail: z.string(),
  /** What to do, in sentences; empty when done. */
  instructions: z.array(z.string()),
  /** Something to copy: the callback URL, the service account's e-mail. */
  copy: z.object({ label: z.string(), value: z.string() }).nullable(),
});
export type SetupStep = z.infer<typeof SetupStep>;

export const Setup = z.object({ done: z.boolean(), steps: z.array(SetupStep) });
export type Setup = z.infer<typeof Setup>;

// --- charts ------------------------------------------------------------------------------------------------------------

export const ChartRange = z.enum(['1h', '24h', '7d']);
export type ChartRange = z.infer<typeof ChartRange>;

export const ChartBucket = z.object({
  /** Start of the bucket. */
  at: z.number(),
  /** False for the last, which is still filling: drawn dashed. */
  complete: z.boolean(),
  received: z.number(),
  duplicates: z.number(),
  handled: z.number(),
  failed: z.number(),
  deadLettered: z.number(),
  notified: z.number(),
  responseP50: z.number().nullable(),
  responseP95: z.number().nullable(),
  processingP50: z.number().nullable(),
  processingP95: z.number().nullable(),
  /** Gauges; null = nobody looked in that time. */
  depth: z.number().nullable(),
  retrying: z.number().nullable(),
  deadLetters: z.number().nullable(),
  spool: z.number().nullable(),
  /** Google's quota used, 0 to 1 of what one service account may do in a minute. */
  sheetReads: z.number().nullable(),
  sheetWrites: z.number().nullable(),
  /** Calls to Shopee a minute. */
  shopeeCalls: z.number().nullable(),
});
export type ChartBucket = z.infer<typeof ChartBucket>;

export const Charts = z.object({
  range: ChartRange,
  bucketMs: z.number(),
  /** Oldest first, without gaps. */
  buckets: z.array(ChartBucket),
});
export type Charts = z.infer<typeof Charts>;

// --- events ------------------------------------------------------------------------------------------------------------

export const EventStateName = z.enum(['waiting', 'working', 'retrying', 'handled', 'dead', 'discarded']);
export type EventStateName = z.infer<typeof EventStateName>;

const numberInQuery = z.coerce.number().int().min(0);

/** Also the URL's search parameters of the Events page. */
export const EventFilter = z.object({
  /** An event's id, or the beginning of an order number. */
  search: z.string().trim().max(100).optional(),
  code: numberInQuery.optional(),
  shop: z.string().regex(/^\d+$/).optional(),
  state: EventStateName.optional(),
  /** Inclusive. */
  from: numberInQuery.optional(),
  /** Exclusive. */
  to: numberInQuery.optional(),
});
export type EventFilter = z.infer<typeof EventFilter>;

export const EventQuery = EventFilter.extend({
  /** The last page's `next`. */
  before: numberInQuery.optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});
export type EventQuery = z.input<typeof EventQuery>;

export const EventItem = z.object({
  /** The list's order and cursor. */
  seq: z.number(),
  id: z.string(),
  at: z.number(),
  code: z.number().nullable(),
  /** Of the code, e.g. «Order status». */
  title: z.string(),
  emoji: z.string(),
  shop: z.string().nullable(),
  shopName: z.string().nullable(),
  sn: z.string().nullable(),
  state: EventStateName,
  attempts: z.number(),
  duplicates: z.number(),
  notified: z.boolean(),
  row: z.number().nullable(),
  reason: z.string().nullable(),
  error: z.string().nullable(),
  responseMs: z.number().nullable(),
  processingMs: z.number().nullable(),
  lastAt: z.number(),
});
export type EventItem = z.infer<typeof EventItem>;

export const EventPage = z.object({
  events: z.array(EventItem),
  /** Pass as `before` for the next page; null = that was the last. */
  next: z.number().nullable(),
});
export type EventPage = z.infer<typeof EventPage>;

export const HistogramQuery = EventFilter.extend({
  from: numberInQuery,
  to: numberInQuery,
  buckets: z.coerce.number().int().min(1).max(200).default(60),
});
export type HistogramQuery = z.input<typeof HistogramQuery>;

export const Histogram = z.object({
  bucketMs: z.number(),
  total: z.number(),
  /** Oldest first, without gaps. */
  buckets: z.array(z.object({ at: z.number(), count: z.number(), deadLettered: z.number() })),
});
export type Histogram = z.infer<typeof Histogram>;

export const ActivityType = z.enum(activityTypes);
export type ActivityType = z.infer<typeof ActivityType>;

export const EventStep = z.object({
  at: z.number(),
  step: ActivityType,
  ms: z.number().nullable(),
  attempt: z.number().nullable(),
  row: z.number().nullable(),
  reason: z.string().nullable(),
  error: z.string().nullable(),
});
export type EventStep = z.infer<typeof EventStep>;

export const SignatureCheck = z.object({
  /** `match`: signed with a key we have. `mismatch`: with none any more (rotated). `unknown`: came another way, or before it was kept. */
  result: z.enum(['match', 'mismatch', 'unknown']),
  /** What was signed: this, `|` and the body. */
  url: z.string().nullable(),
  /** 1 = the first WEBHOOK_PARTNER_KEY. */
  keyNumber: z.number().nullable(),
  /** E.g. `WEBHOOK_PARTNER_KEY number 1` or `PARTNER_KEY`. */
  keyName: z.string().nullable(),
  /** As it came in `Authorization`. */
  signature: z.string().nullable(),
  bodySha256: z.string().nullable(),
});
export type SignatureCheck = z.infer<typeof SignatureCheck>;

export const EventDetail = z.object({
  event: EventItem,
  /** Oldest first. Group them into attempts by `taken`, `returned` and `replayed`. */
  steps: z.array(EventStep),
  /** The push, letter by letter; null = another forwarder received it, or it is no longer kept. */
  payload: z.string().nullable(),
  /** `push`, `lost-push`, `reconcile`, `backfill`, `refresh`, `payout` … */
  source: z.string(),
  signature: SignatureCheck,
  links: z.object({
    /** The row in Google Sheets. */
    row: z.string().nullable(),
    sellerCenter: z.string().nullable(),
  }),
  can: z.object({ process: z.boolean(), dryRun: z.boolean() }),
});
export type EventDetail = z.infer<typeof EventDetail>;

/** A message that went into the queue; its event is at /api/events/:id as soon as its first step is known (< 1 s). */
export const QueuedEvent = z.object({ id: z.string() });
export type QueuedEvent = z.infer<typeof QueuedEvent>;

// --- rejected -----------------------------------------------------------------------------------------------------------

export const RejectedPush = z.object({
  at: z.number(),
  status: z.number(),
  reason: z.enum(['no-signature', 'wrong-signature', 'not-a-push', 'too-large', 'unreadable']),
  /** In words; for a wrong signature, what would have matched when it is known. */
  detail: z.string().nullable(),
  from: z.string(),
  userAgent: z.string().nullable(),
  signaturePrefix: z.string().nullable(),
  urlsTried: z.array(z.string()),
  /** Names of the keys that were tried, never the keys. */
  keysTried: z.array(z.string()),
  bodyBytes: z.number(),
  bodySha256: z.string(),
  /** Anything that somebody sent: show as text only. */
  bodyPrefix: z.string(),
});
export type RejectedPush = z.infer<typeof RejectedPush>;

export const RejectedPushList = z.object({
  /** Since the forwarder was installed; the list holds the last 200 at most, newest first. */
  total: z.number(),
  /** How pushes were answered in the last 6 h, which Shopee judges. */
  last6h: z.object({
    pushes: z.number(),
    accepted: z.number(),
    rejected: z.number(),
    slow: z.number(),
    /** accepted / pushes, 0 to 1; null of none. Shopee warns below 0.7 and suspends below 0.3 (over 600 pushes). */
    successRate: z.number().nullable(),
  }),
  rejected: z.array(RejectedPush),
  /** Requests without a signature, which are none of Shopee's: apart, and at most the last 50. */
  unsigned: z.object({ total: z.number(), last: z.array(RejectedPush) }),
});
export type RejectedPushList = z.infer<typeof RejectedPushList>;

// --- dead letters ------------------------------------------------------------------------------------------------------

export const DeadLetterFilter = z.object({
  reason: z.string().max(200).optional(),
  code: numberInQuery.optional(),
  shop: z.string().regex(/^\d+$/).optional(),
  from: numberInQuery.optional(),
  to: numberInQuery.optional(),
});
export type DeadLetterFilter = z.infer<typeof DeadLetterFilter>;

export const DeadLetterQuery = DeadLetterFilter.extend({
  offset: numberInQuery.default(0),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});
export type DeadLetterQuery = z.input<typeof DeadLetterQuery>;

export const DeadLetterItem = z.object({
  id: z.string(),
  reason: z.string(),
  error: z.string(),
  attempts: z.number(),
  code: z.number().nullable(),
  title: z.string(),
  emoji: z.string(),
  shop: z.string().nullable(),
  shopName: z.string().nullable(),
  sn: z.string().nullable(),
  source: z.string().nullable(),
  firstFailedAt: z.number().nullable(),
  deadLetteredAt: z.number().nullable(),
  /** How often it died before. */
  previousFailures: z.number(),
  /** False for what never was a message. */
  replayable: z.boolean(),
});
export type DeadLetterItem = z.infer<typeof DeadLetterItem>;

export const DeadLetterPage = z.object({ total: z.number(), deadLetters: z.array(DeadLetterItem) });
export type DeadLetterPage = z.infer<typeof DeadLetterPage>;

export const DeadLetterGroups = z.object({
  total: z.number(),
  groups: z.array(
    z.object({
      reason: z.string(),
      /** In plain words: what it means and what to do. */
      description: z.string(),
      /** Of the newest. */
      error: z.string(),
      count: z.number(),
      firstDeadLetteredAt: z.number().nullable(),
      lastDeadLetteredAt: z.number().nullable(),
      codes: z.array(z.number()),
      /** By an operator, and nothing was added since; null = not acknowledged. */
      acknowledged: z.object({ note: z.string(), at: z.number() }).nullable(),
    }),
  ),
});
export const Acknowledge = z.object({ reason: z.string().min(1).max(200), note: z.string().trim().max(500) });
export type Acknowledge = z.infer<typeof Acknowledge>;
export type DeadLetterGroups = z.infer<typeof DeadLetterGroups>;

export const DeadLetterDetail = DeadLetterItem.extend({
  /** The push, letter by letter; null when it never was a message. */
  payload: z.string().nullable(),
  /** What lay in the queue and was no message. */
  malformed: z.string().nullable(),
  metadata: z.record(z.string(), z.unknown()),
  history: z.array(
    z.object({
      reason: z.string().nullable(),
      error: z.string().nullable(),
      attempts: z.number().nullable(),
      deadLetteredAt: z.number().nullable(),
      replayedAt: z.number().nullable(),
    }),
  ),
});
export type DeadLetterDetail = z.infer<typeof DeadLetterDetail>;

/** `{ filter: {} }` is all. */
export const DeadLetterSelection = z.union([
  z.object({ ids: z.array(z.string().max(200)).min(1).max(10_000) }),
  z.object({ filter: DeadLetterFilter }),
]);
export type DeadLetterSelection = z.infer<typeof DeadLetterSelection>;

/** Something that runs on after its request was answered. */
export const BulkOperation = z.object({
  id: z.string(),
  kind: z.enum(['replay', 'discard']),
  state: z.enum(['running', 'done', 'failed']),
  done: z.number(),
  total: z.number(),
  /** Could not be replayed, for they are no messages. */
  rejected: z.number(),
  /** Gone meanwhile. */
  missing: z.number(),
  error: z.string().nullable(),
});
export type BulkOperation = z.infer<typeof BulkOperation>;

// --- orders ------------------------------------------------------------------------------------------------------------

/** An order from each side: what Shopee says, what the sheet has, what happened to it. */
export const OrderLookup = OrderComparison.extend({
  sn: z.string(),
  /** Null: not known which shop; choose one and ask again with `shop`. */
  shop: z.string().nullable(),
  shopName: z.string().nullable(),
  /** Newest first, 50 at most. */
  events: z.array(EventItem),
  sellerCenter: z.string().nullable(),
});
export type OrderLookup = z.infer<typeof OrderLookup>;

export const OrderListQuery = z.object({
  shop: z.string().regex(/^\d+$/).optional(),
  /** Shopee's own status, e.g. `READY_TO_SHIP`. */
  status: z.string().max(50).optional(),
  inSheet: z.enum(['yes', 'no']).optional(),
  /** To be handed over before this time and not handed over. */
  shipBefore: numberInQuery.optional(),
  from: numberInQuery.optional(),
  to: numberInQuery.optional(),
  /** The last page's `next`. */
  before: z.string().max(200).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});
export type OrderListQuery = z.input<typeof OrderListQuery>;

export const OrderListItem = z.object({
  shop: z.string(),
  shopName: z.string().nullable(),
  sn: z.string(),
  /** When it was placed, or its first event while that is not known. */
  at: z.number(),
  status: z.string().nullable(),
  totalText: z.string().nullable(),
  /** The final amount, by Shopee's escrow; null = not known yet. */
  netText: z.string().nullable(),
  shipBy: z.number().nullable(),
  inSheet: z.boolean(),
  row: z.number().nullable(),
});
export type OrderListItem = z.infer<typeof OrderListItem>;

export const OrderList = z.object({
  /** Newest first; from the local history, so that it is there while the worker is down. */
  orders: z.array(OrderListItem),
  /** Over all that match. */
  totals: z.object({
    orders: z.number(),
    missing: z.number(),
    sums: z.array(
      z.object({
        currency: z.string(),
        grossText: z.string(),
        /** Null: of no order known. */
        netText: z.string().nullable(),
        /** Neither canceled nor unpaid, and those of them whose net is known. */
        paidOrders: z.number(),
        netOrders: z.number(),
      }),
    ),
  }),
  /** What `netText` is called everywhere. */
  netLabel: z.string(),
  next: z.string().nullable(),
});
export type OrderList = z.infer<typeof OrderList>;

export const OrderRefresh = z.object({ shop: z.string().regex(/^\d+$/).optional() });
export type OrderRefresh = z.infer<typeof OrderRefresh>;

// --- money -------------------------------------------------------------------------------------------------------------

const moneyOrderView = z.object({
  shop: z.string(),
  shopName: z.string().nullable(),
  sn: z.string(),
  /** Overdue: what is to be paid out; else what does not agree. Null: not known. */
  amountText: z.string().nullable(),
  /** When the payout was due or was made. */
  at: z.number(),
  reason: z.string(),
});

export const MoneyOrderList = z.object({
  orders: z.number(),
  /** Each null while the amount of one order is not known. */
  sumTexts: z.array(z.string().nullable()),
  /** The oldest; at most 100 of a shop. */
  named: z.array(moneyOrderView),
});
export type MoneyOrderList = z.infer<typeof MoneyOrderList>;

export const Money = z.object({
  /** When the payouts were checked; null = never. */
  checkedAt: z.number().nullable(),
  overdue: MoneyOrderList.nullable(),
  differs: MoneyOrderList.nullable(),
  /** Null: no order says whether its escrow amount is explained. */
  unexplained: MoneyOrderList.nullable(),
  /** Each month of each wallet, newest first; `opening + added + deducted + gap = closing`. */
  months: z.array(
    z.object({
      shop: z.string(),
      shopName: z.string().nullable(),
      month: z.string(),
      openingText: z.string(),
      addedText: z.string(),
      deductedText: z.string(),
      /** Null: it adds up. */
      gapText: z.string().nullable(),
      closingText: z.string(),
      transactions: z.number(),
    }),
  ),
  shops: z.array(z.object({ shop: z.string(), name: z.string().nullable() })),
});
export type Money = z.infer<typeof Money>;

export const StatementView = z.object({
  /** One per currency; none when nothing was paid out and the wallet did not move. */
  statements: z.array(
    z.object({
      currency: z.string(),
      lines: z.array(
        z.object({
          label: z.string(),
          /** Null: not known; of a section none. */
          text: z.string().nullable(),
          kind: z.enum(['section', 'amount', 'total']),
          note: z.string().nullable(),
        }),
      ),
    }),
  ),
});
export type StatementView = z.infer<typeof StatementView>;

// --- shops -------------------------------------------------------------------------------------------------------------

export const ShopItem = z.object({
  shop: z.string(),
  name: z.string().nullable(),
  region: z.string().nullable(),
  state: z.enum(['active', 'expired', 'revoked']),
  reason: z.string().nullable(),
  /** 0: refreshed before its next use. */
  accessExpiresAt: z.number(),
  refreshExpiresAt: z.number(),
  /** When the seller has to authorize again; null = Shopee did not say. */
  authorizationExpiresAt: z.number().nullable(),
  updatedAt: z.number(),
  /** Where its rows go; null = not known (the worker is unavailable). */
  spreadsheetUrl: z.string().nullable(),
  lastEventAt: z.number().nullable(),
});
export type ShopItem = z.infer<typeof ShopItem>;

export const PushSubscription = z.object({
  /** Shopee's own word: `Normal`, `Warning`, `Suspended`; null = could not be asked. */
  status: z.string().nullable(),
  level: HealthLevel,
  callbackUrl: z.string().nullable(),
  /** Event codes that are pushed. */
  enabledCodes: z.array(z.number()),
  disabledCodes: z.array(z.number()),
  /** Shops that the app does not push for, as set in the console. */
  blockedShops: z.array(z.string()),
  suspendedAt: z.number().nullable(),
  error: z.string().nullable(),
});
export type PushSubscription = z.infer<typeof PushSubscription>;

export const ShopList = z.object({
  shops: z.array(ShopItem),
  /** They authorized the app or have events here, which wait, and there are no tokens of theirs. */
  shopsWithoutTokens: z.array(z.object({ shop: z.string(), lastEventAt: z.number().nullable() })),
  push: PushSubscription,
  /** Why no shop can be connected here now (PUBLIC_URL is missing); null = it can. */
  connectHint: z.string().nullable(),
});
export type ShopList = z.infer<typeof ShopList>;

export const ShopConnect = z.object({
  /** Only for a shop under a main account. */
  form: z.enum(['shop', 'main-account']).default('shop'),
});
export type ShopConnect = z.input<typeof ShopConnect>;

export const Link = z.object({ url: z.string() });
export type Link = z.infer<typeof Link>;

// --- jobs --------------------------------------------------------------------------------------------------------------

export const JobItem = z.object({
  /** `reconcile`, `lost-pushes`, `payouts`, `backfill` … */
  name: z.string(),
  title: z.string(),
  description: z.string(),
  state: z.enum(['idle', 'running', 'off']),
  /** E.g. «every 30 minutes»; null = only when asked. */
  schedule: z.string().nullable(),
  lastRunAt: z.number().nullable(),
  lastMs: z.number().nullable(),
  nextRunAt: z.number().nullable(),
  lastResult: z
    .object({
      ok: z.boolean(),
      /** It went well, but for shops that could not be looked at. */
      partial: z.boolean(),
      text: z.string(),
      counts: z.record(z.string(), z.number()),
    })
    .nullable(),
  progress: z
    .object({ done: z.number(), total: z.number().nullable(), text: z.string(), startedAt: z.number() })
    .nullable(),
  /** What `JobRun` may carry. */
  parameters: z.array(z.enum(['shop', 'from', 'to'])),
  canStop: z.boolean(),
});
export type JobItem = z.infer<typeof JobItem>;

export const JobList = z.object({ jobs: z.array(JobItem) });
export type JobList = z.infer<typeof JobList>;

export const JobRun = z.object({
  shop: z.string().regex(/^\d+$/).optional(),
  from: z.number().int().optional(),
  to: z.number().int().optional(),
});
export type JobRun = z.infer<typeof JobRun>;

// --- settings ----------------------------------------------------------------------------------------------------------

export const SettingItem = z.object({
  /** The environment variable's name; also the one in PUT /api/settings/:name. */
  name: z.string(),
  group: z.enum(['Shopee', 'Redis', 'Google Sheets', 'Telegram', 'Worker', 'Jobs', 'Dashboard', 'Service']),
  description: z.string(),
  /** As text; of a secret null. */
  value: z.string().nullable(),
  secret: z.boolean(),
  isSet: z.boolean(),
  source: z.enum(['env', 'default', 'changed']),
  /** What holds without the change made here; null when nothing was changed. */
  baseValue: z.string().nullable(),
  /** `unknown` while the worker cannot be reached. */
  service: z.enum(['forwarder', 'worker', 'both']),
  /** How it is edited here; null = only in the environment, with a restart. */
  edit: z
    .discriminatedUnion('kind', [
      /** A list of event codes, sent as number[]. */
      z.object({
        kind: z.literal('codes'),
        value: z.array(z.number()),
        choices: z.array(z.object({ code: z.number(), title: z.string() })),
      }),
      z.object({ kind: z.literal('choice'), value: z.string(), choices: z.array(z.string()) }),
      /** Free text, checked by the server; '' = off. `hint` shows the form. */
      z.object({ kind: z.literal('text'), value: z.string(), hint: z.string() }),
    ])
    .nullable(),
});
export type SettingItem = z.infer<typeof SettingItem>;

export const SettingChangeItem = z.object({
  name: z.string(),
  from: z.string().nullable(),
  to: z.string().nullable(),
  by: z.string(),
  at: z.number(),
});
export type SettingChangeItem = z.infer<typeof SettingChangeItem>;

export const SettingList = z.object({
  settings: z.array(SettingItem),
  /** Newest first. */
  changes: z.array(SettingChangeItem),
  /** Why nothing can be changed now (Redis is unavailable or disabled); null = it can. */
  readOnly: z.string().nullable(),
});
export type SettingList = z.infer<typeof SettingList>;

/** null = back to what the environment says. */
export const SettingUpdate = z.object({ value: z.union([z.string(), z.array(z.number().int()), z.null()]) });
export type SettingUpdate = z.infer<typeof SettingUpdate>;

export const ConnectionTestTarget = z.enum(['telegram', 'sheet', 'shopee']);
export type ConnectionTestTarget = z.infer<typeof ConnectionTestTarget>;

// --- workers -----------------------------------------------------------------------------------------------------------

export const ConsumerItem = z.object({
  id: z.string(),
  state: z.enum(['idle', 'busy', 'paused', 'stopped']),
  processed: z.number(),
  failed: z.number(),
  retried: z.number(),
  avgProcessingMs: z.number(),
  lastProcessedAt: z.number().nullable(),
  heartbeatAgeMs: z.number().nullable(),
  /** How many; the first 20 are named. */
  inFlight: z.number(),
  inFlightMessages: z.array(
    z.object({ id: z.string(), code: z.number().nullable(), sn: z.string().nullable(), enqueuedAt: z.number() }),
  ),
});
export type ConsumerItem = z.infer<typeof ConsumerItem>;

export const Workers = z.object({
  /** Whether any worker answers at FORWARD_WEBHOOK_URL. */
  reachable: z.boolean(),
  /** Paused by a person: consumers finish what they hold and take no more. */
  paused: z.boolean(),
  pausedSince: z.number().nullable(),
  consumers: z.array(ConsumerItem),
  /** Sides that cannot be called now: `shop 700000001`, `sheet 1x…`. */
  unavailableUpstreams: z.array(z.object({ upstream: z.string(), since: z.number() })),
});
export type Workers = z.infer<typeof Workers>;

// --- live --------------------------------------------------------------------------------------------------------------

/** One thing that just happened. */
export const LiveActivity = EventStep.extend({
  id: z.string(),
  code: z.number().nullable(),
  shop: z.string().nullable(),
  sn: z.string().nullable(),
});
export type LiveActivity = z.infer<typeof LiveActivity>;

/**
 * The stream's messages: `event: <kind>`, `data:` the JSON of the rest; comments come every 15 s. `steps` carry an `id:`,
 * so that a new connection (EventSource sends Last-Event-ID) resumes without gaps. Steps are batched: at most
 * 5 messages a second. `reset`: what was missed is too much; fetch everything again. `pulse` comes every 2 s while
 * something moves and every 5 s otherwise: a client that receives nothing for 15 s is not live.
 */
export const LiveMessage = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('steps'), steps: z.array(LiveActivity) }),
  z.object({ kind: z.literal('pulse'), overview: Overview }),
  z.object({ kind: z.literal('task'), task: BulkOperation }),
  z.object({ kind: z.literal('reset') }),
]);
export type LiveMessage = z.infer<typeof LiveMessage>;
