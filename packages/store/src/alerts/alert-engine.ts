import { type Clock, systemClock } from '@shopee-webhook/runtime/clock';
import { z } from 'zod';
import type { AlertNotification } from '../notifications/notification.ts';
import type { Queue } from '../queue/queue.ts';
import type { RedisConnection } from '../redis/connection.ts';
import { raiseAlertScript, removeAlertScript, resolveAlertScript, syncAlertsScript } from './alert-scripts.ts';
import type { AlertStateFile, SavedAlert } from './alert-state-file.ts';

/** What an alert says; no personal data. */
export interface AlertContent {
  severity: AlertNotification['severity'];
  title: string;
  /** What is wrong and what the operator does about it. */
  text: string;
}

export interface ActiveAlert extends AlertContent {
  key: string;
  /** ms. */
  since: number;
}

/** What a rule found: a condition that is met or not. */
export interface AlertCondition extends AlertContent {
  /** One key for one condition, whoever notices it. */
  key: string;
  active: boolean;
  /** It has no end: sent once a day at most. */
  isEvent?: boolean | undefined;
}

interface AlertLogger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export interface AlertEngineDeps {
  /** What all processes share. Absent: REDIS_ENABLED=false. */
  shared?: {
    redis: RedisConnection;
    /** The key of the hash of alerts. */
    key: string;
    outbox: Pick<Queue, 'enqueue'>;
    /** Whether Redis can be used now. */
    isAvailable: () => boolean;
  };
  /** Keeps the alerts, and may send them, while Redis is unavailable. */
  local: AlertStateFile;
  /** This process, also after a restart. */
  owner: string;
  logger: AlertLogger;
  /** After how long an alert is resolved whose processes no longer say that its condition is met. */
  staleAfterMs?: number;
  clock?: Clock;
}

const Content = z.object({
  severity: z.enum(['info', 'warning', 'critical']),
  title: z.string(),
  text: z.string(),
  since: z.number(),
  /** Whether its notification is in the outbox. */
  sent: z.boolean(),
});
type Content = z.infer<typeof Content>;

interface SharedAlert extends Content {
  isHeld: boolean;
  isOurs: boolean;
}

const maxPending = 100;
const maxRetries = 10;
const daySeconds = 86_400;
/** A Redis that does not answer within this time counts as unavailable. */
const timeoutMs = 5_000;

/**
 * The alerts of all processes: conditions in, one notification out when an alert fires and one when it resolves, over
 * processes and restarts. The state is in Redis, and in a file of this process while Redis is unavailable. Nothing here
 * rejects: what cannot be sent now is sent by a later `sync`.
 */
export class AlertEngine {
  readonly #deps: AlertEngineDeps;
  readonly #staleAfterMs: number;
  /** Raised by this process. */
  readonly #active = new Map<string, SavedAlert>();
  /** Resolved by this process, and not yet in Redis. */
  readonly #resolved = new Map<string, SavedAlert>();
  /** Active when this process started, and not confirmed since. */
  readonly #unconfirmed = new Set<string>();
  readonly #clock: Clock;
  readonly #startedAt: number;
  #shared: ReadonlyMap<string, SharedAlert> = new Map();
  /** Notifications that no outbox took. */
  #pending: { notification: AlertNotification; dedupeSeconds: number }[] = [];
  readonly #notifiedAt = new Map<string, number>();
  #availableSince: number | undefined;
  #isLoaded = false;
  #last: Promise<void> = Promise.resolve();

  constructor(deps: AlertEngineDeps) {
    this.#deps = deps;
    this.#staleAfterMs = deps.staleAfterMs ?? 120_000;
    this.#clock = deps.clock ?? systemClock;
    this.#startedAt = this.#clock.monotonicMs();
  }

