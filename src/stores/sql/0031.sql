-- adds tables
-- Gateways that share a store (src/core/replica.ts). A file has one gateway at a time, and these stay empty in it.
CREATE TABLE replicas (
  id       INTEGER NOT NULL PRIMARY KEY,
  name     TEXT    NOT NULL,
  version  TEXT    NOT NULL,
  backend  INTEGER NOT NULL, -- the server's process that it is connected to
  leaving  INTEGER NOT NULL,
  seen_at  INTEGER NOT NULL  -- by the server's clock
) STRICT;

CREATE TABLE account_owners (
  tenant  TEXT    NOT NULL,
  account TEXT    NOT NULL,
  replica INTEGER NOT NULL,
  status  TEXT,              -- core's AccountStatus, as the owner told
  PRIMARY KEY (tenant, account)
) STRICT, WITHOUT ROWID;

ALTER TABLE owner ADD COLUMN cluster TEXT NOT NULL DEFAULT '';
