import type { RedisConnection } from '@shopee-webhook/store';
import type { WrittenVersion } from './recent-versions.ts';

/** What all workers wrote last into a spreadsheet, kept over the end of a process. */
export interface WrittenLog {
  /** Adds rows in the order in which they were written. One of version 0 is forgotten. */
  append: (spreadsheetId: string, rows: readonly WrittenVersion[]) => Promise<void>;
  /** What was added after `cursor`, oldest first, all that is kept for `''`; with the cursor to go on from. */
  readSince: (spreadsheetId: string, cursor: string) => Promise<{ rows: WrittenVersion[]; cursor: string }>;
}

/** As many rows as a process remembers; about 60 bytes each. */
const maxRows = 20_000;
const lifetimeSeconds = 90 * 86_400;

/** The log as a stream in Redis, one entry a row. */
export class RedisWrittenLog implements WrittenLog {
  readonly #redis: RedisConnection;
  readonly #keyOf: (spreadsheetId: string) => string;

  constructor({ redis, keyOf }: { redis: RedisConnection; keyOf: (spreadsheetId: string) => string }) {
    this.#redis = redis;
    this.#keyOf = keyOf;
  }

  async append(spreadsheetId: string, rows: readonly WrittenVersion[]): Promise<void> {
    if (rows.length === 0) return;
    const key = this.#keyOf(spreadsheetId);
    const pipeline = this.#redis.pipeline();
    for (const { tab, key: rowKey, version, requestedAt } of rows) {
      const age = requestedAt === undefined ? [] : ['a', String(requestedAt)];
      pipeline.xadd(key, 'MAXLEN', '~', maxRows, '*', 't', tab, 'k', rowKey, 'v', String(version), ...age);
    }
    pipeline.expire(key, lifetimeSeconds);
    const failed = (await pipeline.exec())?.find(([error]) => error !== null);
    if (failed?.[0]) throw failed[0];
  }

  async readSince(spreadsheetId: string, cursor: string): Promise<{ rows: WrittenVersion[]; cursor: string }> {
    const entries = await this.#redis.xrange(this.#keyOf(spreadsheetId), cursor === '' ? '-' : `(${cursor}`, '+');
    return { rows: entries.map(([, fields]) => toWrittenVersion(fields)), cursor: entries.at(-1)?.[0] ?? cursor };
  }
}

function toWrittenVersion(fields: readonly string[]): WrittenVersion {
  const valueOf = (name: string) => {
    const at = fields.indexOf(name);
    return at % 2 === 0 ? fields[at + 1] : undefined;
  };
  const requestedAt = valueOf('a');
  return {
    tab: valueOf('t') ?? '',
    key: valueOf('k') ?? '',
    version: Number(valueOf('v')) || 0,
    ...(requestedAt === undefined ? {} : { requestedAt: Number(requestedAt) }),
  };
}
