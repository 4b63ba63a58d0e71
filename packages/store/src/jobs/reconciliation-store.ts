import { join } from 'node:path';
import { readJsonFile, writeJsonFile, systemClock } from '@shopee-webhook/runtime';
import { z } from 'zod';
import type { RedisConnection } from '../redis/connection.ts';

/** Reconciliation of one shop and day (in the shop's zone, by order creation): the orders Shopee lists and those in the sheet. */
export const ReconciliationReport = z.object({
  shopId: z.string(),
  /** `2026-11-23` */
  date: z.string(),
  listed: z.number(),
  inSheet: z.number(),
  /** Order numbers; they were queued during the reconciliation. */
  missing: z.array(z.string()),
  /** ms */
  checkedAt: z.number(),
});

export type ReconciliationReport = z.infer<typeof ReconciliationReport>;

const Reports = z.record(z.string(), ReconciliationReport);

const retentionDays = 90;
const dayMs = 86_400_000;

/** Reconciliation reports of the last 90 days: in Redis (hash, `date shop` → JSON), else in `DATA_DIR/reconciliations.json`. */
export class ReconciliationStore {
  readonly #deps: { redis?: RedisConnection | undefined; key: string; dataDir: string };

  constructor(deps: { redis?: RedisConnection | undefined; key: string; dataDir: string }) {
    this.#deps = deps;
  }

  /** Saves a report, replacing an earlier one of that day. */
  async save(report: ReconciliationReport): Promise<void> {
    const field = `${report.date} ${report.shopId}`;
    const { redis, key } = this.#deps;
    if (redis !== undefined) {
      await redis.hset(key, field, JSON.stringify(report));
      const old = (await redis.hkeys(key)).filter(isExpired);
      if (old.length > 0) await redis.hdel(key, ...old);
      return;
    }
    const all = await this.#file();
    all.set(field, report);
    for (const known of all.keys()) if (isExpired(known)) all.delete(known);
    await writeJsonFile(this.#path, Object.fromEntries(all));
  }

  /** All reports, newest day first. */
  async list(): Promise<ReconciliationReport[]> {
    const { redis, key } = this.#deps;
    const reports =
      redis === undefined
        ? [...(await this.#file()).values()]
        : Object.values(await redis.hgetall(key)).flatMap(
            (text) => ReconciliationReport.safeParse(JSON.parse(text)).data ?? [],
          );
    return reports.toSorted((a, b) => b.date.localeCompare(a.date) || a.shopId.localeCompare(b.shopId));
  }

  get #path(): string {
    return join(this.#deps.dataDir, 'reconciliations.json');
  }

  async #file(): Promise<Map<string, ReconciliationReport>> {
    return new Map(Object.entries((await readJsonFile(this.#path, Reports)) ?? {}));
  }
}

function isExpired(field: string): boolean {
  return Date.parse(field.slice(0, 10)) < systemClock.wallMs() - retentionDays * dayMs;
}
