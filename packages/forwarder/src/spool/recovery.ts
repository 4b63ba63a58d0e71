import { DatabaseSync, type SQLOutputValue } from 'node:sqlite';

/** A row by column, as SQLite gives it. */
export type RecoveredRow = Record<string, SQLOutputValue>;

/** The readable rows of a corrupt spool, by table. */
export interface RecoveredRows {
  events: RecoveredRow[];
  dead_letters: RecoveredRow[];
  notifications: RecoveredRow[];
}

/**
 * Reads from a corrupt spool.db, which stays as it is, every row that can still be read and holds JSON. A row may be
 * stale, and so be handled a second time; that is harmless, a lost one is not.
 */
export function recoverRows(path: string): RecoveredRows {
  const found: RecoveredRows = { events: [], dead_letters: [], notifications: [] };
  let db: DatabaseSync | undefined;
  try {
    db = new DatabaseSync(path, { readOnly: true });
    found.events = readRows(db, 'events');
    found.dead_letters = readRows(db, 'dead_letters');
    found.notifications = readRows(db, 'notifications');
  } catch {
    // Not even a table can be found: there is nothing to take over, which the report of the damage says.
  } finally {
    db?.close();
  }
  return found;
}

/** From both ends towards the damage: a page in the middle does not hide what lies behind it. */
function readRows(db: DatabaseSync, table: string): RecoveredRow[] {
  const rows = new Map<number, RecoveredRow>();
  for (const order of ['ASC', 'DESC']) {
    for (const row of readUntilError(db, `SELECT * FROM ${table} ORDER BY seq ${order}`)) {
      if (isComplete(row)) rows.set(Number(row['seq']), row);
    }
  }
  return [...rows.values()].toSorted((a, b) => Number(a['seq']) - Number(b['seq']));
}

/** The rows up to the first that cannot be read. */
function* readUntilError(db: DatabaseSync, sql: string): Generator<RecoveredRow> {
  try {
    for (const row of db.prepare(sql).iterate()) yield row;
  } catch {
    // The damage begins here.
  }
}

function isComplete(row: RecoveredRow): boolean {
  try {
    return (
      typeof row['payload'] === 'string' &&
      typeof JSON.parse(row['payload']) === 'object' &&
      typeof row['id'] === 'string'
    );
  } catch {
    // A payload that is no JSON any more was hit by the damage.
    return false;
  }
}
