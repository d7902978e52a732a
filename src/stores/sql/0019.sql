-- The platform said that nothing reaches the chat any more (blocked, deleted, left): nothing is sent until it is heard of again.
ALTER TABLE conversations ADD COLUMN gone INTEGER NOT NULL DEFAULT 0;

-- What the platform told of a message afterwards: delivered, read.
ALTER TABLE deliveries ADD COLUMN confirmed TEXT;

-- For channels that tell it. `key` is a receipt, or our own id of the delivery where the platform gives that back. With a
-- `delivery` it waits to be told of; with a `state` it was told before the answer to the send came, `story` says when.
CREATE TABLE receipts (
  tenant        TEXT    NOT NULL,
  account       TEXT    NOT NULL,
  key           TEXT    NOT NULL,
  delivery      TEXT,
  receipt       TEXT,
  state         TEXT,
  error_code    TEXT,
  error_message TEXT,
  story         INTEGER,
  PRIMARY KEY (tenant, account, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX receipts_early ON receipts (story) WHERE delivery IS NULL;
