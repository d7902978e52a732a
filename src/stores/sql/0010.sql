-- Whose a call is that belongs to no event (`event` is empty then).
ALTER TABLE model_calls ADD COLUMN account TEXT;
ALTER TABLE model_calls ADD COLUMN channel TEXT;
ALTER TABLE model_calls ADD COLUMN sender TEXT;

-- Billed requests under way that are no step of a turn: a row per call, gone with its end. Rows of an earlier owner are calls
-- whose end nobody told.
CREATE TABLE open_calls (
  id         TEXT    NOT NULL PRIMARY KEY,
  epoch      INTEGER NOT NULL,
  tenant     TEXT    NOT NULL,
  event      TEXT    NOT NULL,
  account    TEXT,
  channel    TEXT,
  sender     TEXT,
  provider   TEXT    NOT NULL,
  model      TEXT    NOT NULL,
  purpose    TEXT    NOT NULL,
  agent      TEXT,
  started_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
