import { quotaExceeded } from '../spreadsheet/api-error.ts';

/** Requests a minute; a batch counts as one. */
export interface QuotaLimits {
  readsPerUser: number;
  writesPerUser: number;
  readsPerProject: number;
  writesPerProject: number;
}

/** Google's own, by its page on usage limits. */
export const googleLimits: QuotaLimits = {
  readsPerUser: 60,
  writesPerUser: 60,
  readsPerProject: 300,
  writesPerProject: 300,
};

const minute = 60_000;

/** Counts requests in windows of a minute, each of which begins with its first request. */
export class Quotas {
  limits: QuotaLimits;
  readonly #windows = new Map<string, { start: number; count: number }>();
  readonly #now: () => number;
  readonly #project: string;

  constructor(options: { limits: QuotaLimits; now: () => number; project: string }) {
    this.limits = options.limits;
    this.#now = options.now;
    this.#project = options.project;
  }

  /** Counts a request, or throws the 429 of the quota that it exceeds; what is rejected is not counted. */
  take(metric: 'Read' | 'Write', user: string): void {
    const { readsPerUser, writesPerUser, readsPerProject, writesPerProject } = this.limits;
    const limits = metric === 'Read' ? [readsPerUser, readsPerProject] : [writesPerUser, writesPerProject];
    const windows = [this.#window(`${metric} ${user}`), this.#window(metric)];
    windows.forEach((window, index) => {
      const limit = limits[index] ?? 0;
      if (window.count >= limit) throw quotaExceeded({ metric, perUser: index === 0, limit, project: this.#project });
    });
    for (const window of windows) window.count += 1;
  }

  /** Starts over every minute. */
  reset(): void {
    this.#windows.clear();
  }

  #window(name: string): { start: number; count: number } {
    const now = this.#now();
    const window = this.#windows.get(name);
    if (window !== undefined && now - window.start < minute) return window;
    const fresh = { start: now, count: 0 };
    this.#windows.set(name, fresh);
    return fresh;
  }
}
