import { closeSync, existsSync, openSync, renameSync, rmSync } from 'node:fs';
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { isCorrupt } from '@shopee-webhook/runtime';
import { schema, schemaVersion } from './schema.ts';

const tables = ['payload_words', 'events', 'order_hours', 'steps', 'payloads', 'orders', 'minutes', 'gauges', 'meta'];

/** One SQLite file with the history's tables; statements are cached. */
export class Database {
  readonly #db: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  /**
   * Opens or creates the file. One with another schema is emptied, as the stream refills it; a corrupt one
   * is quarantined: new events matter more than old ones.
   */
  constructor(path: string) {
    this.#db = openOrRecreate(path);
  }

  /** Runs the work in one transaction. */
  transaction<T>(work: () => T): T {
    this.#db.exec('BEGIN IMMEDIATE');
    try {
      const result = work();
      this.#db.exec('COMMIT');
      return result;
    } catch (error) {
      // A full disk has rolled back already; its error is the one to throw.
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK');
      throw error;
    }
  }

  /** Runs a statement and returns the number of changed rows. */
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
  // It holds pushes: readable by its owner only, as is the WAL file, which inherits the mode.
  if (path !== ':memory:') closeSync(openSync(path, 'a', 0o600));
  const db = new DatabaseSync(path, { timeout: 2_000 });
  try {
    initialize(db);
    return db;
  } catch (error) {
    // Before closing, which deletes the WAL of an unreadable file.
    if (isCorrupt(error)) quarantine(path);
    db.close();
    throw error;
  }
}

function initialize(db: DatabaseSync): void {
  // A WAL of up to 16 MB: a page that changes often is checkpointed once.
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

/** Renames a corrupt file with its WAL, which the new file would otherwise replay. */
export function quarantine(path: string): void {
  const aside = `${path}.corrupt`;
  rmSync(`${aside}-wal`, { force: true });
  if (existsSync(`${path}-wal`)) renameSync(`${path}-wal`, `${aside}-wal`);
  rmSync(`${path}-shm`, { force: true });
  renameSync(path, aside);
}
