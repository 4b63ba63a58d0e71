import type { LoadResult } from '../load/load-job.ts';
import { median, type BenchContext, type Metric, type Measurement } from '../report/measurement.ts';
import { AckBench } from './ack-bench.ts';

const rounds = 3;
const seconds = 10;
const open = { kind: 'open', perSecond: 300 } as const;

/** Response time of the webhook, with Redis and without. */
export const latency: Measurement = {
  name: 'latency',
  method:
    'Open loop at 300 pushes/s (a process of its own, undici): each push is sent when it is due, whatever happened to those before, and its ' +
    "latency counts from that moment, the generator's own delay included. 2 s to warm up, then 10 s; three rounds, forwarder and " +
    'reference alternating; medians of their p50, p99 and maximum. Then Redis is killed with −9, and the same load goes to the spool.',
  async run({ dir, log }: BenchContext): Promise<Metric[]> {
    const bench = await AckBench.start(dir);
    try {
      const ours: LoadResult[] = [];
      const reference: LoadResult[] = [];
      for (let round = 0; round < rounds; round += 1) {
        ours.push(await bench.forwarder(open, seconds));
        reference.push(await bench.reference(open, seconds));
        log(
          `forwarder ${formatLatency(ours.slice(-1))}; bare ${formatLatency(reference.slice(-1))}; ${formatLag(ours.slice(-1))}`,
        );
      }
      await bench.stack.killRedis();
      const spooled: LoadResult[] = [];
      for (let round = 0; round < rounds; round += 1) {
        spooled.push(await bench.forwarder(open, seconds));
        log(`Redis down: ${formatLatency(spooled.slice(-1))}`);
      }
      const { p50, p99, max } = medianLatency(ours);
      return [
        {
          name: 'response time at 300 pushes/s, ms: p50 / p99 / max',
          ours: formatLatency(ours),
          reference: formatLatency(reference),
          target: '≤ 2 / 10 / 50',
          isMet: p50 <= 2 && p99 <= 10 && max <= 50,
        },
        {
          name: 'the same while Redis is down (spool)',
          ours: formatLatency(spooled),
          reference: 'rejects',
          target: 'p99 ≤ 15',
          isMet: medianLatency(spooled).p99 <= 15 && spooled.every(({ rejected }) => rejected === 0),
        },
      ];
    } finally {
      await bench.stop();
    }
  },
};

function medianLatency(results: readonly LoadResult[]): LoadResult['latency'] {
  const of = (name: 'p50' | 'p99' | 'max') => median(results.map(({ latency }) => latency[name]));
  return { p50: of('p50'), p99: of('p99'), max: of('max') };
}

function formatLatency(results: readonly LoadResult[]): string {
  const { p50, p99, max } = medianLatency(results);
  const rejected = results.reduce((sum, result) => sum + result.rejected, 0);
  const times = [p50, p99, max].map((ms) => ms.toFixed(1)).join(' / ');
  return rejected === 0 ? times : `${times}, ${rejected} rejected`;
}

function formatLag([result]: readonly LoadResult[]): string {
  return `generator delay ${result?.lag?.p50.toFixed(1)} / ${result?.lag?.p99.toFixed(1)} ms (p50, p99)`;
}
