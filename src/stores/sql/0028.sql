-- How far the index of what was said has come (src/stores/sqlite/search.ts makes the index itself, so that it can be made
-- anew): `upto` is the last row of messages in it, `form` what it was made like. `gone`: messages went since it was last
-- written again without them.
CREATE TABLE search (
  one  INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
  form INTEGER NOT NULL,
  upto INTEGER NOT NULL,
  gone INTEGER NOT NULL
) STRICT;
INSERT INTO search (one, form, upto, gone) VALUES (1, 0, 0, 0);

-- Rows of messages up to there that changed or went since they were taken in.
CREATE TABLE search_changes (
  message INTEGER NOT NULL PRIMARY KEY
) STRICT;

-- The rows of messages of a day (since 1970, UTC): between which ones to look.
CREATE TABLE search_days (
  tenant    TEXT    NOT NULL,
  day       INTEGER NOT NULL,
  first_row INTEGER NOT NULL,
  last_row  INTEGER NOT NULL,
  PRIMARY KEY (tenant, day)
) STRICT, WITHOUT ROWID;

-- Up to which story an operator has seen a conversation; up to which all of them, where `conversation` is ''.
CREATE TABLE read_marks (
  tenant       TEXT    NOT NULL,
  operator     TEXT    NOT NULL,
  conversation TEXT    NOT NULL,
  story        INTEGER NOT NULL,
  PRIMARY KEY (tenant, operator, conversation)
) STRICT, WITHOUT ROWID;

-- Few conversations are paused: found without looking at the others. (Those of people: handovers_open.)
CREATE INDEX conversations_paused ON conversations (tenant, id) WHERE control = 'paused';

-- Deliveries that failed and are tried again; one that arrives at once never stands here.
CREATE INDEX deliveries_retrying ON deliveries (tenant, seq) WHERE state = 'queued' AND attempts > 0 AND ended_at IS NULL;

-- Answers that operators write often.
CREATE TABLE canned_replies (
  tenant     TEXT    NOT NULL,
  name       TEXT    NOT NULL,
  text       TEXT    NOT NULL,
  by         TEXT    NOT NULL,
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (tenant, name)
) STRICT, WITHOUT ROWID;
