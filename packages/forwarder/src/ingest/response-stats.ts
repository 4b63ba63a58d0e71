import { join } from 'node:path';
import { z } from 'zod';
import { readJsonFile, writeJsonFile, systemClock } from '@shopee-webhook/runtime';

/** What a request to the webhook route came to. */
export const pushOutcomes = [
  'queued',
  'spooled',
  'duplicate',
  'verification',
  'unauthorized',
  'bad',
  'too-large',
  'unavailable',
] as const;
export type PushOutcome = (typeof pushOutcomes)[number];

/** One minute's responses. `slow`: Shopee had given up waiting by then. `unsigned`: rejected, and no push of Shopee's. */
export interface MinuteCounts {
  /** Unix minutes. */
  minute: number;
  counts: Partial<Record<PushOutcome | 'slow' | 'unsigned', number>>;
}

/** Shopee looks at the last 6 h: more than 600 pushes with under 70 % success bring a warning, under 30 % the end (guide 18). */
const retentionMinutes = 6 * 60;
/** Shopee waits 3 s, for chat messages 2 s (push pages, "Timeout"). */
const slowMs = 2_000;

const File = z.array(z.object({ minute: z.number().int(), counts: z.record(z.string(), z.number()) }));

/** The responses of the last 6 h: what Shopee's push success rate is made of. */
export interface ResponseSummary {
  pushes: number;
  accepted: number;
  /** Signed, rightly or not: what has no signature is none of Shopee's pushes. */
  rejected: number;
  /** Among the accepted ones: too late for Shopee. */
  slow: number;
  /** 0 to 1; null of none. */
  successRate: number | null;
}

/** Sums up what `minutes` returns. */
export function summarizeResponses(minutes: readonly MinuteCounts[]): ResponseSummary {
  const sum = (...kinds: (keyof MinuteCounts['counts'])[]) =>
    minutes.reduce((total, { counts }) => total + kinds.reduce((one, kind) => one + (counts[kind] ?? 0), 0), 0);
  const accepted = sum('queued', 'spooled', 'duplicate');
  const rejected = sum('unauthorized', 'bad', 'too-large', 'unavailable') - sum('unsigned');
  const slow = sum('slow');
  const pushes = accepted + rejected;
  const successful = Math.max(0, accepted - slow);
  return { pushes, accepted, rejected, slow, successRate: pushes === 0 ? null : successful / pushes };
}

/** This forwarder's responses, minute by minute over 6 h. */
export class ResponseStats {
  readonly #path: string;
  readonly #now: () => number;
  readonly #minutes = new Map<number, MinuteCounts['counts']>();

  constructor(options: { dataDir: string; now?: () => number }) {
    this.#path = join(options.dataDir, 'response-stats.json');
    this.#now = options.now ?? systemClock.wallMs;
  }

  /** Counts one response, which took `ms`. Shopee signs every push: an unsigned request is none that it judges by. */
  record(kind: PushOutcome, ms: number, { isUnsigned = false }: { isUnsigned?: boolean | undefined } = {}): void {
    const minute = Math.floor(this.#now() / 60_000);
    let counts = this.#minutes.get(minute);
    if (counts === undefined) {
      counts = {};
      this.#minutes.set(minute, counts);
      this.#expire(minute);
    }
    counts[kind] = (counts[kind] ?? 0) + 1;
    if (ms > slowMs) counts.slow = (counts.slow ?? 0) + 1;
    if (isUnsigned) counts.unsigned = (counts.unsigned ?? 0) + 1;
  }

  /** The last 6 h, oldest minute first. */
  minutes(): MinuteCounts[] {
    this.#expire(Math.floor(this.#now() / 60_000));
    return [...this.#minutes]
      .map(([minute, counts]) => ({ minute, counts: { ...counts } }))
      .toSorted((a, b) => a.minute - b.minute);
  }

  async load(): Promise<void> {
    const minutes = (await readJsonFile(this.#path, File)) ?? [];
    for (const { minute, counts } of minutes) this.#minutes.set(minute, counts);
    this.#expire(Math.floor(this.#now() / 60_000));
  }

  async save(): Promise<void> {
    await writeJsonFile(this.#path, this.minutes());
  }

  #expire(now: number): void {
    for (const minute of this.#minutes.keys()) if (minute <= now - retentionMinutes) this.#minutes.delete(minute);
  }
}
