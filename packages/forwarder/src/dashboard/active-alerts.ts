import { z } from 'zod';
import type { Alerts } from '../alerts/alerts.ts';
import type { AlertInputCollector } from '../alerts/inputs.ts';
import { evaluateRules } from '../alerts/rules.ts';
import type { RedisDeps } from '../redis/create-redis.ts';
import type { ActiveAlert } from '@shopee-webhook/contracts/dashboard-api';

/** What the workers keep of their alarms in Redis. */
const SharedAlert = z.object({
  title: z.string(),
  since: z.number(),
  severity: z.enum(['info', 'warning', 'critical']).default('warning'),
  text: z.string().default(''),
});

/** The overview's own sentence and flow say these. */
const excludedKeys = new Set(['dead-letters', 'dead-letters-many']);

/** The troubles under way, whoever noticed them: this forwarder, a worker, or what alerts are judged by. */
export class ActiveAlerts {
  readonly #deps: { own: Alerts; inputs: AlertInputCollector; redis: RedisDeps | undefined };
  readonly #since = new Map<string, number>();
  #others: ActiveAlert[] = [];

  constructor(deps: { own: Alerts; inputs: AlertInputCollector; redis: RedisDeps | undefined }) {
    this.#deps = deps;
  }

  /** Each once, oldest first. */
  get list(): ActiveAlert[] {
    const own = this.#deps.own
      .active()
      .map(({ key, severity, title, text, since }): ActiveAlert => ({ key, severity, title, text, since }));
    const byKey = new Map([...this.#others, ...own].map((alarm) => [alarm.key, alarm]));
    return [...byKey.values()].toSorted((a, b) => a.since - b.since);
  }

  /** One round of the chore. */
  async refresh(): Promise<void> {
    const [judged, shared] = await Promise.all([this.#evaluated(), this.#shared()]);
    this.#others = [...judged, ...shared];
  }

  async #evaluated(): Promise<ActiveAlert[]> {
    const alerts = evaluateRules(await this.#deps.inputs.collect(), new Set(this.#since.keys()));
    const active = alerts.filter((trouble) => trouble.active && !excludedKeys.has(trouble.key));
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

  async #shared(): Promise<ActiveAlert[]> {
    const { redis } = this.#deps;
    if (redis === undefined || !redis.monitor.isAvailable) return [];
    const entries = Object.entries(await redis.redis.hgetall(redis.keys.alerts));
    return entries.flatMap(([key, text]) => {
      const parsed = SharedAlert.safeParse(JSON.parse(text));
      return parsed.success ? [{ key, ...parsed.data }] : [];
    });
  }
}
