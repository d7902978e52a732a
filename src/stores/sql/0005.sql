-- Findings that last, and who was told of them (`told`: JSON, a place and an instant each). In one transaction with the
-- messages that tell. `over_at`: it is over, but somebody who was told of it doesn't know that yet.
-- A notice's own story has the kind 'notice' in events.
CREATE TABLE notices (
  tenant   TEXT    NOT NULL,
  code     TEXT    NOT NULL,
  subject  TEXT    NOT NULL,
  severity TEXT    NOT NULL,
  message  TEXT    NOT NULL,
  hint     TEXT    NOT NULL,
  since    INTEGER NOT NULL,
  over_at  INTEGER,
  told     TEXT    NOT NULL,
  PRIMARY KEY (tenant, code, subject)
) STRICT, WITHOUT ROWID;

-- What is asked for every few seconds; they hold what went wrong only, so that the path doesn't pay.
CREATE INDEX events_failed ON events (tenant, ended_at, account, reason) WHERE state = 'failed';
