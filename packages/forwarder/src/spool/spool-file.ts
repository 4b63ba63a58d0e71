import {
  chmodSync,
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { isCorrupt, type Logger, resultCode, systemClock } from '@shopee-webhook/runtime';
import { recoverRows, type RecoveredRow } from './recovery.ts';
import { schema, schemaVersion } from './schema.ts';

/** Why the spool cannot be written now. */
export interface SpoolProblem {
  kind: 'full' | 'unavailable';
  message: string;
}

/** The spool could not take what it was given. */
export class SpoolError extends Error {
  override readonly name = 'SpoolError';
  readonly kind: SpoolProblem['kind'];

  constructor(kind: SpoolProblem['kind'], message: string, options: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }
}

export interface SpoolFileOptions {
  dataDir: string;
  logger: Logger;
  now?: () => number;
}

/** SQLite's primary result codes, https://www.sqlite.org/rescode.html */
const sqlite = { error: 1, ioError: 10, corrupt: 11, full: 13, cannotOpen: 14, constraint: 19 };

/**
 * DATA_DIR/spool.db: WAL and synchronous FULL, so that what was committed survives a power cut. It is opened at the
 * first use and again after a fault; a corrupt file is quarantined under another name, and a new one takes its place.
 */
export class SpoolFile {
  readonly path: string;
  /** Holds the name that a corrupt file is being renamed to. */
  readonly #intentPath: string;
  readonly #options: SpoolFileOptions;
  readonly #statements = new Map<string, StatementSync>();
  #db: DatabaseSync | undefined;
  #problem: SpoolProblem | undefined;
  #writes = 0;

  constructor(options: SpoolFileOptions) {
    this.#options = options;
    this.path = join(options.dataDir, 'spool.db');
    this.#intentPath = `${this.path}.quarantine`;
  }

  /** What was wrong at the last use; undefined when it went well. */
  get problem(): SpoolProblem | undefined {
    return this.#problem;
  }

  /** Grows with each write: an empty file stays empty until then. */
  get writes(): number {
    return this.#writes;
  }

  /** Names of corrupt files that were quarantined. */
  quarantined(): string[] {
    return readdirSync(this.#options.dataDir).filter((name) => /^spool\.db\.corrupt-[\w.-]*Z$/.test(name));
  }

  /**
   * Runs `work` in one transaction, committed and fsynced when this returns; inside another `write` as a part of that one.
   * Throws SpoolError when that could not be.
   */
  write<T>(work: () => T): T {
    if (this.#db?.isTransaction === true) return work();
    this.#writes += 1;
    return this.#withErrorHandling(() => this.#transaction(work));
  }

  /** Runs `work`, which only reads. */
  read<T>(work: () => T): T {
    return this.#withErrorHandling(() => {
      this.#open();
      return work();
    });
  }

  /** A prepared statement, cached; only to be used inside `write` and `read`. */
  sql(text: string): StatementSync {
    const known = this.#statements.get(text);
    if (known !== undefined) return known;
    const statement = this.#open().prepare(text);
    this.#statements.set(text, statement);
    return statement;
  }

  /** Closes the file; a later use opens it again. */
  close(): void {
    const db = this.#db;
    this.#db = undefined;
    this.#statements.clear();
    try {
      db?.close();
    } catch (err) {
      // Everything that was promised is committed already; the next opening recovers from the log file.
      this.#options.logger.warn({ err }, 'spool close failed');
    }
  }

  #withErrorHandling<T>(work: () => T): T {
    try {
      const result = this.#retryOnNewFile(work);
      this.#problem = undefined;
      return result;
    } catch (error) {
      throw this.#recordError(error);
    }
  }

  /** Tries a second time, on a new file, when the file turns out to be corrupt. */
  #retryOnNewFile<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      if (!isCorrupt(error)) throw error;
      // One that could not even be opened was quarantined then.
      if (this.#db !== undefined) this.#quarantine(error);
      return work();
    }
  }

  #transaction<T>(work: () => T): T {
    const db = this.#open();
    db.exec('BEGIN IMMEDIATE');
    try {
      const result = work();
      db.exec('COMMIT');
      return result;
    } catch (error) {
      // Some faults (a full disk) have ended the transaction already.
      if (db.isTransaction) db.exec('ROLLBACK');
      throw error;
    }
  }

  #open(): DatabaseSync {
    if (this.#db !== undefined) return this.#db;
    mkdirSync(this.#options.dataDir, { recursive: true, mode: 0o700 });
    this.#finishQuarantine();
    // It holds pushes, which name buyers: nobody else on the machine may read it, nor its log file, which takes its mode.
    closeSync(openSync(this.path, 'a', 0o600));
    chmodSync(this.path, 0o600);
    const db = new DatabaseSync(this.path, { timeout: 2_000 });
    try {
      prepareDatabase(db);
      this.#db = db;
      for (const name of this.quarantined()) this.#recoverRows(name);
    } catch (error) {
      this.#db = undefined;
      this.#statements.clear();
      if (isCorrupt(error)) this.#quarantine(error);
      db.close();
      throw error;
    }
    return db;
  }

  /**
   * Renames the file with its log. Nothing is deleted: what it holds may be recovered by hand. It is closed only then:
   * closing a file that SQLite cannot read deletes its log, with pushes in it.
   */
  #quarantine(error: Error): void {
    const stamp = new Date(this.#options.now?.() ?? systemClock.wallMs()).toISOString().replaceAll(':', '-');
    const target = `${this.path}.corrupt-${stamp}`;
    // The renames are not one step: the intent lets the next process finish them.
    writeFileSync(this.#intentPath, basename(target), { mode: 0o600, flush: true });
    syncFolder(this.#options.dataDir);
    this.#finishQuarantine();
    this.close();
    this.#options.logger.error({ err: error, file: target }, 'corrupt spool quarantined');
  }

  /** Does the renames that are left, before a new file is opened: SQLite would take the old log for the new file's. */
  #finishQuarantine(): void {
    if (!existsSync(this.#intentPath)) return;
    const target = join(this.#options.dataDir, readFileSync(this.#intentPath, 'utf8'));
    for (const suffix of ['-wal', '-shm', '']) {
      if (existsSync(this.path + suffix) && !existsSync(target + suffix))
        renameSync(this.path + suffix, target + suffix);
    }
    syncFolder(this.#options.dataDir);
    rmSync(this.#intentPath);
  }

  /**
   * Copies the readable rows of a quarantined file, once: when that fails (the disk is full) or the process dies on the
   * way, it is done at the next opening.
   */
  #recoverRows(name: string): void {
    if (this.sql('SELECT 1 FROM recovered_files WHERE file = ?').get(name) !== undefined) return;
    const file = join(this.#options.dataDir, name);
    const found = Object.entries<RecoveredRow[]>({ ...recoverRows(file) });
    const counts = this.#transaction(() => {
      this.sql('INSERT INTO recovered_files (file) VALUES (?)').run(name);
      return found.map(([table, rows]) => [table, rows.filter((row) => this.#insert(table, row)).length]);
    });
    this.#options.logger.warn({ file, ...Object.fromEntries(counts) }, 'rows recovered from corrupt spool');
  }

  /** Under a new number: the old ones order the rows among themselves only. False for a row that does not fit the table. */
  #insert(table: string, row: RecoveredRow): boolean {
    const { seq: _, ...values } = row;
    const columns = Object.keys(values);
    const sql = `INSERT OR IGNORE INTO ${table} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`;
    try {
      return this.sql(sql).run(...Object.values(values)).changes === 1;
    } catch (error) {
      const code = resultCode(error);
      // The corruption changed a value, or a column's name.
      if (code === sqlite.error || code === sqlite.constraint) return false;
      throw error;
    }
  }

  #recordError(error: unknown): unknown {
    const code = resultCode(error);
    if (code === undefined && systemCode(error) === undefined) return error;
    const full = code === sqlite.full || systemCode(error) === 'ENOSPC';
    const message = error instanceof Error ? error.message : String(error);
    // After these the connection may be in any state: the next use opens a new one.
    if (code === sqlite.ioError || code === sqlite.cannotOpen) this.close();
    this.#problem = { kind: full ? 'full' : 'unavailable', message };
    return new SpoolError(this.#problem.kind, message, { cause: error });
  }
}

function prepareDatabase(db: DatabaseSync): void {
  db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = OFF;');
  const check = db.prepare('PRAGMA quick_check(1)').get()?.['quick_check'];
  if (check !== 'ok') throw Object.assign(new Error(String(check)), { errcode: sqlite.corrupt });
  const version = Number(db.prepare('PRAGMA user_version').get()?.['user_version'] ?? 0);
  if (version !== 0 && version !== schemaVersion) throw new Error(`spool.db has another version (${String(version)})`);
  if (version === 0) db.exec(`BEGIN IMMEDIATE; ${schema} COMMIT;`);
}

function systemCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && 'syscall' in error
    ? error.code
    : undefined;
}

/** Renames are on the disk once the folder is. */
function syncFolder(path: string): void {
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
