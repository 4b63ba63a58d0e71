import { systemClock } from '@shopee-webhook/runtime';
import type { PushStatus, WorkerSettings } from '@shopee-webhook/contracts/worker-rpc';
import type { WorkerClient } from './worker-client.ts';

const cacheTtlMs = 30_000;
const timeoutMs = 5_000;

/** What the worker says that changes seldom, at most half a minute old; undefined while it does not say. */
export class WorkerInfo {
  readonly #client: WorkerClient;
  readonly #cached = new Map<string, { at: number; result: Promise<unknown> }>();

  constructor(client: WorkerClient) {
    this.#client = client;
  }

  settings(): Promise<WorkerSettings | undefined> {
    return this.#cachedCall('settings', () => this.#client.call('settings', {}, timeoutMs));
  }

  pushStatus(): Promise<PushStatus | undefined> {
    return this.#cachedCall('push', () => this.#client.call('push-status', {}, timeoutMs));
  }

  #cachedCall<T>(name: string, request: () => Promise<T>): Promise<T | undefined> {
    const known = this.#cached.get(name);
    if (known !== undefined && systemClock.monotonicMs() - known.at < cacheTtlMs)
      return known.result as Promise<T | undefined>;
    const result = request().catch(() => {
      // Asked again at once: the worker may be back by then.
      this.#cached.delete(name);
      return undefined;
    });
    this.#cached.set(name, { at: systemClock.monotonicMs(), result });
    return result;
  }
}
