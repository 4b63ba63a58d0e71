import type { Logger } from '@shopee-webhook/runtime';
import type { Notification } from '@shopee-webhook/store';

export interface AlarmText {
  severity: 'info' | 'warning' | 'critical';
  title: string;
  /** What is wrong and what the operator does about it; no personal data. */
  text: string;
}

interface Outbox {
  enqueue(
    payloadText: string,
    options: { digest: string; dedupeSeconds: number; maxRetries: number },
  ): Promise<unknown>;
}

export interface AlarmsOptions {
  /** The Telegram outbox; without Redis there is none, and alarms are only logged and shown by /health. */
  outbox?: Outbox | undefined;
  logger: Logger;
  now?: () => number;
}

/** Several workers see the same outage begin and end; one notification of each is enough. */
const dedupeSeconds = 300;
const maxRetries = 10;

/** Tells the operator of lasting trouble: once when it begins and once when it ends. */
export class Alarms {
  readonly #options: AlarmsOptions;
  readonly #standing = new Map<string, AlarmText & { since: number }>();

  constructor(options: AlarmsOptions) {
    this.#options = options;
  }

  /** Those that have begun and not ended. */
  standing(): { key: string; since: number; title: string }[] {
    return [...this.#standing].map(([key, { since, title }]) => ({ key, since, title }));
  }

  /** Begins the alarm `key`; does nothing while it stands. */
  async begin(key: string, alarm: AlarmText): Promise<void> {
    if (this.#standing.has(key)) return;
    const since = this.#now();
    this.#standing.set(key, { ...alarm, since });
    this.#options.logger.warn({ alarm: key, title: alarm.title }, 'alarm begins');
    await this.#send({ kind: 'alarm', key, phase: 'begin', at: since, ...alarm });
  }

  /** Ends the alarm `key`, if it stands. */
  async end(key: string): Promise<void> {
    const alarm = this.#standing.get(key);
    if (alarm === undefined) return;
    this.#standing.delete(key);
    const at = this.#now();
    const minutes = Math.max(1, Math.round((at - alarm.since) / 60_000));
    this.#options.logger.info({ alarm: key, ms: at - alarm.since }, 'alarm ends');
    const text = `It is over; it lasted ${String(minutes)} min.`;
    await this.#send({ kind: 'alarm', key, phase: 'end', severity: 'info', title: alarm.title, text, at });
  }

  /** Tells something that has no end. `key` keeps it from being told twice within `quietSeconds`. */
  async once(key: string, alarm: AlarmText, quietSeconds = 86_400): Promise<void> {
    this.#options.logger.warn({ alarm: key, title: alarm.title }, 'alarm');
    await this.#send({ kind: 'alarm', key, phase: 'once', at: this.#now(), ...alarm }, quietSeconds);
  }

  async #send(notification: Extract<Notification, { kind: 'alarm' }>, quietSeconds = dedupeSeconds): Promise<void> {
    const { outbox, logger } = this.#options;
    const digest = `alarm:${notification.phase}:${notification.key}`;
    try {
      await outbox?.enqueue(JSON.stringify(notification), { digest, dedupeSeconds: quietSeconds, maxRetries });
    } catch (err) {
      // The trouble is often Redis itself. It stays in the log and in /health.
      logger.error({ err, alarm: notification.key }, 'alarm not put into the outbox');
    }
  }

  #now(): number {
    return (this.#options.now ?? Date.now)();
  }
}
