/** What the load generator is asked for; its process gets it as JSON. */
export type LoadJob = {
  /** The callback URL, which is signed. */
  url: string;
  key: string;
  /** Makes the pushes of this run differ from those of all others. */
  seed: number;
  /** Before the measured time. */
  warmupSeconds: number;
  seconds: number;
} & (
  | { kind: 'closed'; connections: number }
  /** At fixed times, whatever becomes of the pushes before. */
  | { kind: 'open'; perSecond: number }
);

/** Of the measured time, without the warm-up. */
export interface LoadResult {
  accepted: number;
  /** Answered with anything but 200, or not at all. */
  rejected: number;
  acceptedPerSecond: number;
  /** ms; of an open loop from the moment when a push was due, so that a stall counts for all that it held up. */
  latency: { p50: number; p99: number; max: number };
  /** ms; how late the generator itself was: part of the latency of an open loop. */
  lag?: { p50: number; p99: number };
}
