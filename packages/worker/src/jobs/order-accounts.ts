import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RedisConnection } from '@shopee-webhook/store';
import { z } from 'zod';

/** «No order missing»: of one shop and one day (UTC, by the time of the order), what Shopee lists and what the sheet has. */
export const OrderAccount = z.object({
  shopId: z.string(),
  /** `2026-11-23` */
  date: z.string(),
  listed: z.number(),
  inSheet: z.number(),
  /** Order numbers; they were queued when the account was taken. */
  missing: z.array(z.string()),
  /** ms */
  takenAt: z.number(),
});

export type OrderAccount = z.infer<typeof OrderAccount>;

const keepDays = 90;
const dayMs = 86_400_000;

/** The accounts of the last 90 days: in Redis (hash, `date shop` → JSON), else in `DATA_DIR/accounts.json`. */
export class OrderAccounts {
  readonly #parts: { redis?: RedisConnection | undefined; key: string; dataDir: string };

  constructor(parts: { redis?: RedisConnection | undefined; key: string; dataDir: string }) {
    this.#parts = parts;
  }

  /** Keeps an account in place of an earlier one of that day. */
  async keep(account: OrderAccount): Promise<void> {
    const field = `${account.date} ${account.shopId}`;
    const { redis, key } = this.#parts;
    if (redis !== undefined) {
      await redis.hset(key, field, JSON.stringify(account));
      const old = (await redis.hkeys(key)).filter(isOld);
      if (old.length > 0) await redis.hdel(key, ...old);
      return;
    }
    const all = await this.#file();
    all.set(field, account);
    for (const known of all.keys()) if (isOld(known)) all.delete(known);
    await writeFile(this.#path, JSON.stringify(Object.fromEntries(all)));
  }

  /** All accounts, the newest day first. */
  async list(): Promise<OrderAccount[]> {
    const { redis, key } = this.#parts;
    const accounts =
      redis === undefined
        ? [...(await this.#file()).values()]
        : Object.values(await redis.hgetall(key)).flatMap(
            (text) => OrderAccount.safeParse(JSON.parse(text)).data ?? [],
          );
    return accounts.toSorted((a, b) => b.date.localeCompare(a.date) || a.shopId.localeCompare(b.shopId));
  }

  get #path(): string {
    return join(this.#parts.dataDir, 'accounts.json');
  }

  async #file(): Promise<Map<string, OrderAccount>> {
    const text = await readFile(this.#path, 'utf8').catch(() => '{}');
    const parsed = z.record(z.string(), OrderAccount).safeParse(JSON.parse(text));
    return new Map(Object.entries(parsed.data ?? {}));
  }
}

function isOld(field: string): boolean {
  return Date.parse(field.slice(0, 10)) < Date.now() - keepDays * dayMs;
}
