import { median, type Bench, type Figure, type Measurement } from '../measurement.ts';
import { numberText } from '../table.ts';
import { AckBench } from './ack-bench.ts';

const rounds = 3;
const seconds = 5;

/** How many pushes a second are accepted at the most. */
export const acks: Measurement = {
  name: 'acks',
  method:
    'Closed loop (autocannon, a process of its own), distinct signed order pushes, 2 s to warm up, then 5 s; three rounds, forwarder and reference by turns; medians. ' +
    'Reference: a bare Fastify route with the HMAC, JSON.parse and one LPUSH to the same Redis (appendfsync always).',
  async run({ dir, say }: Bench): Promise<Figure[]> {
    const bench = await AckBench.start(dir);
    const figures: Figure[] = [];
    try {
      for (const connections of [20, 100]) {
        const ours: number[] = [];
        const reference: number[] = [];
        for (let round = 0; round < rounds; round += 1) {
          const kind = { kind: 'closed', connections } as const;
          const one = await bench.forwarder(kind, seconds);
          const other = await bench.reference(kind, seconds);
          say(
            `${connections} connections: ${one.acceptedPerSecond.toFixed(0)} (${one.refused} refused), bare ${other.acceptedPerSecond.toFixed(0)}`,
          );
          ours.push(one.acceptedPerSecond);
          reference.push(other.acceptedPerSecond);
        }
        const ratio = median(ours.map((value, round) => value / (reference[round] ?? 1)));
        figures.push({
          what: `accepted pushes/s, fsync'd, ${connections} connections`,
          ours: `${numberText(median(ours))} (${ratio.toFixed(2)})`,
          reference: numberText(median(reference)),
          aim: '≥ 0.8 of the reference',
          holds: ratio >= 0.8,
        });
      }
      return figures;
    } finally {
      await bench.stop();
    }
  },
};
