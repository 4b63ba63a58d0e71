export const schemaVersion = 2;

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
  -- How often the worker ended while it had this in hand, since a delivery last came to an end.
  broken_off INTEGER NOT NULL DEFAULT 0,
  -- Earlier deaths of a dead letter that was replayed, as JSON.
  history TEXT,
  -- 1: Redis may have it too, for it was asked and its answer did not come in time.
  uncertain INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX IF NOT EXISTS events_of_order ON events (sn, seq) WHERE sn IS NOT NULL;

-- Digests of accepted pushes, so that a repeat is acknowledged and not kept again.
CREATE TABLE IF NOT EXISTS seen (digest TEXT PRIMARY KEY, until INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS seen_until ON seen (until);

-- Digests of events that the worker handled, until Redis knows them as those of accepted pushes.
CREATE TABLE IF NOT EXISTS handled_digests (digest TEXT PRIMARY KEY, id TEXT NOT NULL, until INTEGER NOT NULL)
  STRICT, WITHOUT ROWID;

-- Uncertain events that the worker handled: their second notification, should Redis have them too, is dropped.
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
  -- Set when it was given up.
  reason TEXT
) STRICT;

-- What happened to events while Redis could not be told; the history takes it from here.
CREATE TABLE IF NOT EXISTS steps (seq INTEGER PRIMARY KEY AUTOINCREMENT, step TEXT NOT NULL) STRICT;

CREATE TABLE IF NOT EXISTS counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS alarms (key TEXT PRIMARY KEY, since INTEGER NOT NULL) STRICT, WITHOUT ROWID;

-- Damaged files whose rows were copied into this one.
CREATE TABLE IF NOT EXISTS taken_over (file TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;

PRAGMA user_version = ${schemaVersion};
`;

/** What a file of version 1 lacks; to be run before the schema. */
export const fromVersion1 = `
ALTER TABLE events ADD COLUMN first_failed_at INTEGER;
ALTER TABLE events ADD COLUMN broken_off INTEGER NOT NULL DEFAULT 0;
ALTER TABLE events ADD COLUMN history TEXT;
ALTER TABLE dead_letters ADD COLUMN first_failed_at INTEGER;
ALTER TABLE dead_letters ADD COLUMN history TEXT;
`;
