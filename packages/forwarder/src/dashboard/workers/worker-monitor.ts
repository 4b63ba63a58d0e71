import { systemClock } from '@shopee-webhook/runtime';
import { WorkerStats } from '@shopee-webhook/contracts';
import { z } from 'zod';

const Check = z.object({
  status: z.enum(['ok', 'warning', 'failing']),
  since: z.string().optional(),
  detail: z.string().optional(),
  action: z.string().optional(),
});
const Health = z.object({ status: z.enum(['ok', 'degraded', 'failing']), checks: z.record(z.string(), Check) });

const Stats = WorkerStats.omit({ totals: true }).partial({ calls: true });

export type WorkerCheck = z.infer<typeof Check>;

/** What the worker last reported. */
export interface WorkerView {
  /** False until the first poll is over. */
  isKnown: boolean;
  reachable: boolean;
  /** Since when it has been reachable or not, ms. */
  since: number;
  checks: Readonly<Record<string, WorkerCheck>>;
  stats: z.infer<typeof Stats> | undefined;
}

const timeoutMs = 2_000;

/** Polls the worker every few seconds, so that no page waits for an unreachable one. */
export class WorkerMonitor {
  readonly #origin: string;
  readonly #now: () => number;
  #view: WorkerView;

  /** `url`: any address of the worker. */
  constructor(options: { url: string; now?: () => number }) {
    this.#origin = new URL(options.url).origin;
    this.#now = options.now ?? systemClock.wallMs;
    this.#view = { isKnown: false, reachable: false, since: this.#now(), checks: {}, stats: undefined };
  }

  get view(): WorkerView {
    return this.#view;
  }

  /** Never rejects. */
  async poll(): Promise<void> {
    const [health, stats] = await Promise.all([this.#get('/health', Health), this.#get('/workers/stats', Stats)]);
    const reachable = health !== undefined || stats !== undefined;
    const since = this.#view.isKnown && reachable === this.#view.reachable ? this.#view.since : this.#now();
    this.#view = { isKnown: true, reachable, since, checks: health?.checks ?? {}, stats };
  }

  /** undefined: no response, or not a worker's. */
  async #get<Schema extends z.ZodType>(path: string, schema: Schema): Promise<z.output<Schema> | undefined> {
    try {
      const response = await fetch(this.#origin + path, { redirect: 'manual', signal: AbortSignal.timeout(timeoutMs) });
      const parsed = schema.safeParse(await response.json());
      return parsed.success ? parsed.data : undefined;
    } catch {
      // Unreachable, or not JSON: no worker is at that address now.
      return undefined;
    }
  }
}
