import { z } from 'zod';
import type { Alarms } from '../alarms.ts';
import type { TroubleFactsGatherer } from '../alerts/trouble-facts.ts';
import { troublesOf } from '../alerts/troubles.ts';
import type { StoreParts } from '../redis-parts.ts';
import type { Alarm } from './api-types.ts';

/** What the workers keep of their alarms in Redis. */
const Shared = z.object({
  title: z.string(),
  since: z.number(),
  severity: z.enum(['info', 'warning', 'critical']).default('warning'),
  text: z.string().default(''),
});

/** The overview's own sentence and flow say these. */
const saidElsewhere = new Set(['dead-letters', 'dead-letters-many']);

/** The troubles under way, whoever noticed them: this forwarder, a worker, or what alerts are judged by. */
export class StandingAlarms {
  readonly #parts: { own: Alarms; facts: TroubleFactsGatherer; store: StoreParts | undefined };
  readonly #since = new Map<string, number>();
  #others: Alarm[] = [];

  constructor(parts: { own: Alarms; facts: TroubleFactsGatherer; store: StoreParts | undefined }) {
    this.#parts = parts;
  }

  /** Each once, oldest first. */
  get list(): Alarm[] {
    const own = this.#parts.own
      .active()
      .map(({ key, severity, title, text, since }): Alarm => ({ key, severity, title, text, since }));
    const byKey = new Map([...this.#others, ...own].map((alarm) => [alarm.key, alarm]));
    return [...byKey.values()].toSorted((a, b) => a.since - b.since);
  }

  /** One round of the chore. */
  async look(): Promise<void> {
    const [judged, shared] = await Promise.all([this.#judged(), this.#shared()]);
    this.#others = [...judged, ...shared];
  }

  async #judged(): Promise<Alarm[]> {
    const troubles = troublesOf(await this.#parts.facts.gather(), new Set(this.#since.keys()));
    const active = troubles.filter((trouble) => trouble.active && !saidElsewhere.has(trouble.key));
    const now = Date.now();
    const keys = new Set(active.map(({ key }) => key));
    for (const key of this.#since.keys()) if (!keys.has(key)) this.#since.delete(key);
    for (const key of keys) if (!this.#since.has(key)) this.#since.set(key, now);
    return active.map(({ key, severity, title, text }) => ({
      key,
      severity,
      title,
      text,
      since: this.#since.get(key) ?? now,
    }));
  }

  async #shared(): Promise<Alarm[]> {
    const { store } = this.#parts;
    if (store === undefined || !store.gate.usable) return [];
    const entries = Object.entries(await store.redis.hgetall(store.keys.alarms));
    return entries.flatMap(([key, text]) => {
      const parsed = Shared.safeParse(JSON.parse(text));
      return parsed.success ? [{ key, ...parsed.data }] : [];
    });
  }
}
