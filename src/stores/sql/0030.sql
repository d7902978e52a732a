-- Where operators' alerts stand, and when they fired (src/core/alert.ts).
CREATE TABLE alerts (
  tenant  TEXT    NOT NULL,
  alert   TEXT    NOT NULL,
  firing  INTEGER NOT NULL,
  since   INTEGER NOT NULL,
  turning INTEGER,
  PRIMARY KEY (tenant, alert)
) STRICT, WITHOUT ROWID;

CREATE TABLE alert_firings (
  seq      INTEGER NOT NULL PRIMARY KEY,
  tenant   TEXT    NOT NULL,
  alert    TEXT    NOT NULL,
  began_at INTEGER NOT NULL,
  ended_at INTEGER,
  value    REAL    NOT NULL
) STRICT;
CREATE INDEX alert_firings_tenant ON alert_firings (tenant, seq);
