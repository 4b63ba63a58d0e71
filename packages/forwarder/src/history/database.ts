import { closeSync, openSync } from 'node:fs';
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { schema, schemaVersion } from './schema.ts';

const tables = ['events', 'order_hours', 'steps', 'payloads', 'orders', 'minutes', 'gauges', 'meta'];

/** One SQLite file with the history's tables. Statements are prepared once. */
export class Database {
  readonly #db: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  /** Opens or makes the file; one with another schema is emptied, for it can be filled again from the stream. */
  constructor(path: string) {
    // It holds pushes: for its owner alone, with the log file beside it, which takes its mode.
    if (path !== ':memory:') closeSync(openSync(path, 'a', 0o600));
    this.#db = new DatabaseSync(path);
    // A log of up to 16 MB: a page that changes many times is copied into the file once.
    this.#db.exec(
      `PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 4000; PRAGMA synchronous = NORMAL;
       PRAGMA cache_size = -8000; PRAGMA busy_timeout = 2000;`,
    );
    const version = this.#db.prepare('PRAGMA user_version').get()?.['user_version'];
    if (version !== schemaVersion) {
      for (const table of tables) this.#db.exec(`DROP TABLE IF EXISTS ${table}`);
      this.#db.exec(`PRAGMA user_version = ${schemaVersion}`);
    }
    this.#db.exec(schema);
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
