import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '@shopee-webhook/runtime';
import { checkQueue } from '../checks/queue-check.ts';
import { readMemory, type ProcessMemory } from '../stack/process-memory.ts';
import { latencies } from '../sheet/drain.ts';
import { Stack } from '../stack/stack.ts';
import { SteadyLoad } from './steady-load.ts';

export interface SoakOptions {
  dir: string;
  minutes: number;
  perSecond: number;
  log: (line: string) => void;
}

/** Memory of the three processes after a minute of the soak. */
export interface SoakMinute {
  minute: number;
  sent: number;
  /** Not answered 200 within 3 s. */
  rejected: number;
  /** undefined: no response in time. */
  queued: number | undefined;
  forwarder: ProcessMemory;
  worker: ProcessMemory;
  redis: ProcessMemory;
}

const minuteMs = 60_000;

/** A steady load on the whole product for a long time, with a memory sample every minute. */
export async function runSoak({ dir, minutes, perSecond, log }: SoakOptions): Promise<SoakMinute[]> {
  const stack = await Stack.create({
    dir,
    shopee: { settings: { latencyMs: latencies.shopeeMs } },
    google: { latencyMs: latencies.googleMs },
  });
  const rows: SoakMinute[] = [];
  const stop = new AbortController();
  try {
    await stack.start();
    const load = new SteadyLoad(stack);
    const sending = load.run(perSecond, stop.signal);
    const startedAt = systemClock.monotonicMs();
    for (let minute = 1; minute <= minutes; minute += 1) {
      await sleep(Math.max(0, startedAt + minute * minuteMs - systemClock.monotonicMs()));
      const row = await sampleMinute(stack, minute, load);
      rows.push(row);
      log(formatMinute(row));
    }
    stop.abort();
    await sending;
    await waitUntilIdle(stack);
    log(`at the end: ${JSON.stringify(await checkQueue(stack))}`);
    log(`idle again: ${formatMinute(await sampleMinute(stack, minutes + 1, load))}`);
    return rows;
  } finally {
    stop.abort();
    await stack.stop();
  }
}

/** Waits until the queue is empty, at most five minutes: the check shows what is left. */
async function waitUntilIdle(stack: Stack): Promise<void> {
  for (const until = systemClock.monotonicMs() + 5 * minuteMs; systemClock.monotonicMs() < until; await sleep(1_000)) {
    const { queued, retrying, orphans, spool } = await checkQueue(stack);
    if (queued + retrying + orphans + spool === 0) return;
  }
}

async function sampleMinute(stack: Stack, minute: number, { sent, rejected }: SteadyLoad): Promise<SoakMinute> {
  // A busy machine may not respond in time; the memory sample is still useful.
  const { queued } = await checkQueue(stack).catch(() => ({ queued: undefined }));
  const of = (pid: number | undefined) => readMemory(pid ?? 0);
  return {
    minute,
    sent,
    rejected,
    queued,
    forwarder: of(stack.forwarder.pid),
    worker: of(stack.workers[0]?.pid),
    redis: of(stack.redis?.process.pid),
  };
}

function formatMinute({ minute, sent, rejected, queued, ...processes }: SoakMinute): string {
  const memory = Object.entries(processes).map(
    ([name, { rss, anonymous }]) => `${name} ${rss.toFixed(0)} (own ${anonymous.toFixed(0)})`,
  );
  return `minute ${minute}: ${sent} sent, ${rejected} rejected, ${queued ?? '?'} queued; RSS MB ${memory.join(', ')}`;
}
