import { setTimeout as sleep } from 'node:timers/promises';
import { accountOfQueue } from '../chaos/queue-account.ts';
import { memoryOf, type ProcessMemory } from '../process-memory.ts';
import { latencies } from '../sheet/drain.ts';
import { Stack } from '../stack.ts';
import { SteadyLoad } from './steady-load.ts';

export interface SoakOptions {
  dir: string;
  minutes: number;
  perSecond: number;
  say: (line: string) => void;
}

/** What the three processes hold after a minute of the soak. */
export interface SoakMinute {
  minute: number;
  sent: number;
  /** Not answered 200 within 3 s. */
  refused: number;
  /** undefined: not answered in time. */
  waiting: number | undefined;
  forwarder: ProcessMemory;
  worker: ProcessMemory;
  redis: ProcessMemory;
}

const minuteMs = 60_000;

/** A steady load for a long time over the whole product; every minute what its processes hold. */
export async function runSoak({ dir, minutes, perSecond, say }: SoakOptions): Promise<SoakMinute[]> {
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
    const begun = performance.now();
    for (let minute = 1; minute <= minutes; minute += 1) {
      await sleep(Math.max(0, begun + minute * minuteMs - performance.now()));
      const row = await minuteOf(stack, minute, load);
      rows.push(row);
      say(textOf(row));
    }
    stop.abort();
    await sending;
    await untilIdle(stack);
    say(`at the end: ${JSON.stringify(await accountOfQueue(stack))}`);
    say(`idle again: ${textOf(await minuteOf(stack, minutes + 1, load))}`);
    return rows;
  } finally {
    stop.abort();
    await stack.stop();
  }
}

/** Waits until the queue is empty, for five minutes at the most: the account tells what is left. */
async function untilIdle(stack: Stack): Promise<void> {
  for (const until = Date.now() + 5 * minuteMs; Date.now() < until; await sleep(1_000)) {
    const { waiting, retrying, orphans, spool } = await accountOfQueue(stack);
    if (waiting + retrying + orphans + spool === 0) return;
  }
}

async function minuteOf(stack: Stack, minute: number, { sent, refused }: SteadyLoad): Promise<SoakMinute> {
  // A busy machine may not answer in time; the minute's memory is worth having all the same.
  const { waiting } = await accountOfQueue(stack).catch(() => ({ waiting: undefined }));
  const of = (pid: number | undefined) => memoryOf(pid ?? 0);
  return {
    minute,
    sent,
    refused,
    waiting,
    forwarder: of(stack.forwarder.pid),
    worker: of(stack.workers[0]?.pid),
    redis: of(stack.redis?.process.pid),
  };
}

function textOf({ minute, sent, refused, waiting, ...processes }: SoakMinute): string {
  const memory = Object.entries(processes).map(
    ([name, { rss, own }]) => `${name} ${rss.toFixed(0)} (own ${own.toFixed(0)})`,
  );
  return `minute ${minute}: ${sent} sent, ${refused} refused, ${waiting ?? '?'} waiting; RSS MB ${memory.join(', ')}`;
}