  /** All active alerts, each once, oldest first; those of other processes as of the last `sync`. */
  active(): ActiveAlert[] {
    this.#load();
    const alerts = new Map<string, ActiveAlert>();
    for (const [key, alert] of [...this.#shared, ...this.#active]) {
      const { severity, title, text, since } = alert;
      if (!this.#resolved.has(key)) alerts.set(key, { key, severity, title, text, since });
    }
    return [...alerts.values()].toSorted((a, b) => a.since - b.since);
  }

  /** Whether this process has the alert: rules with a hysteresis ask. */
  isActive(key: string): boolean {
    this.#load();
    return this.#active.has(key);
  }

  /** Raises and resolves what the rules found. */
  async evaluate(conditions: readonly AlertCondition[]): Promise<void> {
    for (const { key, active, isEvent = false, ...content } of conditions) {
      if (isEvent) await (active ? this.notify(key, content) : undefined);
      else await (active ? this.raise(key, content) : this.resolve(key));
    }
  }

  /** The condition is met. Sends one notification, however often and by however many processes it is raised. */
  async raise(key: string, content: AlertContent): Promise<void> {
    this.#load();
    this.#unconfirmed.delete(key);
    const known = this.#active.get(key);
    const { severity, title, text } = content;
    if (known !== undefined) {
      // Shown with what is the case now; sent once.
      this.#active.set(key, { ...known, severity, title, text });
      return;
    }
    this.#deps.logger.warn({ alert: key, title, text }, 'alert firing');
    const alert: SavedAlert = { severity, title, text, since: this.#clock.wallMs(), sent: false };
    if (this.#resolved.delete(key)) alert.replaces = true;
    this.#active.set(key, alert);
    await this.#exclusive(async () => {
      await this.#save();
      await this.#sendFiring(key);
    });
  }

  /** The condition is no longer met. Does nothing while another process still has it. */
  async resolve(key: string): Promise<void> {
    this.#load();
    this.#unconfirmed.delete(key);
    const shared = this.#shared.get(key);
    const alert = this.#active.get(key) ?? (shared?.isOurs === true ? shared : undefined);
    if (alert === undefined || this.#resolved.has(key)) return;
    const { severity, title, text, since, sent } = alert;
    this.#deps.logger.info({ alert: key, ms: this.#clock.wallMs() - since }, 'alert resolved');
    this.#active.delete(key);
    this.#resolved.set(key, { severity, title, text, since, sent });
    await this.#exclusive(async () => {
      await this.#save();
      await this.#sendResolved(key);
    });
  }

  /** Sends something that has no end, once within `dedupeSeconds`. */
  async notify(key: string, content: AlertContent, dedupeSeconds: number = daySeconds): Promise<void> {
    const { severity, title, text } = content;
    const now = this.#clock.monotonicMs();
    if (now - (this.#notifiedAt.get(key) ?? -Infinity) < dedupeSeconds * 1000) return;
    this.#notifiedAt.set(key, now);
    const at = this.#clock.wallMs();
    this.#deps.logger[severity === 'info' ? 'info' : 'warn']({ alert: key, title, text }, 'alert');
    const notification: AlertNotification = { kind: 'alert', key, status: 'event', severity, title, text, at };
    await this.#exclusive(() => this.#send(notification, `alert:${key}`, dedupeSeconds));
  }

  /** Sends what could not be sent, learns what other processes raised, and resolves what nobody has any more. */
  async sync(): Promise<void> {
    this.#load();
    const now = this.#clock.monotonicMs();
    if (now - this.#startedAt >= this.#staleAfterMs) for (const key of this.#unconfirmed) await this.resolve(key);
    if (!this.#isAvailable()) this.#availableSince = undefined;
    else this.#availableSince ??= now;
    await this.#exclusive(async () => {
      const pending = this.#pending;
      this.#pending = [];
      for (const { notification, dedupeSeconds } of pending) {
        await this.#send(notification, `alert:${notification.key}`, dedupeSeconds);
      }
      for (const [key, alert] of this.#active) if (!alert.sent || !this.#shared.has(key)) await this.#sendFiring(key);
      for (const key of this.#resolved.keys()) await this.#sendResolved(key);
      await this.#readShared();
    });
  }

  async #sendFiring(key: string): Promise<void> {
    const alert = this.#active.get(key);
    if (alert === undefined || (await this.#share(key, alert)) || alert.sent) return;
    const { severity, title, text, since: at } = alert;
    alert.sent = true;
    alert.sent = await this.#save({ kind: 'alert', key, status: 'firing', severity, title, text, at });
  }

  /** False when Redis could not be reached. */
  async #share(key: string, alert: SavedAlert): Promise<boolean> {
    const { owner } = this.#deps;
    return this.#inRedis(async ({ redis, key: hash, outbox }) => {
      const { replaces = false, ...content } = alert;
      const args = [key, owner, JSON.stringify(content), replaces ? '1' : ''];
      const current = Content.parse(JSON.parse(String(await raiseAlertScript.run(redis, [hash], args))));
      const { severity, title, text, since: at } = current;
      if (!current.sent) {
        // Of one digest from whichever process, and after a crash before the next line as well.
        const notification: AlertNotification = { kind: 'alert', key, status: 'firing', severity, title, text, at };
        await outbox.enqueue(JSON.stringify(notification), { digest: `alert:${key}:${at}:firing`, maxRetries });
        await redis.hset(hash, key, JSON.stringify({ ...current, sent: true }));
      }
      Object.assign(alert, { since: at, sent: true, replaces: undefined });
      await this.#save();
    });
  }

  async #sendResolved(key: string): Promise<void> {
    const alert = this.#resolved.get(key);
    if (alert === undefined) return;
    const { owner, shared } = this.#deps;
    const done = await this.#inRedis(async ({ redis, key: hash }) => {
      const args = [key, owner, this.#staleAfterMs];
      const reply = (await resolveAlertScript.run(redis, [hash], args)) as string | null;
      if (reply === '') return;
      // Not in Redis: it fired while that was unavailable.
      const fired = reply === null ? alert : Content.parse(JSON.parse(reply));
      if (fired.sent && alert.isAnnounced !== true) await this.#enqueueResolved(key, fired);
      if (reply !== null) await removeAlertScript.run(redis, [hash], [key, reply]);
    });
    if (!done && alert.sent && alert.isAnnounced !== true) {
      alert.isAnnounced = true;
      alert.isAnnounced = await this.#save(this.#toResolved(key, alert));
    }
    if (!done && shared !== undefined) return;
    this.#resolved.delete(key);
    this.#shared = new Map([...this.#shared].filter(([name]) => name !== key));
    await this.#save();
  }

  async #readShared(): Promise<void> {
    const { owner } = this.#deps;
    await this.#inRedis(async ({ redis, key: hash }) => {
      const args = [owner, this.#staleAfterMs, ...this.#active.keys()];
      const reply = (await syncAlertsScript.run(redis, [hash], args)) as (string | number)[];
      const alerts = new Map<string, SharedAlert>();
      for (let at = 0; at < reply.length; at += 4) {
        const [key, text, isHeld, isOurs] = reply.slice(at, at + 4);
        const content = Content.safeParse(JSON.parse(String(text)));
        if (content.success) {
          alerts.set(String(key), { ...content.data, isHeld: isHeld === 1, isOurs: isOurs === 1 });
        }
      }
      this.#shared = alerts;
      // After an outage of Redis nobody could renew: give all processes time to.
      if (this.#clock.monotonicMs() - (this.#availableSince ?? Infinity) < this.#staleAfterMs) return;
      for (const [key, alert] of alerts) {
        if (alert.isHeld || this.#active.has(key)) continue;
        const { isHeld: _, isOurs: __, ...content } = alert;
        this.#deps.logger.info({ alert: key, ms: this.#clock.wallMs() - alert.since }, 'alert resolved');
        if (alert.sent) await this.#enqueueResolved(key, alert);
        await removeAlertScript.run(redis, [hash], [key, JSON.stringify(content)]);
        alerts.delete(key);
      }
    });
  }

  async #enqueueResolved(key: string, alert: Content): Promise<void> {
    const digest = `alert:${key}:${String(alert.since)}:resolved`;
    const text = JSON.stringify(this.#toResolved(key, alert));
    await this.#deps.shared?.outbox.enqueue(text, { digest, maxRetries });
  }

  #toResolved(key: string, { title, since }: Pick<SavedAlert, 'title' | 'since'>): AlertNotification {
    const at = this.#clock.wallMs();
    const text = `Duration: ${formatDuration(Math.max(0, at - since))}.`;
    return { kind: 'alert', key, status: 'resolved', severity: 'info', title, text, at };
  }

