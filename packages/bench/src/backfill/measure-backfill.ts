import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connectRedis, keysOf, TokenStore, type RedisConnection } from '@shopee-webhook/store';
import { z } from 'zod';
import { Stack } from '../stack.ts';
import { numberText, tableOf } from '../table.ts';

export interface BackfillBenchOptions {
  /** Data and logs go here. */
  dir: string;
  orders: number;
  /** Of the stand-ins, ms a call; short ones, so that 100,000 orders end in minutes. */
  latencies?: { googleMs: number; shopeeMs: number };
  /** Hears how far it is, now and then. */
  say?: ((line: string) => void) | undefined;
}

export interface BackfillFigures {
  orders: number;
  /** Rows in Orders and Items of both spreadsheets. */
  rows: number;
  seconds: number;
  ordersPerMinute: number;
  shopeeCalls: number;
  shopeeCallsPerOrder: number;
  sheetsRequestsPerSecond: number;
  throttled: number;
  /** Of the worker's process: as it was before, and the most that it ever was. */
  memory: { beforeBytes: number; peakBytes: number };
  /** Orders without a row, and orders that failed; must be 0. */
  faults: number;
}

const shops = [700_000_001, 700_000_002] as const;
const spreadsheets = [
  '1BackfillSheetOfTheFirstShop_000000000000',
  '1BackfillSheetOfTheSecondShop_00000000000',
] as const;
/** So that a day has whole pages whatever the number of days. */
const ordersPerDay = 2_000;
const day = 86_400;

/**
 * Backfills orders of two shops, each with a spreadsheet of its own: one spreadsheet's 10 million cells end at about
 * 95,000 orders with their lines. Shopee's documented batch sizes and Google's real quotas hold.
 */
export async function measureBackfill(options: BackfillBenchOptions): Promise<BackfillFigures> {
  const { orders, latencies = { googleMs: 50, shopeeMs: 10 } } = options;
  mkdirSync(options.dir, { recursive: true });
  const stack = await Stack.create({
    dir: options.dir,
    telegram: false,
    shopee: { settings: { latencyMs: latencies.shopeeMs } },
    google: { latencyMs: latencies.googleMs, spreadsheet: { id: spreadsheets[0] } },
    env: { SPREADSHEET_ID: shops.map((shop, at) => `${shop}:${spreadsheets[at] ?? ''}`).join() },
  });
  stack.google.addSpreadsheet({ id: spreadsheets[1] });
  // Old enough for no other job to look at them.
  const to = Math.floor(Date.now() / 1000) - 30 * day;
  const from = to - Math.ceil(orders / ordersPerDay) * day;
  stack.shopee.book.addPast({ count: orders, from, to: to - 1, shopIds: shops });
  await stack.startRedis();
  const redis = connectRedis({ host: '127.0.0.1', port: stack.redisPort });
  try {
    await connectSecondShop(stack, redis);
    await stack.workers[0]?.start();
    return await run(stack, { redis, from, to, options });
  } finally {
    redis.disconnect();
    await stack.stop();
  }
}

async function run(
  stack: Stack,
  asked: { redis: RedisConnection; from: number; to: number; options: BackfillBenchOptions },
): Promise<BackfillFigures> {
  const { redis, from, to, options } = asked;
  const { orders, say } = options;
  const key = keysOf('shopee').jobs;
  const beforeBytes = memoryOf(stack).now;
  stack.shopee.calls.length = 0;
  stack.google.clearLog();
  const counted = new CallCounter(stack);
  const begun = performance.now();
  // As the command line does it.
  await redis.hset(key, 'asked:backfill', JSON.stringify({ from, to }));
  let record: z.infer<typeof Record>;
  let saidAt = 0;
  do {
    await sleep(200);
    counted.look();
    record = Record.parse(JSON.parse((await redis.hget(key, 'backfill')) ?? '{}'));
    if (performance.now() - saidAt > 10_000) {
      saidAt = performance.now();
      say?.(`  ${record.result?.written ?? 0} of ${orders}`);
    }
  } while (record.ok === null);
  const seconds = (performance.now() - begun) / 1000;
  if (!record.ok) throw new Error(`the backfill failed: ${record.error}`);
  const [rows, missing] = rowsOf(stack);
  const { requests, throttled } = stack.google.counters;
  return {
    orders,
    rows,
    seconds,
    ordersPerMinute: (orders / seconds) * 60,
    shopeeCalls: counted.calls,
    shopeeCallsPerOrder: counted.calls / orders,
    sheetsRequestsPerSecond: requests / seconds,
    throttled,
    memory: { beforeBytes, peakBytes: memoryOf(stack).peak },
    faults: missing + (record.result?.failed ?? 0),
  };
}

