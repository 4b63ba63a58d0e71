import { ReconciliationReport } from '@shopee-webhook/store';
import { z } from 'zod';

/*
 * What the forwarder's dashboard asks the worker: POST <worker>/internal/<verb> with a JSON body that names the verb
 * again (the signature covers the body only). Times are ms since the epoch.
 */

export const CellValue = z.union([z.string(), z.number(), z.boolean(), z.null()]);
export type CellValue = z.infer<typeof CellValue>;

/** What Shopee says of an order, as the alert shows it. */
export const ShopeeOrderDetails = z.object({
  sn: z.string(),
  status: z.string().nullable(),
  region: z.string().nullable(),
  currency: z.string().nullable(),
  createdAt: z.number().nullable(),
  updatedAt: z.number().nullable(),
  paidAt: z.number().nullable(),
  shipBy: z.number().nullable(),
  totalText: z.string().nullable(),
  buyer: z.object({
    username: z.string().nullable(),
    name: z.string().nullable(),
    phone: z.string().nullable(),
    address: z.string().nullable(),
  }),
  paymentMethod: z.string().nullable(),
  carrier: z.string().nullable(),
  trackingNumbers: z.array(z.string()),
  note: z.string().nullable(),
  messageToSeller: z.string().nullable(),
  cancelReason: z.string().nullable(),
  items: z.array(
    z.object({
      name: z.string(),
      variation: z.string().nullable(),
      sku: z.string().nullable(),
      quantity: z.number(),
      priceText: z.string().nullable(),
    }),
  ),
  /** Names and formatted amounts, in reading order; empty while Shopee has no escrow for it. */
  income: z.array(z.object({ label: z.string(), text: z.string(), isSum: z.boolean().default(false) })),
});
export type ShopeeOrderDetails = z.infer<typeof ShopeeOrderDetails>;

export const SheetOrder = z.object({
  row: z.number(),
  link: z.string(),
  cells: z.array(z.object({ column: z.string(), title: z.string(), value: CellValue })),
});
export type SheetOrder = z.infer<typeof SheetOrder>;

/** Each side's answer, or its own words on why there is none. `row` null without an error: not in the sheet. */
export const OrderComparison = z.object({
  shopee: z.object({ order: ShopeeOrderDetails.nullable(), error: z.string().nullable() }),
  sheet: z.object({ row: SheetOrder.nullable(), error: z.string().nullable() }),
});
export type OrderComparison = z.infer<typeof OrderComparison>;

/** What processing would write, column by column. */
export const DryRun = z.object({
  tabs: z.array(
    z.object({
      tab: z.string(),
      key: z.string(),
      /** Null: the row would be new. */
      row: z.number().nullable(),
      link: z.string().nullable(),
      /** In the sheet's order. `before` null with a row = empty cell. */
      cells: z.array(
        z.object({
          column: z.string(),
          title: z.string(),
          before: CellValue,
          after: CellValue,
          changes: z.boolean(),
        }),
      ),
      /** Newer than what would be written, so nothing would be. */
      stale: z.boolean(),
    }),
  ),
  /** Why nothing would be written, in words: not an order event, rejected by Shopee, …; null otherwise. */
  noChangeReason: z.string().nullable(),
});
export type DryRun = z.infer<typeof DryRun>;

export const TestResult = z.object({
  ok: z.boolean(),
  ms: z.number(),
  /** What happened, step by step. */
  steps: z.array(z.object({ text: z.string(), ok: z.boolean() })),
  /** The upstream's own message; null when it went well. */
  error: z.string().nullable(),
});
export type TestResult = z.infer<typeof TestResult>;

/** How the app receives pushes, by Shopee. */
export const PushStatus = z.object({
  /** Shopee's own word: `normal`, `warning`, `suspended`. */
  status: z.string().nullable(),
  callbackUrl: z.string().nullable(),
  enabledCodes: z.array(z.number()),
  disabledCodes: z.array(z.number()),
  blockedShops: z.array(z.string()),
  suspendedAt: z.number().nullable(),
  error: z.string().nullable(),
});
export type PushStatus = z.infer<typeof PushStatus>;

export const WorkerSetting = z.object({
  name: z.string(),
  /** Null: a secret, or not set. */
  value: z.string().nullable(),
  isSet: z.boolean(),
  fromEnv: z.boolean(),
});
export type WorkerSetting = z.infer<typeof WorkerSetting>;

const WorkerSettings = z.object({
  settings: z.array(WorkerSetting),
  /** Whom the spreadsheets must be shared with. */
  serviceAccount: z.string(),
  spreadsheets: z.array(z.object({ shop: z.string().nullable(), spreadsheetId: z.string() })),
});
export type WorkerSettings = z.infer<typeof WorkerSettings>;

