import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { createLogger, systemClock } from '@shopee-webhook/runtime';
import { readServiceAccount } from '@shopee-webhook/runtime';
import { GoogleClient, SheetWriter, type Cell, type SheetRow } from '@shopee-webhook/sheets';
import { columnsOf, reportSchema, type Tab } from '@shopee-webhook/worker';
// The only place that measures a part of the worker from inside: what a flush costs our own process.
import { percentile } from '../report/table.ts';
import type { HostCommand } from './google-host.ts';

export interface FlushCostOptions {
  /** For the write journal. */
  dir: string;
  /** Rows in the sheet before: 36 % in Orders, the rest in Items. */
  existingRows: number;
  flushes?: number;
}

/** What writing rows into a sheet of a certain size costs. Times in ms; sizes in bytes. */
export interface FlushCostResult {
  existingRows: number;
  /** A worker that has just started reads the headers and key columns once. */
  indexBuild: { requests: number; ms: number; cpuMs: number; responseBytes: number };
  /** Medians over the flushes; each writes 100 orders, half of them new, with their lines, and verifies them. */
  flush: { rows: number; requests: number; ms: number; cpuMs: number; sentBytes: number; responseBytes: number };
}

interface HostAddress {
  url: string;
  tokenUrl: string;
  credentials: object;
  spreadsheetId: string;
}

interface HostRequest {
  method: string;
  bytes: number;
  responseBytes: number;
}

const ordersPerFlush = 100;

/** Fills a sheet, and measures what its index and its flushes cost this process; without quotas and latencies. */
export async function measureFlushCost(options: FlushCostOptions): Promise<FlushCostResult> {
  const { existingRows, flushes = 11, dir } = options;
  const host = new Worker(new URL('google-host.ts', import.meta.url));
  try {
    const [address] = (await once(host, 'message')) as [HostAddress];
    const initialWriter = createWriter(address, dir);
    await initialWriter.upsert(buildRows(address.spreadsheetId, ['1:FIRST'], 1));
    await initialWriter.stop();
    const orders = Math.round(existingRows * 0.36);
    const { spreadsheetId } = address;
    await sendCommand(host, { kind: 'fill', spreadsheetId, rows: { Orders: orders, Items: existingRows - orders } });

    const writer = createWriter(address, dir);
    const [first] = await measureUpsert(host, writer, buildRows(spreadsheetId, ['1:FILLED1'], 1));
    const runs: UpsertCost[] = [];
    for (let n = 0; n < flushes; n += 1) {
      runs.push((await measureUpsert(host, writer, buildRows(spreadsheetId, pickKeys(n, orders), 2 + n)))[0]);
    }
    await writer.stop();
    const medianOf = (of: (run: UpsertCost) => number) => percentile(runs.map(of), 0.5);
    return {
      existingRows,
      indexBuild: {
        requests: first.requests,
        ms: first.ms,
        cpuMs: first.cpuMs,
        responseBytes: first.responseBytes,
      },
      flush: {
        rows: medianOf((run) => run.rows),
        requests: medianOf((run) => run.requests),
        ms: medianOf((run) => run.ms),
        cpuMs: medianOf((run) => run.cpuMs),
        sentBytes: medianOf((run) => run.sentBytes),
        responseBytes: medianOf((run) => run.responseBytes),
      },
    };
  } finally {
    await sendCommand(host, { kind: 'close' });
  }
}

interface UpsertCost {
  rows: number;
  requests: number;
  ms: number;
  cpuMs: number;
  sentBytes: number;
  responseBytes: number;
}

/** One upsert, until it is verified. */
async function measureUpsert(host: Worker, writer: SheetWriter, rows: SheetRow[]): Promise<[UpsertCost]> {
  await sendCommand(host, { kind: 'log' });
  const startedAt = systemClock.monotonicMs();
  const cpu = process.threadCpuUsage();
  await writer.upsert(rows);
  while (!writer.isIdle) await sleep(1);
  const used = process.threadCpuUsage(cpu);
  const ms = systemClock.monotonicMs() - startedAt;
  const log = await sendCommand(host, { kind: 'log' });
  const sum = (of: (request: HostRequest) => number) => log.reduce((total, request) => total + of(request), 0);
  return [
    {
      rows: rows.length,
      requests: log.length,
      ms,
      cpuMs: (used.user + used.system) / 1000,
      sentBytes: sum(({ bytes }) => bytes),
      responseBytes: sum(({ responseBytes }) => responseBytes),
    },
  ];
}

async function sendCommand(host: Worker, command: HostCommand): Promise<HostRequest[]> {
  const replied = once(host, 'message');
  host.postMessage(command);
  const [log] = (await replied) as [HostRequest[]];
  return log;
}

function createWriter({ url, tokenUrl, credentials }: HostAddress, dataDir: string): SheetWriter {
  const google = new GoogleClient({
    account: readServiceAccount(JSON.stringify(credentials)),
    quota: { acquire: () => Promise.resolve(), pause: () => Promise.resolve(), remaining: () => Promise.resolve(6) },
    rootUrl: url,
    tokenUrl,
  });
  const logger = createLogger({ name: 'bench', level: 'silent' });
  return new SheetWriter({ google, logger, schema: reportSchema, dataDir, timings: { minFlushIntervalMs: 0 } });
}

/** Half of them are in the sheet, spread over all of it; half are new. */
function pickKeys(flush: number, orders: number): string[] {
  return Array.from({ length: ordersPerFlush }, (_, n) =>
    n % 2 === 0
      ? `1:FILLED${1 + ((flush * 7919 + n * Math.floor(orders / ordersPerFlush)) % (orders - 1))}`
      : `1:NEW${flush}-${n}`,
  );
}

/** Each order with one line; every column is filled. */
function buildRows(spreadsheetId: string, keys: readonly string[], version: number): SheetRow[] {
  return keys.flatMap((key) =>
    (['Orders', 'Items'] as const).map((tab) => ({
      spreadsheetId,
      tab,
      key,
      version,
      shopId: '1',
      cells: buildCells(tab),
      details: tab === 'Orders' ? { tab: 'Items', keys: [key], cellsIfGone: {} } : undefined,
    })),
  );
}

function buildCells(tab: Tab): Record<string, Cell> {
  const filled = columnsOf[tab].map(({ id, kind }): [string, Cell] => [
    id,
    kind === 'text' || kind === 'status' ? `text of ${id}` : kind === 'datetime' ? 1_764_000_000 : 12.5,
  ]);
  return Object.fromEntries(filled);
}
