import type { Clock } from '@shopee-webhook/runtime';
import type { StateStore } from '../state/state-store.ts';

/** How stale other processes' changes may be, ms. */
const cacheTtlMs = 2_000;

/** Event codes that are not sent: permanently by TELEGRAM_MUTE, for hours by a command or a button. */
export class Mutes {
  readonly #permanent: ReadonlySet<number>;
  readonly #store: StateStore;
  readonly #clock: Clock;
  #cached: { at: number; until: Map<string, string> } | undefined;

  constructor(deps: { always: ReadonlySet<number>; store: StateStore; clock: Clock }) {
    this.#permanent = deps.always;
    this.#store = deps.store;
    this.#clock = deps.clock;
  }

  async isMuted(code: number): Promise<boolean> {
    if (this.#permanent.has(code)) return true;
    const until = Number((await this.#read()).get(String(code)) ?? 0);
    return until > this.#clock.wallMs();
  }

  /** Mutes a code for some hours, 0 unmutes it; returns until when (ms). */
  async mute(code: number, hours: number): Promise<number> {
    const until = this.#clock.wallMs() + hours * 3_600_000;
    if (hours <= 0) await this.#store.remove('mutes', String(code));
    else await this.#store.set('mutes', String(code), String(until));
    this.#cached = undefined;
    return until;
  }

  /** The muted codes, each with its end (ms); Infinity for permanent ones. */
  async list(): Promise<Map<number, number>> {
    const timed = [...(await this.#read())].map(([code, until]) => [Number(code), Number(until)] as const);
    return new Map([
      ...timed.filter(([, until]) => until > this.#clock.wallMs()),
      ...[...this.#permanent].map((code) => [code, Infinity] as const),
    ]);
  }

  async #read(): Promise<Map<string, string>> {
    const now = this.#clock.monotonicMs();
    if (this.#cached === undefined || now - this.#cached.at > cacheTtlMs) {
      this.#cached = { at: now, until: await this.#store.all('mutes') };
    }
    return this.#cached.until;
  }
}