/** How a job stands; see the worker's JobState. */
export const JobStatus = z.object({
  name: z.string(),
  description: z.string(),
  intervalMs: z.number().nullable(),
  running: z.boolean(),
  startedAt: z.number().nullable(),
  endedAt: z.number().nullable(),
  ok: z.boolean().nullable(),
  error: z.string().nullable(),
  result: z.record(z.string(), z.unknown()).nullable(),
  nextAt: z.number().nullable(),
});
export type JobStatus = z.infer<typeof JobStatus>;

/** An order whose money needs a look. */
export const MoneyOrder = z.object({
  sn: z.string(),
  currency: z.string(),
  /** Overdue: what is to be paid out; else what does not agree. Null: not known. */
  amount: z.number().nullable(),
  /** When its payout was due, or was made; of an order that is not paid out, its last change. */
  at: z.number(),
  reason: z.string(),
});
export type MoneyOrder = z.infer<typeof MoneyOrder>;

const moneyOrders = z.object({
  orders: z.number(),
  /** Null: not known of every one. */
  sums: z.array(z.object({ currency: z.string(), amount: z.number().nullable() })),
  /** The first 100, oldest first. */
  named: z.array(MoneyOrder),
});

/** One month of a wallet: `opening + added + deducted + gap = closing`. */
export const WalletMonth = z.object({
  /** `2026-11`, in the shop's zone. */
  month: z.string(),
  currency: z.string(),
  opening: z.number(),
  added: z.number(),
  deducted: z.number(),
  /** By how much the balance moved with no transaction that says why. */
  gap: z.number(),
  closing: z.number(),
  transactions: z.number(),
});
export type WalletMonth = z.infer<typeof WalletMonth>;

/** A month's statement in one currency; positive amounts are the seller's, null is not known. */
export const MoneyStatement = z.object({
  currency: z.string(),
  lines: z.array(
    z.object({
      label: z.string(),
      amount: z.number().nullable(),
      kind: z.enum(['section', 'amount', 'total']),
      note: z.string().nullable(),
    }),
  ),
});
export type MoneyStatement = z.infer<typeof MoneyStatement>;

/** What the last payout check found of a shop. */
export const MoneyReport = z.object({
  shopId: z.string(),
  checkedAt: z.number(),
  overdue: moneyOrders,
  differs: moneyOrders,
  /** Null: no order says whether its escrow amount is explained. */
  unexplained: moneyOrders.nullable(),
  walletMonths: z.array(WalletMonth),
});
export type MoneyReport = z.infer<typeof MoneyReport>;

const jobName = z.string().min(1).max(50);
const jobs = z.object({ jobs: z.array(JobStatus), scheduled: z.boolean() });

const order = z.object({ shop: z.string().regex(/^\d+$/), sn: z.string().min(1).max(100) });
const none = z.object({});

/** Every verb with what is asked and what is answered. */
export const workerRpc = {
  order: { params: order, result: OrderComparison },
  'order-row': { params: order, result: OrderComparison.shape.sheet },
  'dry-run': { params: z.object({ id: z.string(), payloadText: z.string() }), result: DryRun },
  'test-sheet': { params: none, result: TestResult },
  'test-shopee': { params: none, result: TestResult },
  'push-status': { params: none, result: PushStatus },
  /** Orders by their numbers, or all of a buyer's: empties the cells that hold a buyer's data. */
  erase: {
    params: z.object({
      sns: z.array(z.string().min(1).max(100)).max(1_000),
      buyer: z.string().min(1).max(200).nullable(),
      dryRun: z.boolean(),
    }),
    result: z.object({ sns: z.array(z.string()), rows: z.number() }),
  },
  settings: { params: none, result: WorkerSettings },
  reconciliations: { params: none, result: z.object({ reconciliations: z.array(ReconciliationReport) }) },
  money: { params: none, result: z.object({ reports: z.array(MoneyReport) }) },
  /** `base64`: the workbook when `file` asks for it; null also when there is nothing to state. */
  statement: {
    params: z.object({
      shop: z.string().regex(/^\d+$/),
      month: z.string().regex(/^\d{4}-(?:0[1-9]|1[0-2])$/),
      file: z.boolean(),
    }),
    result: z.object({ fileName: z.string(), statements: z.array(MoneyStatement), base64: z.string().nullable() }),
  },
  jobs: { params: none, result: jobs },
  'job-run': {
    params: z.object({ name: jobName, options: z.record(z.string(), z.unknown()) }),
    result: z.object({ outcome: z.enum(['started', 'busy', 'unknown']) }),
  },
  /** `elsewhere`: another worker runs it, or nobody does. */
  'job-stop': { params: z.object({ name: jobName }), result: z.object({ outcome: z.enum(['stopping', 'elsewhere']) }) },
} as const;

export type RpcMethod = keyof typeof workerRpc;
export type RpcParams<Method extends RpcMethod> = z.input<(typeof workerRpc)[Method]['params']>;
export type RpcResult<Method extends RpcMethod> = z.output<(typeof workerRpc)[Method]['result']>;
