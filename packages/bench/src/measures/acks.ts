import { median, type BenchContext, type Metric, type Measurement } from '../report/measurement.ts';
import { formatNumber } from '../report/table.ts';
import { AckBench } from './ack-bench.ts';

const rounds = 3;
const seconds = 5;

/** Maximum number of pushes accepted per second. */
export const acks: Measurement = {
  name: 'acks',
  method:
    'Closed loop (autocannon, a process of its own), distinct signed order pushes, 2 s to warm up, then 5 s; three rounds, forwarder and reference alternating; medians. ' +
    'Reference: a bare Fastify route with the HMAC, JSON.parse and one LPUSH to the same Redis (appendfsync always).',
  async run({ dir, log }: BenchContext): Promise<Metric[]> {
    const bench = await AckBench.start(dir);
    const metrics: Metric[] = [];
    try {
      for (const connections of [20, 100]) {
        const ours: number[] = [];
        const reference: number[] = [];
        for (let round = 0; round < rounds; round += 1) {
          const kind = { kind: 'closed', connections } as const;
          const result = await bench.forwarder(kind, seconds);
          const referenceResult = await bench.reference(kind, seconds);
          log(
            `${connections} connections: ${result.acceptedPerSecond.toFixed(0)} (${result.rejected} rejected), bare ${referenceResult.acceptedPerSecond.toFixed(0)}`,
          );
          ours.push(result.acceptedPerSecond);
          reference.push(referenceResult.acceptedPerSecond);
        }
        const ratio = median(ours.map((value, round) => value / (reference[round] ?? 1)));
        metrics.push({
          name: `accepted pushes/s, fsync'd, ${connections} connections`,
          ours: `${formatNumber(median(ours))} (${ratio.toFixed(2)})`,
          reference: formatNumber(median(reference)),
          target: '≥ 0.8 of the reference',
          isMet: ratio >= 0.8,
        });
      }
      return metrics;
    } finally {
      await bench.stop();
    }
  },
};
