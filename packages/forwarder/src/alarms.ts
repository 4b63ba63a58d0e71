import type { Logger } from '@shopee-webhook/runtime';
import type { AlarmNotification } from '@shopee-webhook/store';
import type { SpoolFile } from './spool/spool-file.ts';

/** What an alarm says. */
export interface AlarmText {
  severity: AlarmNotification['severity'];
  title: string;
  text: string;
}

export interface ActiveAlarm extends AlarmText {
  key: string;
  /** ms. */
  since: number;
}

export interface AlarmsOptions {
  file: SpoolFile;
  /** Sends the alarm on its way; may throw. */
  publish: (alarm: AlarmNotification) => void;
  /** Asked when that threw; true when it took the alarm. */
  otherwise?: (alarm: AlarmNotification) => Promise<boolean>;
  logger: Logger;
  now?: () => number;
}

const mostUnsent = 100;

/**
 * Troubles that a person is told of: once when one begins and once when it ends. What is under way is remembered in
 * spool.db, so that a restart in the middle of an outage neither repeats its begin nor forgets its end.
 */
export class Alarms {
  readonly #options: AlarmsOptions;
  readonly #active = new Map<string, ActiveAlarm>();
  #loaded = false;
  #unsent: { alarm: AlarmNotification; remember: (() => unknown) | undefined }[] = [];

  constructor(options: AlarmsOptions) {
    this.#options = options;
  }

  /** A trouble began; nothing happens when it is under way already. */
  begin(key: string, alarm: AlarmText): void {
    this.#load();
    const known = this.#active.get(key);
    if (known !== undefined) {
      // The words are not kept over a restart; the newest are shown.
      this.#active.set(key, { ...known, ...alarm });
      return;
    }
    const at = this.#now();
    this.#active.set(key, { key, since: at, ...alarm });
    this.#options.logger.warn({ alarm: key, title: alarm.title, text: alarm.text }, 'alarm begins');
    this.#publish({ kind: 'alarm', key, phase: 'begin', at, ...alarm }, () =>
      this.#options.file.sql('INSERT OR REPLACE INTO alarms (key, since) VALUES (?, ?)').run(key, at),
    );
  }

  /** A trouble ended; nothing happens when it was not under way. */
  end(key: string, alarm: Omit<AlarmText, 'severity'>): void {
    this.#load();
    const known = this.#active.get(key);
    if (known === undefined) return;
    this.#active.delete(key);
    const at = this.#now();
    this.#options.logger.info({ alarm: key, ms: at - known.since }, 'alarm ends');
    this.#publish({ kind: 'alarm', key, phase: 'end', severity: 'info', at, ...alarm }, () =>
      this.#options.file.sql('DELETE FROM alarms WHERE key = ?').run(key),
    );
  }

  /** Something happened that has no end. */
  once(key: string, alarm: AlarmText): void {
    this.#options.logger.warn({ alarm: key, title: alarm.title, text: alarm.text }, 'alarm');
    this.#publish({ kind: 'alarm', key, phase: 'once', at: this.#now(), ...alarm });
  }

  /** The troubles under way, oldest first. */
  active(): ActiveAlarm[] {
    this.#load();
    return [...this.#active.values()].toSorted((a, b) => a.since - b.since);
  }

  #now(): number {
    return this.#options.now?.() ?? Date.now();
  }

  /** Sends what could not be sent when it came up: the disk was full. */
  async retry(): Promise<void> {
    const waiting = this.#unsent;
    this.#unsent = [];
    for (const { alarm, remember } of waiting) {
      if ((await this.#options.otherwise?.(alarm)) !== true) this.#publish(alarm, remember);
    }
  }

  #publish(alarm: AlarmNotification, remember?: () => unknown): void {
    const { file, publish, logger } = this.#options;
    try {
      // In one step: sent and not remembered, it would be sent again after a restart.
      file.write(() => {
        publish(alarm);
        remember?.();
      });
    } catch (err) {
      logger.error({ err, alarm: alarm.key, phase: alarm.phase }, 'alarm not sent yet');
      this.#unsent = [...this.#unsent, { alarm, remember }].slice(-mostUnsent);
    }
  }

  /** Troubles that were under way when the process ended. */
  #load(): void {
    if (this.#loaded) return;
    try {
      const rows = this.#options.file.read(() => this.#options.file.sql('SELECT key, since FROM alarms').all());
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
      this.#options.logger.error({ err }, 'alarms under way not known');
    }
  }
}
