-- What an agent was told, by version (a hash of it): the trace of each message names the one that answered.
CREATE TABLE agent_versions (
  tenant   TEXT    NOT NULL,
  agent    TEXT    NOT NULL,
  version  TEXT    NOT NULL,
  told     TEXT    NOT NULL,
  first_at INTEGER NOT NULL,
  PRIMARY KEY (tenant, agent, version)
) STRICT, WITHOUT ROWID;
