import type { Logger } from '@shopee-webhook/runtime';
import type { AlertNotification, Queue, RedisConnection } from '@shopee-webhook/store';
import { z } from 'zod';

export interface AlertText {
  severity: AlertNotification['severity'];
  title: string;
  /** What is wrong and what the operator does about it; no personal data. */
  text: string;
}

/** What workers share of their alarms: who begins or ends one first is the one to tell of it. */
export interface SharedAlertState {
  outbox: Pick<Queue, 'enqueue'>;
  redis: RedisConnection;
  /** Hash: alarm → what it says. */
  key: string;
}

export interface AlertsOptions {
  /** Absent without Redis: then alarms are logged and shown by /health. */
  shared?: SharedAlertState;
  /** This worker, also after a restart. */
  owner: string;
  logger: Logger;
  now?: () => number;
}

const ActiveAlert = z.object({ title: z.string(), since: z.number(), by: z.string() });
type ActiveAlert = z.infer<typeof ActiveAlert>;

const maxRetries = 10;
const daySeconds = 86_400;
/** By then a worker that was restarted has met every trouble that is still there. */
const staleAfterMs = 120_000;

/**
 * Tells the operator of lasting trouble: once when it begins and once when it ends, over all workers and restarts.
 * Never throws: a begin or an end that cannot be told now is told at a later look.
 */
export class Alerts {
  readonly #options: AlertsOptions;
  readonly #active = new Map<string, ActiveAlert & { alert: AlertText; isSent: boolean }>();
  /** Alarms that ended while Redis could not be told. */
  readonly #resolved = new Set<string>();
  /** What all workers had told at the last look. */
  #shared: ReadonlyMap<string, ActiveAlert> = new Map();
  readonly #startedAt: number;

  constructor(options: AlertsOptions) {
    this.#options = options;
    this.#startedAt = this.#now();
  }

  /** Those that have begun and not ended, as this process sees it. */
  active(): { key: string; since: number; title: string }[] {
    return [...this.#active].map(([key, { since, title }]) => ({ key, since, title }));
  }

  /** Begins the alarm `key`; does nothing while it stands. */
  async raise(key: string, alert: AlertText): Promise<void> {
    if (this.#active.has(key)) return;
    this.#options.logger.warn({ alarm: key, title: alert.title }, 'alarm begins');
    this.#resolved.delete(key);
    const { owner: by } = this.#options;
    this.#active.set(key, { alert, title: alert.title, since: this.#now(), by, isSent: false });
    await this.#sendFiring(key);
  }

  /** Ends the alarm `key`, also one that an earlier process began. */
  async resolve(key: string): Promise<void> {
    const active = this.#active.get(key) ?? this.#shared.get(key);
    if (active === undefined) return;
    this.#options.logger.info({ alarm: key, ms: this.#now() - active.since }, 'alarm ends');
    this.#active.delete(key);
    this.#resolved.add(key);
    await this.#sendResolved(key);
  }

  /** Tells something that has no end. It is told again only after `quietSeconds`. */
  async notify(key: string, alert: AlertText, dedupeSeconds = daySeconds): Promise<void> {
    const level = alert.severity === 'info' ? 'info' : 'warn';
    this.#options.logger[level]({ alarm: key, title: alert.title }, 'alarm');
    const notification: AlertNotification = { kind: 'alarm', key, status: 'once', at: this.#now(), ...alert };
    const options = { digest: `alarm:${key}`, dedupeSeconds: dedupeSeconds, maxRetries };
    await this.#bestEffort(async ({ outbox }) => {
      await outbox.enqueue(JSON.stringify(notification), options);
    });
  }

  /** One look: tells what could not be told before, and ends what an earlier process of this worker left standing. */
  async sync(): Promise<void> {
    for (const [key, { isSent }] of this.#active) if (!isSent) await this.#sendFiring(key);
    for (const key of this.#resolved) await this.#sendResolved(key);
    await this.#bestEffort(async ({ redis, key }) => {
      const entries = Object.entries(await redis.hgetall(key));
      this.#shared = new Map(entries.map(([name, text]) => [name, ActiveAlert.parse(JSON.parse(text))]));
    });
    if (this.#now() - this.#startedAt < staleAfterMs) return;
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
        await enqueueNotification(shared, { kind: 'alarm', key, status: 'begin', at: since, ...alert });
      active.isSent = true;
    });
  }

  async #sendResolved(key: string): Promise<void> {
    await this.#bestEffort(async (shared) => {
      const known = await shared.redis.hget(shared.key, key);
      const wasFirst = known !== null && (await shared.redis.hdel(shared.key, key)) === 1;
      if (wasFirst)
        await enqueueNotification(shared, { kind: 'alarm', key, status: 'end', ...this.#resolvedText(known) });
      this.#resolved.delete(key);
    });
  }

  #resolvedText(known: string): Omit<AlertNotification, 'kind' | 'key' | 'status'> {
    const at = this.#now();
    const { title, since } = ActiveAlert.parse(JSON.parse(known));
    const minutes = Math.max(1, Math.round((at - since) / 60_000));
    return { severity: 'info', title, text: `It is over; it lasted ${String(minutes)} min.`, at };
  }

  /** The trouble is often Redis itself: then the log and /health tell, and the next look tries again. */
  async #bestEffort(send: (shared: SharedAlertState) => Promise<void>): Promise<void> {
    const { shared, logger } = this.#options;
    if (shared === undefined) {
      this.#resolved.clear();
      return;
    }
    try {
      await send(shared);
    } catch (err) {
      logger.debug({ err }, 'alarm not told yet');
    }
  }

  #now(): number {
    return (this.#options.now ?? Date.now)();
  }
}

async function enqueueNotification({ outbox }: SharedAlertState, notification: AlertNotification): Promise<void> {
  await outbox.enqueue(JSON.stringify(notification), { maxRetries });
}
