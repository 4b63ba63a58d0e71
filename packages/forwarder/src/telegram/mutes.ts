import type { Clock } from './clock.ts';
import type { Memory } from './memory.ts';

/** Event codes that are not sent: for good by TELEGRAM_MUTE, for hours by a command or a button. */
export class Mutes {
  readonly #always: ReadonlySet<number>;
  readonly #memory: Memory;
  readonly #clock: Clock;

  constructor(parts: { always: ReadonlySet<number>; memory: Memory; clock: Clock }) {
    this.#always = parts.always;
    this.#memory = parts.memory;
    this.#clock = parts.clock;
  }

  async isMuted(code: number): Promise<boolean> {
    if (this.#always.has(code)) return true;
    const until = Number(await this.#memory.get('mutes', String(code)));
    if (!(until > 0)) return false;
    if (until > this.#clock.now()) return true;
    await this.#memory.remove('mutes', String(code));
    return false;
  }

  /** Mutes a code for some hours, 0 ends it; gives the time (ms) until which it is mute. */
  async mute(code: number, hours: number): Promise<number> {
    const until = this.#clock.now() + hours * 3_600_000;
    if (hours <= 0) await this.#memory.remove('mutes', String(code));
    else await this.#memory.set('mutes', String(code), String(until));
    return until;
  }

  /** Codes that are mute now, with the time (ms) until then; Infinity for good. */
  async list(): Promise<Map<number, number>> {
    const timed = [...(await this.#memory.all('mutes'))].map(([code, until]) => [Number(code), Number(until)] as const);
    return new Map([
      ...timed.filter(([, until]) => until > this.#clock.now()),
      ...[...this.#always].map((code) => [code, Infinity] as const),
    ]);
  }
}
