import type { AlertNotification } from '@shopee-webhook/store';
import type { Clock } from '../time/clock.ts';
import { formatSpan } from '../time/format-time.ts';
import type { StateStore } from '../state/state-store.ts';

/** Something that may be wrong, as it is now. */
export interface AlertCondition {
  key: string;
  active: boolean;
  severity: AlertNotification['severity'];
  title: string;
  /** What it means and what to do. */
  text: string;
}

/** Makes alerts of troubles: one when a failure begins and one when it ends, over restarts and changes of the sender. */
export class AlertState {
  readonly #store: StateStore;
  readonly #clock: Clock;
  readonly #publish: (alert: AlertNotification) => Promise<void>;

  constructor(deps: { store: StateStore; clock: Clock; publish: (alert: AlertNotification) => Promise<void> }) {
    this.#store = deps.store;
    this.#clock = deps.clock;
    this.#publish = deps.publish;
  }

  /** Keys of troubles that began and have not ended. */
  async active(): Promise<Set<string>> {
    return new Set((await this.#store.all('alerts')).keys());
  }

  /** Leaves what stands to another book, which tells the end; what stands there already began there. */
  async transferTo(other: AlertState): Promise<void> {
    for (const [key, since] of await this.#store.all('alerts')) {
      if ((await other.#store.get('alerts', key)) === undefined) await other.#store.set('alerts', key, since);
      await this.#store.remove('alerts', key);
    }
  }

  /** Takes note of how things are now. Told before it is remembered: a crash in between tells it twice. */
  async update(conditions: readonly AlertCondition[]): Promise<void> {
    const firing = await this.#store.all('alerts');
    const at = this.#clock.now();
    for (const { key, active, severity, title, text } of conditions) {
      const since = firing.get(key);
      if (active && since === undefined) {
        await this.#publish({ kind: 'alert', key, status: 'firing', severity, title, text, at });
        await this.#store.set('alerts', key, String(at));
      } else if (!active && since !== undefined) {
        const duration = `It lasted ${formatSpan(at - Number(since))}.`;
        await this.#publish({ kind: 'alert', key, status: 'resolved', severity: 'info', title, text: duration, at });
        await this.#store.remove('alerts', key);
      }
    }
  }
}
