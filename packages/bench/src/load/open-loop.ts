import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '@shopee-webhook/runtime';
import { Pool } from 'undici';
import { percentile } from '../report/table.ts';
import type { LoadJob, LoadResult } from './load-job.ts';
import { createSignedPushes, type SignedPush } from './signed-pushes.ts';

const connections = 50;
/** Shopee waits no longer. */
const responseTimeoutMs = 3_000;

/** A push whenever one is due, whatever happened to those before: the latency that senders see. */
export async function runOpenLoop(job: LoadJob & { kind: 'open' }): Promise<LoadResult> {
  const { url, key, seed, perSecond, seconds, warmupSeconds } = job;
  const pool = new Pool(new URL(url).origin, { connections, headersTimeout: responseTimeoutMs });
  const warmup = warmupSeconds * perSecond;
  const pushes = createSignedPushes({ url, key, seed, count: warmup + seconds * perSecond });
  const latencies: number[] = [];
  const lags: number[] = [];
  const path = new URL(url).pathname;
  let rejected = 0;
  const deliver = async (push: SignedPush, due: number, counts: boolean) => {
    const lag = systemClock.monotonicMs() - due;
    const accepted = await post(pool, path, push);
    if (!counts) return;
    lags.push(lag);
    latencies.push(systemClock.monotonicMs() - due);
    if (!accepted) rejected += 1;
  };
  const startedAt = systemClock.monotonicMs() + 50;
  const sent: Promise<void>[] = [];
  for (let count = 0; count < pushes.length;) {
    const push = pushes[count];
    const due = startedAt + (count * 1000) / perSecond;
    if (push === undefined) break;
    if (systemClock.monotonicMs() < due) {
      await sleep(1);
      continue;
    }
    sent.push(deliver(push, due, count >= warmup));
    count += 1;
  }
  await Promise.all(sent);
  await pool.close();
  const accepted = latencies.length - rejected;
  return {
    accepted,
    rejected,
    acceptedPerSecond: accepted / seconds,
    latency: { p50: percentile(latencies, 0.5), p99: percentile(latencies, 0.99), max: Math.max(...latencies) },
    lag: { p50: percentile(lags, 0.5), p99: percentile(lags, 0.99) },
  };
}

async function post(pool: Pool, path: string, { body, authorization }: SignedPush): Promise<boolean> {
  try {
    const headers = { authorization, 'content-type': 'application/json' };
    const response = await pool.request({ path, method: 'POST', body, headers });
    await response.body.dump();
    return response.statusCode === 200;
  } catch {
    // Rejected, reset or too late: for Shopee these are all the same.
    return false;
  }
}
