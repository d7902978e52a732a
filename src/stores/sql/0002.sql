-- How old things are is counted by the machine's own counter, never by the wall clock, which jumps. `age_ms` is how much
-- time has passed for this store as far as that counter can tell; `seen_…` is what the clocks said when it was last told:
-- the wall clock, and the counter with the boot that it counts from.
ALTER TABLE owner ADD COLUMN age_ms INTEGER NOT NULL DEFAULT 0;
ALTER TABLE owner ADD COLUMN seen_at INTEGER;
ALTER TABLE owner ADD COLUMN seen_up INTEGER NOT NULL DEFAULT 0;
ALTER TABLE owner ADD COLUMN seen_boot TEXT NOT NULL DEFAULT '';

-- The newest row of each table at some ages, a few times a day: rows up to there are at least as old.
CREATE TABLE ages (
  age_ms INTEGER NOT NULL PRIMARY KEY,
  event  INTEGER NOT NULL,
  ledger INTEGER NOT NULL,
  call   INTEGER NOT NULL
) STRICT;

-- A key is as old as the story that came with it. Those that are there are as old as the newest.
ALTER TABLE dedupe ADD COLUMN story INTEGER NOT NULL DEFAULT 0;
UPDATE dedupe SET story = (SELECT coalesce(max(seq), 0) FROM events);
DROP INDEX dedupe_at;
CREATE INDEX dedupe_story ON dedupe (story);

-- Stored attachments, by the row of the message that holds them; and those whose message is gone and whose bytes are to go.
CREATE TABLE files (
  message INTEGER NOT NULL,
  id      TEXT    NOT NULL,
  tenant  TEXT    NOT NULL,
  PRIMARY KEY (message, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX files_id ON files (id);
INSERT INTO files (message, id, tenant)
  SELECT DISTINCT m.seq, json_extract(part.value, '$.source.id'), m.tenant FROM messages m, json_each(m.parts) part
  WHERE json_extract(part.value, '$.source.at') = 'store';
CREATE TABLE dropped_files (
  id     TEXT NOT NULL PRIMARY KEY,
  tenant TEXT NOT NULL
) STRICT, WITHOUT ROWID;
