import type { PushStatus, WorkerSettings } from '@shopee-webhook/runtime';
import type { WorkerLink } from './worker-link.ts';

const rememberedMs = 30_000;
const timeoutMs = 5_000;

/** What the worker says that changes seldom, at most half a minute old; undefined while it does not say. */
export class WorkerFacts {
  readonly #link: WorkerLink;
  readonly #known = new Map<string, { at: number; answer: Promise<unknown> }>();

  constructor(link: WorkerLink) {
    this.#link = link;
  }

  settings(): Promise<WorkerSettings | undefined> {
    return this.#remembered('settings', () => this.#link.ask('settings', {}, timeoutMs));
  }

  pushStatus(): Promise<PushStatus | undefined> {
    return this.#remembered('push', () => this.#link.ask('push-status', {}, timeoutMs));
  }

  #remembered<T>(name: string, ask: () => Promise<T>): Promise<T | undefined> {
    const known = this.#known.get(name);
    if (known !== undefined && Date.now() - known.at < rememberedMs) return known.answer as Promise<T | undefined>;
    const answer = ask().catch(() => {
      // Asked again at once: the worker may be back by then.
      this.#known.delete(name);
      return undefined;
    });
    this.#known.set(name, { at: Date.now(), answer });
    return answer;
  }
}
