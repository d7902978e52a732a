-- adds tables
-- The sums of figure_hours minute by minute, of the last hour and a half, for alerts over minutes (docs/alerts.md). `minute` is minutes since
-- 1970.
CREATE TABLE figure_minutes (
  tenant   TEXT    NOT NULL,
  minute   INTEGER NOT NULL,
  account  TEXT    NOT NULL,
  channel  TEXT    NOT NULL,
  agent    TEXT    NOT NULL,
  received INTEGER NOT NULL,
  turns    INTEGER NOT NULL,
  answered INTEGER NOT NULL,
  people   INTEGER NOT NULL,
  failed   INTEGER NOT NULL,
  periods  INTEGER NOT NULL,
  resolved INTEGER NOT NULL,
  handed   INTEGER NOT NULL,
  reopened INTEGER NOT NULL,
  waits    TEXT    NOT NULL,
  PRIMARY KEY (tenant, minute, account, channel, agent)
) STRICT, WITHOUT ROWID;
