// Forward only. What has been released is never edited: a change is a new entry at the end, and a stored file of
// every version that there was is opened by the tests.

/** Marks a SQLite file as ours (`shor`). */
export const applicationId = 0x73686f72;

/** Entry n brings version n to version n + 1. */
export const migrations: readonly string[] = [
  `
  CREATE TABLE cycles (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    stack TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    last_at_ms INTEGER NOT NULL,
    repeats INTEGER NOT NULL DEFAULT 0,
    digest TEXT NOT NULL,
    body TEXT NOT NULL
  ) STRICT;
  CREATE INDEX cycles_by_stack ON cycles (stack, id);
  CREATE INDEX cycles_by_age ON cycles (last_at_ms);

  CREATE TABLE generations (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    stack TEXT NOT NULL,
    service TEXT NOT NULL,
    generation TEXT NOT NULL,
    image_id TEXT NOT NULL,
    revision TEXT NOT NULL,
    applied_at_ms INTEGER NOT NULL,
    ready_at_ms INTEGER,
    body TEXT NOT NULL,
    UNIQUE (stack, service, generation, image_id)
  ) STRICT;
  CREATE INDEX generations_by_service ON generations (stack, service, id);

  CREATE TABLE evidence (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    stack TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    body TEXT NOT NULL
  ) STRICT;
  CREATE INDEX evidence_by_stack ON evidence (stack, id);
  CREATE INDEX evidence_by_age ON evidence (at_ms);

  CREATE TABLE events (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    stack TEXT,
    at_ms INTEGER NOT NULL,
    body TEXT NOT NULL
  ) STRICT;
  CREATE INDEX events_by_stack ON events (stack, id);
  CREATE INDEX events_by_age ON events (at_ms);

  CREATE TABLE overrides (
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (kind, key)
  ) STRICT, WITHOUT ROWID;
  `,
  // What a stack was outlives it for a while only: previews come and go under ever new names.
  `
  ALTER TABLE generations ADD COLUMN gone_at_ms INTEGER;
  `,
];