  /** Into the outbox in Redis, else into the local one, else it waits for the next `sync`. */
  async #send(notification: AlertNotification, digest: string, dedupeSeconds: number): Promise<void> {
    const payload = JSON.stringify(notification);
    const enqueue = async ({ outbox }: NonNullable<AlertEngineDeps['shared']>) => {
      await outbox.enqueue(payload, { digest, dedupeSeconds, maxRetries });
    };
    if ((await this.#inRedis(enqueue)) || (await this.#save(notification))) return;
    this.#pending = [...this.#pending, { notification, dedupeSeconds }].slice(-maxPending);
  }

  /** True when Redis did it. */
  async #inRedis(work: (shared: NonNullable<AlertEngineDeps['shared']>) => Promise<void>): Promise<boolean> {
    const { shared, logger } = this.#deps;
    if (shared === undefined || !shared.isAvailable()) return false;
    const timeout = Promise.withResolvers<never>();
    const timer = setTimeout(() => timeout.reject(new Error(`no reply within ${String(timeoutMs)} ms`)), timeoutMs);
    try {
      await Promise.race([work(shared), timeout.promise]);
      return true;
    } catch (err) {
      logger.debug({ err }, 'alert not sent, will retry');
      return false;
    } finally {
      clearTimeout(timer);
    }
  }

