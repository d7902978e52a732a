-- What is counted hour by hour (docs/analytics.md), from the ledger and behind it: `upto` is the last row of the ledger in it, `swept`
-- the last one that retention dropped, `since` the first hour that is counted out of it, `anew` the one from which all is to be counted
-- again.
CREATE TABLE figures (
  one   INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
  upto  INTEGER NOT NULL,
  swept INTEGER NOT NULL,
  since INTEGER NOT NULL DEFAULT 0,
  anew  INTEGER
) STRICT;
INSERT INTO figures (one, upto, swept) SELECT 1, coalesce(min(seq), 1) - 1, coalesce(min(seq), 1) - 1 FROM ledger;

-- `hour` is hours since 1970. `waits` says how many answers fell into each step of a spread (src/core/figures.ts): `43:2,50:1`.
CREATE TABLE figure_hours (
  tenant   TEXT    NOT NULL,
  hour     INTEGER NOT NULL,
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
  PRIMARY KEY (tenant, hour, account, channel, agent)
) STRICT, WITHOUT ROWID;

-- The period of a conversation that goes on, or (`closed`) its last one. `answered`: an agent's answer arrived; `well`: the last
-- thing that happened to a question was that.
CREATE TABLE periods (
  conversation TEXT    NOT NULL PRIMARY KEY,
  tenant       TEXT    NOT NULL,
  account      TEXT    NOT NULL,
  channel      TEXT    NOT NULL,
  agent        TEXT    NOT NULL,
  began_at     INTEGER NOT NULL,
  last_at      INTEGER NOT NULL,
  answered     INTEGER NOT NULL,
  well         INTEGER NOT NULL,
  closed       INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX periods_open ON periods (last_at) WHERE closed = 0;
