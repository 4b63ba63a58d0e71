import autocannon from 'autocannon';
import type { LoadJob, LoadResult } from './load-job.ts';
import { createSignedPushes } from './signed-pushes.ts';

/** More than any machine accepts. */
const maxPerSecond = 40_000;

/** Each connection sends its next push as soon as the last one is answered: the maximum throughput. */
export async function runClosedLoop(job: LoadJob & { kind: 'closed' }): Promise<LoadResult> {
  const { url, key, seed, connections, seconds, warmupSeconds } = job;
  const pushes = createSignedPushes({ url, key, seed, count: maxPerSecond * (seconds + warmupSeconds) });
  let next = 0;
  const options: autocannon.Options = {
    url,
    connections,
    requests: [
      {
        method: 'POST',
        setupRequest: (request) => {
          const push = pushes[next++];
          if (push === undefined) throw new Error('no pushes left to send');
          const headers = { authorization: push.authorization, 'content-type': 'application/json' };
          return { ...request, headers, body: push.body };
        },
      },
    ],
  };
  await autocannon({ ...options, duration: warmupSeconds });
  const result = await autocannon({ ...options, duration: seconds });
  const { p50, p99, max } = result.latency;
  return {
    accepted: result['2xx'],
    rejected: result.non2xx + result.errors + result.timeouts,
    acceptedPerSecond: result['2xx'] / result.duration,
    latency: { p50, p99, max },
  };
}
