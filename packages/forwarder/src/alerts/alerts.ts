import type { Logger } from '@shopee-webhook/runtime';
import type { AlertNotification } from '@shopee-webhook/store';
import type { SpoolFile } from '../spool/spool-file.ts';

/** What an alarm says. */
export interface AlertText {
  severity: AlertNotification['severity'];
  title: string;
  text: string;
}

export interface ActiveAlert extends AlertText {
  key: string;
  /** ms. */
  since: number;
}

export interface AlertsDeps {
  file: SpoolFile;
  /** Sends the alarm on its way; may throw. */
  publish: (alert: AlertNotification) => void;
  /** Asked when that threw; true when it took the alarm. */
  fallbackPublish?: (alarm: AlertNotification) => Promise<boolean>;
  logger: Logger;
  now?: () => number;
}

const maxPending = 100;

/**
 * Troubles that a person is told of: once when one begins and once when it ends. What is under way is remembered in
 * spool.db, so that a restart in the middle of an outage neither repeats its begin nor forgets its end.
 */
export class Alerts {
  readonly #deps: AlertsDeps;
  readonly #active = new Map<string, ActiveAlert>();
  #loaded = false;
  #pending: { alert: AlertNotification; persist: (() => unknown) | undefined }[] = [];

  constructor(deps: AlertsDeps) {
    this.#deps = deps;
  }

  /** A trouble began; nothing happens when it is under way already. */
  raise(key: string, alert: AlertText): void {
    this.#load();
    const known = this.#active.get(key);
    if (known !== undefined) {
      // The words are not kept over a restart; the newest are shown.
      this.#active.set(key, { ...known, ...alert });
      return;
    }
    const at = this.#now();
    this.#active.set(key, { key, since: at, ...alert });
    this.#deps.logger.warn({ alarm: key, title: alert.title, text: alert.text }, 'alarm begins');
    this.#publish({ kind: 'alert', key, status: 'firing', at, ...alert }, () =>
      this.#deps.file.sql('INSERT OR REPLACE INTO alarms (key, since) VALUES (?, ?)').run(key, at),
    );
  }

  /** A trouble ended; nothing happens when it was not under way. */
  resolve(key: string, alert: Omit<AlertText, 'severity'>): void {
    this.#load();
    const known = this.#active.get(key);
    if (known === undefined) return;
    this.#active.delete(key);
    const at = this.#now();
    this.#deps.logger.info({ alarm: key, ms: at - known.since }, 'alarm ends');
    this.#publish({ kind: 'alert', key, status: 'resolved', severity: 'info', at, ...alert }, () =>
      this.#deps.file.sql('DELETE FROM alarms WHERE key = ?').run(key),
    );
  }

  /** Something happened that has no end. */
  notify(key: string, alert: AlertText): void {
    this.#deps.logger.warn({ alarm: key, title: alert.title, text: alert.text }, 'alarm');
    this.#publish({ kind: 'alert', key, status: 'event', at: this.#now(), ...alert });
  }

  /** The troubles under way, oldest first. */
  active(): ActiveAlert[] {
    this.#load();
    return [...this.#active.values()].toSorted((a, b) => a.since - b.since);
  }

  #now(): number {
    return this.#deps.now?.() ?? Date.now();
  }

  /** Sends what could not be sent when it came up: the disk was full. */
  async flush(): Promise<void> {
    const pending = this.#pending;
    this.#pending = [];
    for (const { alert, persist } of pending) {
      if ((await this.#deps.fallbackPublish?.(alert)) !== true) this.#publish(alert, persist);
    }
  }

  #publish(alert: AlertNotification, persist?: () => unknown): void {
    const { file, publish, logger } = this.#deps;
    try {
      // In one step: sent and not remembered, it would be sent again after a restart.
      file.write(() => {
        publish(alert);
        persist?.();
      });
    } catch (err) {
      logger.error({ err, alarm: alert.key, phase: alert.status }, 'alarm not sent yet');
      this.#pending = [...this.#pending, { alert, persist }].slice(-maxPending);
    }
  }

  /** Troubles that were under way when the process ended. */
  #load(): void {
    if (this.#loaded) return;
    try {
      const rows = this.#deps.file.read(() => this.#deps.file.sql('SELECT key, since FROM alarms').all());
      for (const row of rows) {
        const key = String(row['key']);
        const since = Number(row['since']);
        this.#active.set(key, {
          key,
          since,
          severity: 'warning',
          title: key,
          text: 'under way since before the restart',
        });
      }
      this.#loaded = true;
    } catch (err) {
      this.#deps.logger.error({ err }, 'alarms under way not known');
    }
  }
}
