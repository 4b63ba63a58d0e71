import type { Logger } from '@shopee-webhook/runtime';
import type { AlarmNotification, Queue, RedisConnection } from '@shopee-webhook/store';
import { z } from 'zod';

export interface AlarmText {
  severity: AlarmNotification['severity'];
  title: string;
  /** What is wrong and what the operator does about it; no personal data. */
  text: string;
}

/** What workers share of their alarms: who begins or ends one first is the one to tell of it. */
export interface SharedAlarms {
  outbox: Pick<Queue, 'enqueue'>;
  redis: RedisConnection;
  /** Hash: alarm → what it says. */
  key: string;
}

export interface AlarmsOptions {
  /** Absent without Redis: then alarms are logged and shown by /health. */
  shared?: SharedAlarms;
  /** This worker, also after a restart. */
  owner: string;
  logger: Logger;
  now?: () => number;
}

const Standing = z.object({ title: z.string(), since: z.number(), by: z.string() });
type Standing = z.infer<typeof Standing>;

const maxRetries = 10;
const daySeconds = 86_400;
/** By then a worker that was restarted has met every trouble that is still there. */
const inheritedMs = 120_000;

/**
 * Tells the operator of lasting trouble: once when it begins and once when it ends, over all workers and restarts.
 * Never throws: a begin or an end that cannot be told now is told at a later look.
 */
export class Alarms {
  readonly #options: AlarmsOptions;
  readonly #standing = new Map<string, Standing & { alarm: AlarmText; told: boolean }>();
  /** Alarms that ended while Redis could not be told. */
  readonly #ended = new Set<string>();
  /** What all workers had told at the last look. */
  #shared: ReadonlyMap<string, Standing> = new Map();
  readonly #startedAt: number;

  constructor(options: AlarmsOptions) {
    this.#options = options;
    this.#startedAt = this.#now();
  }

  /** Those that have begun and not ended, as this process sees it. */
  standing(): { key: string; since: number; title: string }[] {
    return [...this.#standing].map(([key, { since, title }]) => ({ key, since, title }));
  }

  /** Begins the alarm `key`; does nothing while it stands. */
  async begin(key: string, alarm: AlarmText): Promise<void> {
    if (this.#standing.has(key)) return;
    this.#options.logger.warn({ alarm: key, title: alarm.title }, 'alarm begins');
    this.#ended.delete(key);
    const { owner: by } = this.#options;
    this.#standing.set(key, { alarm, title: alarm.title, since: this.#now(), by, told: false });
    await this.#tellBegin(key);
  }

  /** Ends the alarm `key`, also one that an earlier process began. */
  async end(key: string): Promise<void> {
    const standing = this.#standing.get(key) ?? this.#shared.get(key);
    if (standing === undefined) return;
    this.#options.logger.info({ alarm: key, ms: this.#now() - standing.since }, 'alarm ends');
    this.#standing.delete(key);
    this.#ended.add(key);
    await this.#tellEnd(key);
  }

  /** Tells something that has no end. It is told again only after `quietSeconds`. */
  async once(key: string, alarm: AlarmText, quietSeconds = daySeconds): Promise<void> {
    const level = alarm.severity === 'info' ? 'info' : 'warn';
    this.#options.logger[level]({ alarm: key, title: alarm.title }, 'alarm');
    const notification: AlarmNotification = { kind: 'alarm', key, phase: 'once', at: this.#now(), ...alarm };
    const options = { digest: `alarm:${key}`, dedupeSeconds: quietSeconds, maxRetries };
    await this.#quietly(async ({ outbox }) => {
      await outbox.enqueue(JSON.stringify(notification), options);
    });
  }

  /** One look: tells what could not be told before, and ends what an earlier process of this worker left standing. */
  async look(): Promise<void> {
    for (const [key, { told }] of this.#standing) if (!told) await this.#tellBegin(key);
    for (const key of this.#ended) await this.#tellEnd(key);
    await this.#quietly(async ({ redis, key }) => {
      const entries = Object.entries(await redis.hgetall(key));
      this.#shared = new Map(entries.map(([name, text]) => [name, Standing.parse(JSON.parse(text))]));
    });
    if (this.#now() - this.#startedAt < inheritedMs) return;
    for (const [key, { by }] of this.#shared) {
      if (by === this.#options.owner && !this.#standing.has(key)) await this.end(key);
    }
  }

  async #tellBegin(key: string): Promise<void> {
    const standing = this.#standing.get(key);
    if (standing === undefined) return;
    const { alarm, title, since, by } = standing;
    await this.#quietly(async (shared) => {
      const isFirst = await shared.redis.hsetnx(shared.key, key, JSON.stringify({ ...alarm, title, since, by }));
      if (isFirst === 1) await send(shared, { kind: 'alarm', key, phase: 'begin', at: since, ...alarm });
      standing.told = true;
    });
  }

  async #tellEnd(key: string): Promise<void> {
    await this.#quietly(async (shared) => {
      const known = await shared.redis.hget(shared.key, key);
      const wasFirst = known !== null && (await shared.redis.hdel(shared.key, key)) === 1;
      if (wasFirst) await send(shared, { kind: 'alarm', key, phase: 'end', ...this.#endText(known) });
      this.#ended.delete(key);
    });
  }

  #endText(known: string): Omit<AlarmNotification, 'kind' | 'key' | 'phase'> {
    const at = this.#now();
    const { title, since } = Standing.parse(JSON.parse(known));
    const minutes = Math.max(1, Math.round((at - since) / 60_000));
    return { severity: 'info', title, text: `It is over; it lasted ${String(minutes)} min.`, at };
  }

  /** The trouble is often Redis itself: then the log and /health tell, and the next look tries again. */
  async #quietly(tell: (shared: SharedAlarms) => Promise<void>): Promise<void> {
    const { shared, logger } = this.#options;
    if (shared === undefined) {
      this.#ended.clear();
      return;
    }
    try {
      await tell(shared);
    } catch (err) {
      logger.debug({ err }, 'alarm not told yet');
    }
  }

  #now(): number {
    return (this.#options.now ?? Date.now)();
  }
}

async function send({ outbox }: SharedAlarms, notification: AlarmNotification): Promise<void> {
  await outbox.enqueue(JSON.stringify(notification), { maxRetries });
}
