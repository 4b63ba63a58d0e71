import { closeSync, existsSync, openSync, renameSync, rmSync } from 'node:fs';
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { isCorrupt } from '@shopee-webhook/runtime';
import { schema, schemaVersion } from './schema.ts';

const tables = ['events', 'order_hours', 'steps', 'payloads', 'orders', 'minutes', 'gauges', 'meta'];

/** One SQLite file with the history's tables. Statements are prepared once. */
export class Database {
  readonly #db: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  /**
   * Opens or makes the file. One with another schema is emptied, for it can be filled again from the stream; a damaged one
   * is set aside: what it held can be missed, what comes next not.
   */
  constructor(path: string) {
    this.#db = openOrRecreate(path);
  }

  /** All of the work or nothing. */
  transaction<T>(work: () => T): T {
    this.#db.exec('BEGIN IMMEDIATE');
    try {
      const result = work();
      this.#db.exec('COMMIT');
      return result;
    } catch (error) {
      // A full disk has rolled it back already, and is what must be told.
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK');
      throw error;
    }
  }

  /** How many rows it changed. */
  run(sql: string, ...values: SQLInputValue[]): number {
    return Number(this.#prepare(sql).run(...values).changes);
  }

  get(sql: string, ...values: SQLInputValue[]) {
    return this.#prepare(sql).get(...values);
  }

  all(sql: string, ...values: SQLInputValue[]) {
    return this.#prepare(sql).all(...values);
  }

  close(): void {
    this.#statements.clear();
    this.#db.close();
  }

  #prepare(sql: string): StatementSync {
    const statement = this.#statements.get(sql) ?? this.#db.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }
}

function openOrRecreate(path: string): DatabaseSync {
  try {
    return open(path);
  } catch (error) {
    if (!isCorrupt(error)) throw error;
    return open(path);
  }
}

function open(path: string): DatabaseSync {
  // It holds pushes: for its owner alone, with the log file beside it, which takes its mode.
  if (path !== ':memory:') closeSync(openSync(path, 'a', 0o600));
  const db = new DatabaseSync(path, { timeout: 2_000 });
  try {
    initialize(db);
    return db;
  } catch (error) {
    // Before it is closed, which deletes the log of a file that cannot be read.
    if (isCorrupt(error)) quarantine(path);
    db.close();
    throw error;
  }
}

function initialize(db: DatabaseSync): void {
  // A log of up to 16 MB: a page that changes many times is copied into the file once.
  db.exec(
    `PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 4000; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -8000;`,
  );
  const version = db.prepare('PRAGMA user_version').get()?.['user_version'];
  if (version !== schemaVersion) {
    for (const table of tables) db.exec(`DROP TABLE IF EXISTS ${table}`);
    db.exec(`PRAGMA user_version = ${schemaVersion}`);
  }
  db.exec(schema);
}

/** Renames a damaged file with its log, which else the new file would take for its own. */
export function quarantine(path: string): void {
  const aside = `${path}.damaged`;
  rmSync(`${aside}-wal`, { force: true });
  if (existsSync(`${path}-wal`)) renameSync(`${path}-wal`, `${aside}-wal`);
  rmSync(`${path}-shm`, { force: true });
  renameSync(path, aside);
}
