import type { AlertNotification } from '@shopee-webhook/store';
import type { Clock } from '../time/clock.ts';
import { formatSpan } from '../time/format-time.ts';
import type { StateStore } from '../state/state-store.ts';

/** The current state of an alert condition. */
export interface AlertCondition {
  key: string;
  active: boolean;
  severity: AlertNotification['severity'];
  title: string;
  /** What it means and what to do about it. */
  text: string;
}

/** Publishes an alert when a condition fires and when it resolves, over restarts and changes of the sender. */
export class AlertState {
  readonly #store: StateStore;
  readonly #clock: Clock;
  readonly #publish: (alert: AlertNotification) => Promise<void>;

  constructor(deps: { store: StateStore; clock: Clock; publish: (alert: AlertNotification) => Promise<void> }) {
    this.#store = deps.store;
    this.#clock = deps.clock;
    this.#publish = deps.publish;
  }

  /** Keys of the active alerts. */
  async active(): Promise<Set<string>> {
    return new Set((await this.#store.all('alerts')).keys());
  }

  /** Moves the active alerts to another state, which will resolve them. */
  async transferTo(other: AlertState): Promise<void> {
    for (const [key, since] of await this.#store.all('alerts')) {
      if ((await other.#store.get('alerts', key)) === undefined) await other.#store.set('alerts', key, since);
      await this.#store.remove('alerts', key);
    }
  }

  /** Publishes transitions. Published before stored: a crash in between publishes twice. */
  async update(conditions: readonly AlertCondition[]): Promise<void> {
    const firing = await this.#store.all('alerts');
    const at = this.#clock.now();
    for (const { key, active, severity, title, text } of conditions) {
      const since = firing.get(key);
      if (active && since === undefined) {
        await this.#publish({ kind: 'alert', key, status: 'firing', severity, title, text, at });
        await this.#store.set('alerts', key, String(at));
      } else if (!active && since !== undefined) {
        const duration = `Duration: ${formatSpan(at - Number(since))}.`;
        await this.#publish({ kind: 'alert', key, status: 'resolved', severity: 'info', title, text: duration, at });
        await this.#store.remove('alerts', key);
      }
    }
  }
}
