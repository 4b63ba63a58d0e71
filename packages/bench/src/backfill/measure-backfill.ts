import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '@shopee-webhook/runtime';
import { connectRedis, buildKeys, RedisJobStore, TokenStore, type RedisConnection } from '@shopee-webhook/store';
import { z } from 'zod';
import { Stack } from '../stack/stack.ts';
import { formatNumber, formatTable } from '../report/table.ts';

export interface BackfillBenchOptions {
  /** Data and logs go here. */
  dir: string;
  orders: number;
  /** Of the fakes, ms per call; short ones, so that 100,000 orders take minutes. */
  latencies?: { googleMs: number; shopeeMs: number };
  /** Called with the progress now and then. */
  log?: ((line: string) => void) | undefined;
}

export interface BackfillResult {
  orders: number;
  /** Rows in Orders and Items of both spreadsheets. */
  rows: number;
  seconds: number;
  ordersPerMinute: number;
  shopeeCalls: number;
  shopeeCallsPerOrder: number;
  sheetsRequestsPerSecond: number;
  throttled: number;
  /** Of the worker's process: before, and at its peak. */
  memory: { beforeBytes: number; peakBytes: number };
  /** Orders without a row, and orders that failed; must be 0. */
  violations: number;
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
 * 95,000 orders with their lines. Shopee's documented batch sizes and Google's real quotas apply.
 */
export async function measureBackfill(options: BackfillBenchOptions): Promise<BackfillResult> {
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
  // Too old for any other job.
  const to = Math.floor(systemClock.wallMs() / 1000) - 30 * day;
  const from = to - Math.ceil(orders / ordersPerDay) * day;
  stack.shopee.orders.addPast({ count: orders, from, to: to - 1, shopIds: shops });
  await stack.startRedis();
  const redis = connectRedis({ host: '127.0.0.1', port: stack.redisPort });
  try {
    await connectSecondShop(stack, redis);
    await stack.workers[0]?.start();
    return await runBackfill(stack, { redis, from, to, options });
  } finally {
    redis.disconnect();
    await stack.stop();
  }
}

async function runBackfill(
  stack: Stack,
  context: { redis: RedisConnection; from: number; to: number; options: BackfillBenchOptions },
): Promise<BackfillResult> {
  const { redis, from, to, options } = context;
  const { orders, log } = options;
  const key = buildKeys('shopee').jobs;
  const beforeBytes = readMemory(stack).now;
  stack.shopee.calls.length = 0;
  stack.google.clearLog();
  const callCounter = new CallCounter(stack);
  const startedAt = systemClock.monotonicMs();
  // As the CLI does it.
  await new RedisJobStore({ redis, key }).request('backfill', { from, to });
  let record: z.infer<typeof Record>;
  let loggedAt = 0;
  do {
    await sleep(200);
    callCounter.poll();
    record = Record.parse(JSON.parse((await redis.hget(key, 'backfill')) ?? '{}'));
    if (systemClock.monotonicMs() - loggedAt > 10_000) {
      loggedAt = systemClock.monotonicMs();
      log?.(`  ${record.result?.written ?? 0} of ${orders}`);
    }
  } while (record.ok === null);
  const seconds = (systemClock.monotonicMs() - startedAt) / 1000;
  if (!record.ok) throw new Error(`the backfill failed: ${record.error}`);
  const [rows, missing] = countRows(stack);
  const { requests, throttled } = stack.google.counters;
  return {
    orders,
    rows,
    seconds,
    ordersPerMinute: (orders / seconds) * 60,
    shopeeCalls: callCounter.calls,
    shopeeCallsPerOrder: callCounter.calls / orders,
    sheetsRequestsPerSecond: requests / seconds,
    throttled,
    memory: { beforeBytes, peakBytes: readMemory(stack).peak },
    violations: missing + (record.result?.failed ?? 0),
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

/** Takes the calls out of the fake's log as they come: it holds the last 100,000 only. */
class CallCounter {
  calls = 0;
  readonly #stack: Stack;

  constructor(stack: Stack) {
    this.#stack = stack;
  }

  poll(): void {
    this.calls += this.#stack.shopee.calls.splice(0).length;
  }
}

/** Rows in all our tabs, and the number of orders without one. */
function countRows(stack: Stack): [rows: number, missing: number] {
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
  const missing = [...stack.shopee.orders.records()].filter(({ sn }) => !known.has(sn));
  return [rows, missing.length];
}

async function connectSecondShop(stack: Stack, redis: RedisConnection): Promise<void> {
  const tokens = new TokenStore({ redis, keys: buildKeys('shopee'), dataDir: join(stack.options.dir, 'data') });
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

/** Resident memory of the worker's process, bytes: now, and at its peak. Linux only. */
function readMemory(stack: Stack): { now: number; peak: number } {
  const status = readFileSync(`/proc/${stack.workers[0]?.pid ?? 'self'}/status`, 'utf8');
  const bytes = (name: string) => 1024 * Number(new RegExp(`^${name}:\\s*(\\d+) kB`, 'm').exec(status)?.[1] ?? 0);
  return { now: bytes('VmRSS'), peak: bytes('VmHWM') };
}

/** The runs side by side, and how memory grows from the first to the last. */
export function formatBackfillTable(runs: readonly BackfillResult[]): string {
  const megabytes = (bytes: number) => formatNumber(bytes / 1_048_576);
  const tables = runs.map((result) =>
    formatTable(`Backfill of ${formatNumber(result.orders)} orders`, [
      ['rows (Orders and Items)', formatNumber(result.rows)],
      ['seconds', formatNumber(result.seconds)],
      ['orders a minute', formatNumber(result.ordersPerMinute)],
      ['Shopee calls an order', formatNumber(result.shopeeCallsPerOrder, 4)],
      ['Sheets requests a second', formatNumber(result.sheetsRequestsPerSecond, 2)],
      ['429s', formatNumber(result.throttled)],
      ['worker before, MB', megabytes(result.memory.beforeBytes)],
      ['worker at its peak, MB', megabytes(result.memory.peakBytes)],
      ['without a row, or failed', formatNumber(result.violations)],
    ]),
  );
  const [first, last] = [runs[0], runs.at(-1)];
  if (first === undefined || last === undefined || runs.length < 2) return tables.join('\n');
  const grown = last.memory.peakBytes - first.memory.peakBytes;
  const rows = last.rows - first.rows;
  const growth = `  peak memory grows by ${megabytes(grown)} MB for ${formatNumber(rows)} rows more: ${formatNumber(grown / rows)} bytes a row`;
  return [...tables, '', growth].join('\n');
}
