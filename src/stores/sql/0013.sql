-- Answers that are kept for the time when no model can be reached. `key`: of the question; `vector`: 32-bit floats, with the
-- model that made them.
CREATE TABLE kept_answers (
  tenant   TEXT    NOT NULL,
  agent    TEXT    NOT NULL,
  version  TEXT    NOT NULL,
  key      TEXT    NOT NULL,
  question TEXT    NOT NULL,
  parts    TEXT    NOT NULL,
  at       INTEGER NOT NULL,
  model    TEXT,
  vector   BLOB,
  PRIMARY KEY (tenant, agent, version, key)
) STRICT;
CREATE INDEX kept_answers_at ON kept_answers (tenant, agent, at);
