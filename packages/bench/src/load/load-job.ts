import { z } from 'zod';

/** A job for the load generator; its process gets it as JSON. */
export const LoadJob = z
  .object({
    /** The callback URL, which is signed. */
    url: z.string(),
    key: z.string(),
    /** Makes the pushes of this run differ from all others. */
    seed: z.number(),
    /** Before the measurement. */
    warmupSeconds: z.number(),
    seconds: z.number(),
  })
  .and(
    z.discriminatedUnion('kind', [
      z.object({ kind: z.literal('closed'), connections: z.number() }),
      /** At fixed times, whatever happens to the pushes before. */
      z.object({ kind: z.literal('open'), perSecond: z.number() }),
    ]),
  );
export type LoadJob = z.infer<typeof LoadJob>;

/** Of the measurement, without the warm-up. */
export const LoadResult = z.object({
  accepted: z.number(),
  /** Any response but 200, or none. */
  rejected: z.number(),
  acceptedPerSecond: z.number(),
  /** ms; of an open loop from the moment when a push was due, so that a stall counts for all that it delayed. */
  latency: z.object({ p50: z.number(), p99: z.number(), max: z.number() }),
  /** ms; the generator's own delay: part of the latency of an open loop. */
  lag: z.object({ p50: z.number(), p99: z.number() }).optional(),
});
export type LoadResult = z.infer<typeof LoadResult>;
