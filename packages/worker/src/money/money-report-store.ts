import { join } from 'node:path';
import { readJsonFile, writeJsonFile } from '@shopee-webhook/runtime';
import type { RedisConnection } from '@shopee-webhook/store';
import { MoneyReport } from '@shopee-webhook/contracts/worker-rpc';
import { z } from 'zod';

const Reports = z.record(z.string(), MoneyReport);

/** What the last payout check found of each shop: in Redis (hash, shop → JSON), else in `DATA_DIR/money.json`. */
export class MoneyReportStore {
  readonly #deps: { redis?: RedisConnection | undefined; key: string; dataDir: string };

  constructor(deps: { redis?: RedisConnection | undefined; key: string; dataDir: string }) {
    this.#deps = deps;
  }

  /** Saves the reports, and drops those of shops that are not among them. */
  async replace(reports: readonly MoneyReport[]): Promise<void> {
    const { redis, key } = this.#deps;
    if (redis === undefined) {
      await writeJsonFile(this.#path, Object.fromEntries(reports.map((report) => [report.shopId, report])));
      return;
    }
    const old = new Set(await redis.hkeys(key));
    for (const report of reports) {
      old.delete(report.shopId);
      await redis.hset(key, report.shopId, JSON.stringify(report));
    }
    if (old.size > 0) await redis.hdel(key, ...old);
  }

  /** By shop id. */
  async list(): Promise<MoneyReport[]> {
    const { redis, key } = this.#deps;
    const reports =
      redis === undefined
        ? Object.values((await readJsonFile(this.#path, Reports)) ?? {})
        : Object.values(await redis.hgetall(key)).flatMap((text) => MoneyReport.safeParse(JSON.parse(text)).data ?? []);
    return reports.toSorted((a, b) => a.shopId.localeCompare(b.shopId));
  }

  get #path(): string {
    return join(this.#deps.dataDir, 'money.json');
  }
}
