-- adds tables
-- Attachments of gateways that share a store, so that each has all of them. Beside a file they are in a folder (src/stores/files.ts), and these stay empty.
CREATE TABLE stored_files (
  tenant TEXT    NOT NULL,
  id     TEXT    NOT NULL,
  size   INTEGER NOT NULL,
  PRIMARY KEY (tenant, id)
) STRICT, WITHOUT ROWID;

-- Written before their file's row, which says that they are whole.
CREATE TABLE file_chunks (
  tenant TEXT    NOT NULL,
  id     TEXT    NOT NULL,
  n      INTEGER NOT NULL,
  bytes  BLOB    NOT NULL,
  PRIMARY KEY (tenant, id, n)
) STRICT;
