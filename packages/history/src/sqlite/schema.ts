/** The tables of `DATA_DIR/history.db`; a change here needs a new `schemaVersion`, and older files are recreated. */
export const schemaVersion = 8;

// Each index continues with `at`, so that a filtered list is sorted by time, and then with the other filter columns,
// so that lists without a match and the histogram's counts need only the index.
export const schema = `
CREATE TABLE IF NOT EXISTS events (
  seq INTEGER PRIMARY KEY,           -- order of arrival: the list's cursor
  id TEXT NOT NULL UNIQUE,           -- the message's id
  at INTEGER NOT NULL,               -- first seen, ms
  code INTEGER, shop TEXT, sn TEXT,
  source TEXT,                       -- null: a push
  state TEXT NOT NULL,               -- see event-state.ts
  attempts INTEGER NOT NULL DEFAULT 0,
  duplicates INTEGER NOT NULL DEFAULT 0,
  notified INTEGER NOT NULL DEFAULT 0,
  row INTEGER, reason TEXT, error TEXT,
  ack_ms REAL, handle_ms REAL,
  last_at INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS events_at ON events (at, state, sn);
CREATE INDEX IF NOT EXISTS events_sn ON events (sn, at, state);
CREATE INDEX IF NOT EXISTS events_code ON events (code, at, state, shop, sn);
CREATE INDEX IF NOT EXISTS events_shop ON events (shop, at, state, code, sn);
CREATE INDEX IF NOT EXISTS events_state ON events (state, at, code, shop, sn);

-- Events per hour and day of order: an order number starts with its day. A search for a month's or
-- a year's orders is counted from it.
CREATE TABLE IF NOT EXISTS order_hours (
  hour INTEGER NOT NULL, day TEXT NOT NULL, events INTEGER NOT NULL, PRIMARY KEY (hour, day)
) WITHOUT ROWID;
CREATE TRIGGER IF NOT EXISTS events_added AFTER INSERT ON events WHEN new.sn IS NOT NULL BEGIN
  INSERT INTO order_hours VALUES (new.at / 3600000, substr(new.sn, 1, 6), 1) ON CONFLICT DO UPDATE SET events = events + 1;
END;
CREATE TRIGGER IF NOT EXISTS events_named AFTER UPDATE OF sn ON events WHEN old.sn IS NULL AND new.sn IS NOT NULL BEGIN
  INSERT INTO order_hours VALUES (new.at / 3600000, substr(new.sn, 1, 6), 1) ON CONFLICT DO UPDATE SET events = events + 1;
END;
CREATE TRIGGER IF NOT EXISTS events_pruned AFTER DELETE ON events WHEN old.sn IS NOT NULL BEGIN
  UPDATE order_hours SET events = events - 1 WHERE hour = old.at / 3600000 AND day = substr(old.sn, 1, 6);
END;

CREATE TABLE IF NOT EXISTS steps (
  event_seq INTEGER NOT NULL, entry TEXT NOT NULL, at INTEGER NOT NULL, step TEXT NOT NULL,
  ms REAL, attempt INTEGER, row INTEGER, reason TEXT, error TEXT,
  PRIMARY KEY (event_seq, entry)
) WITHOUT ROWID;

-- Pushes that this forwarder received: signature and url as in verifyPush, ack_ms from the complete body to the response. In
-- order of arrival: in order of their random ids, pages would be split constantly.
CREATE TABLE IF NOT EXISTS payloads (
  event_id TEXT NOT NULL UNIQUE, at INTEGER NOT NULL, text TEXT NOT NULL, url TEXT, signature TEXT, ack_ms REAL
);
CREATE INDEX IF NOT EXISTS payloads_at ON payloads (at);

-- The words of the payloads, searchable; it stores no text of its own.
CREATE VIRTUAL TABLE IF NOT EXISTS payload_words USING fts5 (
  text, content = '', contentless_delete = 1, detail = none, tokenize = "unicode61 tokenchars '_-'"
);
CREATE TRIGGER IF NOT EXISTS payloads_added AFTER INSERT ON payloads BEGIN
  INSERT INTO payload_words (rowid, text) VALUES (new.rowid, new.text);
END;
CREATE TRIGGER IF NOT EXISTS payloads_removed AFTER DELETE ON payloads BEGIN
  DELETE FROM payload_words WHERE rowid = old.rowid;
END;

-- Orders as of when they were last handled: the day's sales.
CREATE TABLE IF NOT EXISTS orders (
  shop TEXT NOT NULL, sn TEXT NOT NULL, placed_at INTEGER NOT NULL, handled_at INTEGER NOT NULL,
  status TEXT, region TEXT, currency TEXT, total REAL, net REAL, ship_by INTEGER,
  PRIMARY KEY (shop, sn)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS orders_placed ON orders (placed_at);

CREATE TABLE IF NOT EXISTS minutes (
  minute INTEGER PRIMARY KEY,        -- unix minutes
  received INTEGER NOT NULL DEFAULT 0, duplicates INTEGER NOT NULL DEFAULT 0, handled INTEGER NOT NULL DEFAULT 0,
  failed INTEGER NOT NULL DEFAULT 0, dead INTEGER NOT NULL DEFAULT 0, notified INTEGER NOT NULL DEFAULT 0,
  acked INTEGER NOT NULL DEFAULT 0,  -- how many responses ack_ms is a sample of
  ack_ms TEXT NOT NULL DEFAULT '', handle_ms TEXT NOT NULL DEFAULT ''   -- a sample of durations, ms, space-separated
);

CREATE TABLE IF NOT EXISTS gauges (
  minute INTEGER NOT NULL, name TEXT NOT NULL, value REAL NOT NULL, PRIMARY KEY (minute, name)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
`;
