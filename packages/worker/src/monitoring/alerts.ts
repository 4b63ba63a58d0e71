import type { Logger } from '@shopee-webhook/runtime';
import type { AlertNotification, Queue, RedisConnection } from '@shopee-webhook/store';
import { z } from 'zod';

export interface AlertText {
  severity: AlertNotification['severity'];
  title: string;
  /** What is wrong and what the operator can do; no personal data. */
  text: string;
}

/** The alert state that all workers share: whoever raises or resolves an alert first sends the notification. */
export interface SharedAlertState {
  outbox: Pick<Queue, 'enqueue'>;
  redis: RedisConnection;
  /** Hash: alert key → its text. */
  key: string;
}

export interface AlertsOptions {
  /** Absent without Redis: alerts are then only logged and shown in /health. */
  shared?: SharedAlertState;
  /** This worker's id, stable across restarts. */
  owner: string;
  logger: Logger;
  now?: () => number;
}

const ActiveAlert = z.object({ title: z.string(), since: z.number(), by: z.string() });
type ActiveAlert = z.infer<typeof ActiveAlert>;

const maxRetries = 10;
const daySeconds = 86_400;
/** Grace period after a restart before unresolved alerts are considered stale. */
const staleAfterMs = 120_000;

/**
 * Alerts of operational conditions: one notification when an alert fires and one when it resolves, across workers and
 * restarts. Never throws: what cannot be sent now is sent at a later sync.
 */
export class Alerts {
  readonly #options: AlertsOptions;
  readonly #active = new Map<string, ActiveAlert & { alert: AlertText; isSent: boolean }>();
  /** Resolved alerts that Redis does not know of yet. */
  readonly #resolved = new Set<string>();
  /** Active alerts of all workers, as of the last sync. */
  #shared: ReadonlyMap<string, ActiveAlert> = new Map();
  readonly #startedAt = performance.now();

  constructor(options: AlertsOptions) {
    this.#options = options;
  }

  /** Alerts that this process considers active. */
  active(): { key: string; since: number; title: string }[] {
    return [...this.#active].map(([key, { since, title }]) => ({ key, since, title }));
  }

  /** Raises the alert `key`; does nothing while it is active. */
  async raise(key: string, alert: AlertText): Promise<void> {
    if (this.#active.has(key)) return;
    this.#options.logger.warn({ alert: key, title: alert.title }, 'alert firing');
    this.#resolved.delete(key);
    const { owner: by } = this.#options;
    this.#active.set(key, { alert, title: alert.title, since: this.#now(), by, isSent: false });
    await this.#sendFiring(key);
  }

  /** Resolves the alert `key`, also one that an earlier process raised. */
  async resolve(key: string): Promise<void> {
    const active = this.#active.get(key) ?? this.#shared.get(key);
    if (active === undefined) return;
    this.#options.logger.info({ alert: key, ms: Math.max(0, this.#now() - active.since) }, 'alert resolved');
    this.#active.delete(key);
    this.#resolved.add(key);
    await this.#sendResolved(key);
  }

  /** Sends a one-time notification; repeats within `dedupeSeconds` are dropped. */
  async notify(key: string, alert: AlertText, dedupeSeconds = daySeconds): Promise<void> {
    const level = alert.severity === 'info' ? 'info' : 'warn';
    this.#options.logger[level]({ alert: key, title: alert.title }, 'alert');
    const notification: AlertNotification = { kind: 'alert', key, status: 'event', at: this.#now(), ...alert };
    const options = { digest: `alert:${key}`, dedupeSeconds, maxRetries };
    await this.#bestEffort(async ({ outbox }) => {
      await outbox.enqueue(JSON.stringify(notification), options);
    });
  }

  /** Sends what could not be sent before, and resolves stale alerts of an earlier process of this worker. */
  async sync(): Promise<void> {
    for (const [key, { isSent }] of this.#active) if (!isSent) await this.#sendFiring(key);
    for (const key of this.#resolved) await this.#sendResolved(key);
    await this.#bestEffort(async ({ redis, key }) => {
      const entries = Object.entries(await redis.hgetall(key));
      this.#shared = new Map(entries.map(([name, text]) => [name, ActiveAlert.parse(JSON.parse(text))]));
    });
    if (performance.now() - this.#startedAt < staleAfterMs) return;
    for (const [key, { by }] of this.#shared) {
      if (by === this.#options.owner && !this.#active.has(key)) await this.resolve(key);
    }
  }

  async #sendFiring(key: string): Promise<void> {
    const active = this.#active.get(key);
    if (active === undefined) return;
    const { alert, title, since, by } = active;
    await this.#bestEffort(async (shared) => {
      const isFirst = await shared.redis.hsetnx(shared.key, key, JSON.stringify({ ...alert, title, since, by }));
      if (isFirst === 1)
        await enqueueNotification(shared, { kind: 'alert', key, status: 'firing', at: since, ...alert });
      active.isSent = true;
    });
  }

  async #sendResolved(key: string): Promise<void> {
    await this.#bestEffort(async (shared) => {
      const known = await shared.redis.hget(shared.key, key);
      const wasFirst = known !== null && (await shared.redis.hdel(shared.key, key)) === 1;
      if (wasFirst)
        await enqueueNotification(shared, { kind: 'alert', key, status: 'resolved', ...this.#resolvedText(known) });
      this.#resolved.delete(key);
    });
  }

  #resolvedText(known: string): Omit<AlertNotification, 'kind' | 'key' | 'status'> {
    const at = this.#now();
    const { title, since } = ActiveAlert.parse(JSON.parse(known));
    const minutes = Math.max(1, Math.round((at - since) / 60_000));
    return { severity: 'info', title, text: `Duration: ${String(minutes)} min.`, at };
  }

  /** The problem is often Redis itself: the log and /health show it, and the next sync tries again. */
  async #bestEffort(send: (shared: SharedAlertState) => Promise<void>): Promise<void> {
    const { shared, logger } = this.#options;
    if (shared === undefined) {
      this.#resolved.clear();
      return;
    }
    try {
      await send(shared);
    } catch (err) {
      logger.debug({ err }, 'alert not sent, will retry');
    }
  }

  #now(): number {
    return (this.#options.now ?? Date.now)();
  }
}

async function enqueueNotification({ outbox }: SharedAlertState, notification: AlertNotification): Promise<void> {
  await outbox.enqueue(JSON.stringify(notification), { maxRetries });
}
