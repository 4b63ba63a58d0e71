import { z } from 'zod';

/*
 * What the forwarder's dashboard asks the worker: POST <worker>/internal/<verb> with a JSON body that names the verb
 * again (the signature covers the body only). Times are ms since the epoch.
 */

export const CellValue = z.union([z.string(), z.number(), z.boolean(), z.null()]);
export type CellValue = z.infer<typeof CellValue>;

/** What Shopee says of an order, as the alert shows it. */
export const OrderAtShopee = z.object({
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
  income: z.array(z.object({ label: z.string(), text: z.string() })),
});
export type OrderAtShopee = z.infer<typeof OrderAtShopee>;

export const OrderInSheet = z.object({
  row: z.number(),
  link: z.string(),
  cells: z.array(z.object({ column: z.string(), title: z.string(), value: CellValue })),
});
export type OrderInSheet = z.infer<typeof OrderInSheet>;

/** Each side's answer, or its own words on why there is none. `row` null without an error: not in the sheet. */
export const OrderSides = z.object({
  shopee: z.object({ order: OrderAtShopee.nullable(), error: z.string().nullable() }),
  sheet: z.object({ row: OrderInSheet.nullable(), error: z.string().nullable() }),
});
export type OrderSides = z.infer<typeof OrderSides>;

/** What processing would write, column by column. */
export const DryRun = z.object({
  tabs: z.array(
    z.object({
      tab: z.enum(['Orders', 'Items', 'Returns']),
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
  /** Why nothing would be written, in words: not an order event, Shopee refuses, …; null otherwise. */
  nothing: z.string().nullable(),
});
export type DryRun = z.infer<typeof DryRun>;

export const TestResult = z.object({
  ok: z.boolean(),
  ms: z.number(),
  /** What happened, step by step. */
  steps: z.array(z.object({ text: z.string(), ok: z.boolean() })),
  /** The other side's own words; null when it went well. */
  error: z.string().nullable(),
});
export type TestResult = z.infer<typeof TestResult>;

/** How the app receives pushes, by Shopee. */
export const PushStatus = z.object({
  /** Shopee's own word: `normal`, `warning`, `suspended`. */
  status: z.string().nullable(),
  callbackUrl: z.string().nullable(),
  on: z.array(z.number()),
  off: z.array(z.number()),
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
  about: z.string(),
  everyMs: z.number().nullable(),
  running: z.boolean(),
  beganAt: z.number().nullable(),
  endedAt: z.number().nullable(),
  ok: z.boolean().nullable(),
  error: z.string().nullable(),
  result: z.record(z.string(), z.unknown()).nullable(),
  nextAt: z.number().nullable(),
});
export type JobStatus = z.infer<typeof JobStatus>;

/** Of one shop and one day: what Shopee lists and what the sheet has. */
export const DayAccount = z.object({
  shopId: z.string(),
  date: z.string(),
  listed: z.number(),
  inSheet: z.number(),
  missing: z.array(z.string()),
  takenAt: z.number(),
});
export type DayAccount = z.infer<typeof DayAccount>;

const jobName = z.string().min(1).max(50);
const jobs = z.object({ jobs: z.array(JobStatus), scheduled: z.boolean() });

const order = z.object({ shop: z.string().regex(/^\d+$/), sn: z.string().min(1).max(100) });
const none = z.object({});

/** Every verb with what is asked and what is answered. */
export const workerApi = {
  order: { asks: order, answers: OrderSides },
  'order-row': { asks: order, answers: OrderSides.shape.sheet },
  'dry-run': { asks: z.object({ id: z.string(), payloadText: z.string() }), answers: DryRun },
  'test-sheet': { asks: none, answers: TestResult },
  'test-shopee': { asks: none, answers: TestResult },
  'push-status': { asks: none, answers: PushStatus },
  /** Orders by their numbers, or all of a buyer's: empties the cells that hold a buyer's data. */
  forget: {
    asks: z.object({
      sns: z.array(z.string().min(1).max(100)).max(1_000),
      buyer: z.string().min(1).max(200).nullable(),
      dryRun: z.boolean(),
    }),
    answers: z.object({ sns: z.array(z.string()), rows: z.number() }),
  },
  settings: { asks: none, answers: WorkerSettings },
  accounts: { asks: none, answers: z.object({ accounts: z.array(DayAccount) }) },
  jobs: { asks: none, answers: jobs },
  'job-run': {
    asks: z.object({ name: jobName, options: z.record(z.string(), z.unknown()) }),
    answers: z.object({ outcome: z.enum(['started', 'busy', 'unknown']) }),
  },
  /** `elsewhere`: another worker runs it, or nobody does. */
  'job-stop': { asks: z.object({ name: jobName }), answers: z.object({ outcome: z.enum(['stopping', 'elsewhere']) }) },
} as const;

export type WorkerVerb = keyof typeof workerApi;
export type WorkerAsks<Verb extends WorkerVerb> = z.input<(typeof workerApi)[Verb]['asks']>;
export type WorkerAnswers<Verb extends WorkerVerb> = z.output<(typeof workerApi)[Verb]['answers']>;
