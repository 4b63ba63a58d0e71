import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { createLogger } from '@shopee-webhook/runtime';
import { columnsOf, type Cell, type SheetRow, type Tab } from '@shopee-webhook/worker';
// The one place that measures a part of the worker from inside: what a flush costs our own process.
import { readServiceAccount } from '../../../worker/src/sheets/credentials.ts';
import { GoogleClient } from '../../../worker/src/sheets/google-client.ts';
import { SheetWriter } from '../../../worker/src/sheets/sheet-writer.ts';
import { percentile } from '../table.ts';
import type { HostAsk } from './google-host.ts';

export interface FlushCostOptions {
  /** Keys of the sheet are kept here. */
  dir: string;
  /** Rows that stand in the sheet before: 36 % in Orders, the rest in Items. */
  existingRows: number;
  flushes?: number;
}

/** What bringing rows into a sheet of a certain size costs. Times in ms; sizes in bytes. */
export interface FlushCostFigures {
  existingRows: number;
  /** A worker that has just started reads the headers and key columns once. */
  indexBuild: { requests: number; ms: number; cpuMs: number; answerBytes: number };
  /** Medians over the flushes; each writes 100 orders, half of them new, with their lines, and looks at what it wrote. */
  flush: { rows: number; requests: number; ms: number; cpuMs: number; sentBytes: number; answerBytes: number };
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
  answerBytes: number;
}

const ordersPerFlush = 100;

/** Fills a sheet, and measures what its index and its flushes cost this process; without quotas and latencies. */
export async function measureFlushCost(options: FlushCostOptions): Promise<FlushCostFigures> {
  const { existingRows, flushes = 11, dir } = options;
  const host = new Worker(new URL('google-host.ts', import.meta.url));
  try {
    const [address] = (await once(host, 'message')) as [HostAddress];
    const made = writerOf(address, dir);
    await made.upsert(rowsOf(address.spreadsheetId, ['1:FIRST'], 1));
    await made.stop();
    const orders = Math.round(existingRows * 0.36);
    const { spreadsheetId } = address;
    await ask(host, { kind: 'fill', spreadsheetId, rows: { Orders: orders, Items: existingRows - orders } });

    const writer = writerOf(address, dir);
    const [first] = await measured(host, writer, rowsOf(spreadsheetId, ['1:FILLED1'], 1));
    const runs: Measured[] = [];
    for (let n = 0; n < flushes; n += 1) {
      runs.push((await measured(host, writer, rowsOf(spreadsheetId, someKeys(n, orders), 2 + n)))[0]);
    }
    await writer.stop();
    const middle = (of: (run: Measured) => number) => percentile(runs.map(of), 0.5);
    return {
      existingRows,
      indexBuild: {
        requests: first.requests,
        ms: first.ms,
        cpuMs: first.cpuMs,
        answerBytes: first.answerBytes,
      },
      flush: {
        rows: middle((run) => run.rows),
        requests: middle((run) => run.requests),
        ms: middle((run) => run.ms),
        cpuMs: middle((run) => run.cpuMs),
        sentBytes: middle((run) => run.sentBytes),
        answerBytes: middle((run) => run.answerBytes),
      },
    };
  } finally {
    await ask(host, { kind: 'close' });
  }
}

interface Measured {
  rows: number;
  requests: number;
  ms: number;
  cpuMs: number;
  sentBytes: number;
  answerBytes: number;
}

/** One upsert, until what it wrote was looked at. */
async function measured(host: Worker, writer: SheetWriter, rows: SheetRow[]): Promise<[Measured]> {
  await ask(host, { kind: 'log' });
  const begun = performance.now();
  const cpu = process.threadCpuUsage();
  await writer.upsert(rows);
  while (!writer.quiet) await sleep(1);
  const used = process.threadCpuUsage(cpu);
  const ms = performance.now() - begun;
  const log = await ask(host, { kind: 'log' });
  const sum = (of: (request: HostRequest) => number) => log.reduce((total, request) => total + of(request), 0);
  return [
    {
      rows: rows.length,
      requests: log.length,
      ms,
      cpuMs: (used.user + used.system) / 1000,
      sentBytes: sum(({ bytes }) => bytes),
      answerBytes: sum(({ answerBytes }) => answerBytes),
    },
  ];
}

async function ask(host: Worker, question: HostAsk): Promise<HostRequest[]> {
  const answered = once(host, 'message');
  host.postMessage(question);
  const [log] = (await answered) as [HostRequest[]];
  return log;
}

function writerOf({ url, tokenUrl, credentials }: HostAddress, dataDir: string): SheetWriter {
  const google = new GoogleClient({
    account: readServiceAccount(JSON.stringify(credentials)),
    quota: { take: () => Promise.resolve(), pause: () => Promise.resolve(), left: () => Promise.resolve(6) },
    rootUrl: url,
    tokenUrl,
  });
  const logger = createLogger({ name: 'bench', level: 'silent' });
  return new SheetWriter({ google, logger, dataDir, summary: false, times: { minFlushMs: 0 } });
}

/** Half of them stand in the sheet, spread over all of it; half are new. */
function someKeys(flush: number, orders: number): string[] {
  return Array.from({ length: ordersPerFlush }, (_, n) =>
    n % 2 === 0
      ? `1:FILLED${1 + ((flush * 7919 + n * Math.floor(orders / ordersPerFlush)) % (orders - 1))}`
      : `1:NEW${flush}-${n}`,
  );
}

/** Each order with one line; every column is filled. */
function rowsOf(spreadsheetId: string, keys: readonly string[], version: number): SheetRow[] {
  return keys.flatMap((key) =>
    (['Orders', 'Items'] as const).map((tab) => ({
      spreadsheetId,
      tab,
      key,
      version,
      shopId: '1',
      cells: cellsOf(tab),
    })),
  );
}

function cellsOf(tab: Tab): Record<string, Cell> {
  const filled = columnsOf[tab].map(({ id, kind }): [string, Cell] => [
    id,
    kind === 'text' || kind === 'status' ? `text of ${id}` : kind === 'datetime' ? 1_764_000_000 : 12.5,
  ]);
  return Object.fromEntries(filled);
}
