/** A job for the load generator; its process gets it as JSON. */
export type LoadJob = {
  /** The callback URL, which is signed. */
  url: string;
  key: string;
  /** Makes the pushes of this run differ from all others. */
  seed: number;
  /** Before the measurement. */
  warmupSeconds: number;
  seconds: number;
} & (
  | { kind: 'closed'; connections: number }
  /** At fixed times, whatever happens to the pushes before. */
  | { kind: 'open'; perSecond: number }
);

/** Of the measurement, without the warm-up. */
export interface LoadResult {
  accepted: number;
  /** Any response but 200, or none. */
  rejected: number;
  acceptedPerSecond: number;
  /** ms; of an open loop from the moment when a push was due, so that a stall counts for all that it delayed. */
  latency: { p50: number; p99: number; max: number };
  /** ms; the generator's own delay: part of the latency of an open loop. */
  lag?: { p50: number; p99: number };
}