  #isAvailable(): boolean {
    return this.#deps.shared?.isAvailable() === true;
  }

  /** Keeps the state, and in the same step the notification; false when there is no local outbox or it could not take it. */
  async #save(notification?: AlertNotification): Promise<boolean> {
    try {
      const state = { active: Object.fromEntries(this.#active), resolved: Object.fromEntries(this.#resolved) };
      return await this.#deps.local.save(state, notification);
    } catch (err) {
      this.#deps.logger.error({ err }, 'active alerts not saved');
      return false;
    }
  }

  #load(): void {
    if (this.#isLoaded) return;
    try {
      const { active, resolved } = this.#deps.local.load();
      for (const [key, alert] of Object.entries(active)) {
        if (this.#active.has(key)) continue;
        this.#active.set(key, alert);
        this.#unconfirmed.add(key);
      }
      for (const [key, alert] of Object.entries(resolved)) this.#resolved.set(key, alert);
      this.#isLoaded = true;
    } catch (err) {
      this.#deps.logger.error({ err }, 'could not load active alerts');
    }
  }

  /** One at a time: what is raised and resolved in quick succession stays in that order. */
  #exclusive(work: () => Promise<void>): Promise<void> {
    this.#last = this.#last.then(work).catch((err: unknown) => {
      this.#deps.logger.error({ err }, 'alert not sent, will retry');
    });
    return this.#last;
  }
}

function formatDuration(ms: number): string {
  const minutes = Math.round(ms / 60_000);
  if (minutes < 1) return `${String(Math.max(1, Math.round(ms / 1000)))} s`;
  if (minutes < 90) return `${String(minutes)} min`;
  return `${String(Math.round(minutes / 60))} h`;
}
