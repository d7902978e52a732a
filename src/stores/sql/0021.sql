-- Senders that asked to be let in, were, or were not; by the platform's immutable id.
CREATE TABLE pairings (
  tenant     TEXT    NOT NULL,
  account    TEXT    NOT NULL,
  sender     TEXT    NOT NULL,
  name       TEXT,
  handle     TEXT,
  state      TEXT    NOT NULL,
  code       TEXT    NOT NULL,
  asked_at   INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  told_at    INTEGER NOT NULL,
  told       INTEGER NOT NULL,
  by         TEXT,
  decided_at INTEGER,
  PRIMARY KEY (tenant, account, sender)
) STRICT, WITHOUT ROWID;
CREATE INDEX pairings_asked ON pairings (tenant, account, expires_at) WHERE state = 'asked';