const Record = z.object({
  ok: z.boolean().nullable().default(null),
  error: z.string().nullable().default(null),
  result: z
    .looseObject({ written: z.number().default(0), failed: z.number().default(0) })
    .nullable()
    .default(null),
});

/** Takes the calls out of the stand-in's log as they come, for it keeps the last 100,000 only. */
class CallCounter {
  calls = 0;
  readonly #stack: Stack;

  constructor(stack: Stack) {
    this.#stack = stack;
  }

  look(): void {
    this.calls += this.#stack.shopee.calls.splice(0).length;
  }
}

/** Rows in all tabs of ours, and the number of orders that have none. */
function rowsOf(stack: Stack): [rows: number, missing: number] {
  let rows = 0;
  const known = new Set<unknown>();
  for (const id of spreadsheets) {
    for (const title of ['Orders', 'Items']) {
      const grid = stack.google.spreadsheet(id).sheetByTitle(title)?.grid;
      const column = grid?.rows[0]?.cells.indexOf('Order SN') ?? -1;
      for (const row of grid?.rows.slice(1) ?? []) {
        rows += 1;
        if (title === 'Orders') known.add(row?.cells[column]);
      }
    }
  }
  const missing = [...stack.shopee.book.records()].filter(({ sn }) => !known.has(sn));
  return [rows, missing.length];
}

async function connectSecondShop(stack: Stack, redis: RedisConnection): Promise<void> {
  const tokens = new TokenStore({ redis, keys: keysOf('shopee'), dataDir: join(stack.options.dir, 'data') });
  const { accessToken, refreshToken, accessExpires, refreshExpires } = stack.shopee.issueTokens(shops[1]);
  await tokens.save({
    shopId: String(shops[1]),
    accessToken,
    refreshToken,
    accessExpiresAt: accessExpires,
    refreshExpiresAt: refreshExpires,
    state: 'active',
  });
}

/** Resident memory of the worker's process, bytes: now, and the most that it ever was. Linux only. */
function memoryOf(stack: Stack): { now: number; peak: number } {
  const status = readFileSync(`/proc/${stack.workers[0]?.pid ?? 'self'}/status`, 'utf8');
  const bytes = (name: string) => 1024 * Number(new RegExp(`^${name}:\\s*(\\d+) kB`, 'm').exec(status)?.[1] ?? 0);
  return { now: bytes('VmRSS'), peak: bytes('VmHWM') };
}

/** The runs side by side, and how memory grows from the first to the last. */
export function backfillTable(runs: readonly BackfillFigures[]): string {
  const megabytes = (bytes: number) => numberText(bytes / 1_048_576);
  const tables = runs.map((one) =>
    tableOf(`Backfill of ${numberText(one.orders)} orders`, [
      ['rows (Orders and Items)', numberText(one.rows)],
      ['seconds', numberText(one.seconds)],
      ['orders a minute', numberText(one.ordersPerMinute)],
      ['Shopee calls an order', numberText(one.shopeeCallsPerOrder, 4)],
      ['Sheets requests a second', numberText(one.sheetsRequestsPerSecond, 2)],
      ['429s answered', numberText(one.throttled)],
      ['worker before, MB', megabytes(one.memory.beforeBytes)],
      ['worker at its peak, MB', megabytes(one.memory.peakBytes)],
      ['without a row, or failed', numberText(one.faults)],
    ]),
  );
  const [first, last] = [runs[0], runs.at(-1)];
  if (first === undefined || last === undefined || runs.length < 2) return tables.join('\n');
  const grown = last.memory.peakBytes - first.memory.peakBytes;
  const rows = last.rows - first.rows;
  const growth = `  peak memory grows by ${megabytes(grown)} MB for ${numberText(rows)} rows more: ${numberText(grown / rows)} bytes a row`;
  return [...tables, '', growth].join('\n');
}
