import type { AlarmNotification } from '@shopee-webhook/store';
import type { Clock } from './clock.ts';
import { formatSpan } from './format/times.ts';
import type { Memory } from './memory.ts';

/** Something that may be wrong, as it is now. */
export interface Trouble {
  key: string;
  active: boolean;
  severity: AlarmNotification['severity'];
  title: string;
  /** What it means and what to do. */
  text: string;
}

/** Makes alarms of troubles: one when a trouble begins and one when it ends, over restarts and changes of the sender. */
export class AlarmBook {
  readonly #memory: Memory;
  readonly #clock: Clock;
  readonly #publish: (alarm: AlarmNotification) => Promise<void>;

  constructor(parts: { memory: Memory; clock: Clock; publish: (alarm: AlarmNotification) => Promise<void> }) {
    this.#memory = parts.memory;
    this.#clock = parts.clock;
    this.#publish = parts.publish;
  }

  /** Keys of troubles that began and have not ended. */
  async standing(): Promise<Set<string>> {
    return new Set((await this.#memory.all('alarms')).keys());
  }

  /** Leaves what stands to another book, which tells the end; what stands there already began there. */
  async handOver(other: AlarmBook): Promise<void> {
    for (const [key, since] of await this.#memory.all('alarms')) {
      if ((await other.#memory.get('alarms', key)) === undefined) await other.#memory.set('alarms', key, since);
      await this.#memory.remove('alarms', key);
    }
  }

  /** Takes note of how things are now. Told before it is remembered: a crash in between tells it twice. */
  async apply(troubles: readonly Trouble[]): Promise<void> {
    const standing = await this.#memory.all('alarms');
    const at = this.#clock.now();
    for (const { key, active, severity, title, text } of troubles) {
      const since = standing.get(key);
      if (active && since === undefined) {
        await this.#publish({ kind: 'alarm', key, phase: 'begin', severity, title, text, at });
        await this.#memory.set('alarms', key, String(at));
      } else if (!active && since !== undefined) {
        const lasted = `It lasted ${formatSpan(at - Number(since))}.`;
        await this.#publish({ kind: 'alarm', key, phase: 'end', severity: 'info', title, text: lasted, at });
        await this.#memory.remove('alarms', key);
      }
    }
  }
}
