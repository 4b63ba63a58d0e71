export const schemaVersion = 3;

/** spool.db. Times in ms. Events, notifications and dead letters leave only when somebody else has them. */
export const schema = `
CREATE TABLE IF NOT EXISTS events (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  digest TEXT NOT NULL,
  payload TEXT NOT NULL,
  code INTEGER NOT NULL,
  shop TEXT,
  sn TEXT,
  accepted_at INTEGER NOT NULL,
  due_at INTEGER NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  first_failed_at INTEGER,
  last_error TEXT,
  -- How often the worker crashed with this in flight, since a delivery was last completed.
  interruptions INTEGER NOT NULL DEFAULT 0,
  -- Previous failures of a dead letter that was replayed, as JSON.
  history TEXT,
  -- 1: Redis may have it too: the reply to its write did not come in time.
  uncertain INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX IF NOT EXISTS events_of_order ON events (sn, seq) WHERE sn IS NOT NULL;

-- Digests of accepted pushes, so that a duplicate is acknowledged and not stored again.
CREATE TABLE IF NOT EXISTS seen (digest TEXT PRIMARY KEY, until INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS seen_until ON seen (until);

-- Digests of events that the worker handled, until Redis knows them as seen.
CREATE TABLE IF NOT EXISTS handled_digests (digest TEXT PRIMARY KEY, id TEXT NOT NULL, until INTEGER NOT NULL)
  STRICT, WITHOUT ROWID;

-- Uncertain events that the worker handled: if Redis has them too, their second notification is dropped.
CREATE TABLE IF NOT EXISTS handled (id TEXT PRIMARY KEY, until INTEGER NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS dead_letters (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  digest TEXT NOT NULL,
  payload TEXT NOT NULL,
  code INTEGER NOT NULL,
  shop TEXT,
  sn TEXT,
  accepted_at INTEGER NOT NULL,
  dead_at INTEGER NOT NULL,
  attempts INTEGER NOT NULL,
  first_failed_at INTEGER,
  reason TEXT NOT NULL,
  error TEXT NOT NULL,
  history TEXT
) STRICT;

CREATE TABLE IF NOT EXISTS notifications (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  payload TEXT NOT NULL,
  added_at INTEGER NOT NULL,
  due_at INTEGER NOT NULL,
  failures INTEGER NOT NULL DEFAULT 0,
  first_failed_at INTEGER,
  last_error TEXT,
  -- Set when it was dead-lettered.
  reason TEXT
) STRICT;

-- Activity of events that Redis does not have yet; the history reads it from here.
CREATE TABLE IF NOT EXISTS activity (seq INTEGER PRIMARY KEY AUTOINCREMENT, entry TEXT NOT NULL) STRICT;

CREATE TABLE IF NOT EXISTS counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;

-- The alerts of this forwarder, as JSON; one row.
CREATE TABLE IF NOT EXISTS alerts (id INTEGER PRIMARY KEY CHECK (id = 1), state TEXT NOT NULL) STRICT;

-- Corrupt files whose rows were copied into this one.
CREATE TABLE IF NOT EXISTS recovered_files (file TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;

PRAGMA user_version = ${schemaVersion};
`;
