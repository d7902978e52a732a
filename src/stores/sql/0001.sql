-- The first schema. `tenant` is on every row. Times are milliseconds since 1970 (UTC) from the wall clock; they order
-- nothing. JSON is text. What differs from PostgreSQL is only here: STRICT, WITHOUT ROWID (a clustered primary key),
-- INTEGER PRIMARY KEY (an identity column) and BLOB (bytea).

-- One row per tenant: what is cheap to ask often. `version` grows with settings, secrets, pauses and control.
CREATE TABLE tenants (
  tenant        TEXT    NOT NULL PRIMARY KEY,
  version       INTEGER NOT NULL DEFAULT 0,
  conversations INTEGER NOT NULL DEFAULT 0,
  messages      INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

-- Of the whole installation. `epoch` grows with every gateway that opens the store: what an older one still writes is void.
CREATE TABLE owner (
  one   INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
  epoch INTEGER NOT NULL
) STRICT;
INSERT INTO owner (one, epoch) VALUES (1, 0);

-- `thread` is '' where there is none. `arrivals` and `departures` count events and deliveries: the order in both directions.
-- `active` is the sequence number of the newest story.
CREATE TABLE conversations (
  id              TEXT    NOT NULL PRIMARY KEY,
  tenant          TEXT    NOT NULL,
  account         TEXT    NOT NULL,
  channel         TEXT    NOT NULL,
  chat            TEXT    NOT NULL,
  thread          TEXT    NOT NULL,
  kind            TEXT    NOT NULL,
  title           TEXT,
  control         TEXT    NOT NULL DEFAULT 'agent',
  control_version INTEGER NOT NULL DEFAULT 1,
  arrivals        INTEGER NOT NULL DEFAULT 0,
  departures      INTEGER NOT NULL DEFAULT 0,
  active          INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX conversations_chat ON conversations (tenant, account, chat, thread);
CREATE INDEX conversations_active ON conversations (tenant, active);

-- The platform's own event ids. Apart from the events, because it is kept by its own rule and asked with every arrival.
CREATE TABLE dedupe (
  tenant  TEXT    NOT NULL,
  account TEXT    NOT NULL,
  key     TEXT    NOT NULL,
  event   TEXT    NOT NULL,
  at      INTEGER NOT NULL,
  repeats INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (tenant, account, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX dedupe_at ON dedupe (at);

CREATE TABLE cursors (
  tenant  TEXT    NOT NULL,
  account TEXT    NOT NULL,
  cursor  TEXT    NOT NULL,
  at      INTEGER NOT NULL,
  PRIMARY KEY (tenant, account)
) STRICT, WITHOUT ROWID;

-- One row per story: an event of a platform with its turn (an event has one, begun `tries` times), or (kind 'send', ended
-- from the start, under the message's id) a message of an operator or the system. `payload` is the event without what
-- stands elsewhere: the chat in the conversation, the parts of a message in the message.
CREATE TABLE events (
  seq             INTEGER NOT NULL PRIMARY KEY,
  tenant          TEXT    NOT NULL,
  id              TEXT    NOT NULL,
  account         TEXT    NOT NULL,
  channel         TEXT    NOT NULL,
  conversation    TEXT    NOT NULL,
  arrival         INTEGER NOT NULL,
  kind            TEXT    NOT NULL,
  key             TEXT    NOT NULL,
  state           TEXT    NOT NULL,
  payload         TEXT    NOT NULL,
  message         TEXT,
  received_at     INTEGER NOT NULL,
  due_at          INTEGER NOT NULL,
  ended_at        INTEGER,
  reason          TEXT,
  tries           INTEGER NOT NULL DEFAULT 0,
  agent           TEXT,
  control_version INTEGER
) STRICT;
CREATE UNIQUE INDEX events_id ON events (id);
CREATE INDEX events_account ON events (tenant, account, seq);
-- The partial indices hold what is open only: their size, and the cost of the path, doesn't grow with history.
CREATE INDEX events_open ON events (conversation, arrival) WHERE ended_at IS NULL;
CREATE INDEX events_due ON events (state, due_at) WHERE ended_at IS NULL;
CREATE INDEX events_other ON events (state, seq) WHERE state IN ('ignored', 'failed', 'cancelled');

-- `arrival`: that of the event which it is or answers, so that an answer stands with its question however late it came.
CREATE TABLE messages (
  seq          INTEGER NOT NULL PRIMARY KEY,
  tenant       TEXT    NOT NULL,
  id           TEXT    NOT NULL,
  conversation TEXT    NOT NULL,
  arrival      INTEGER NOT NULL,
  trace        TEXT    NOT NULL,
  direction    TEXT    NOT NULL,
  author       TEXT,
  sender       TEXT,
  platform_id  TEXT,
  parts        TEXT    NOT NULL,
  at           INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX messages_id ON messages (id);
CREATE INDEX messages_conversation ON messages (conversation, seq, arrival);
CREATE INDEX messages_platform ON messages (platform_id, conversation) WHERE platform_id IS NOT NULL;

-- Billed requests. Without `ended_at` nobody knows whether it was billed.
CREATE TABLE model_calls (
  tenant       TEXT    NOT NULL,
  event        TEXT    NOT NULL,
  id           TEXT    NOT NULL,
  provider     TEXT    NOT NULL,
  model        TEXT    NOT NULL,
  started_at   INTEGER NOT NULL,
  ended_at     INTEGER,
  input        INTEGER,
  cached_input INTEGER,
  output       INTEGER,
  reported     INTEGER,
  fault        TEXT,
  PRIMARY KEY (tenant, event, id)
) STRICT, WITHOUT ROWID;

-- `n` orders the deliveries of a conversation. `control_version`: the version under which an agent wrote it; absent for what
-- operators and the system sent, which no takeover stops. `message` is absent while it is a draft.
CREATE TABLE deliveries (
  seq             INTEGER NOT NULL PRIMARY KEY,
  tenant          TEXT    NOT NULL,
  id              TEXT    NOT NULL,
  trace           TEXT    NOT NULL,
  account         TEXT    NOT NULL,
  conversation    TEXT    NOT NULL,
  n               INTEGER NOT NULL,
  message         TEXT,
  turn            TEXT,
  state           TEXT    NOT NULL,
  content         TEXT    NOT NULL,
  on_unknown      TEXT    NOT NULL,
  control_version INTEGER,
  attempts        INTEGER NOT NULL DEFAULT 0,
  due_at          INTEGER NOT NULL,
  created_at      INTEGER NOT NULL,
  ended_at        INTEGER,
  receipt         TEXT,
  error_code      TEXT,
  error_message   TEXT
) STRICT;
CREATE UNIQUE INDEX deliveries_id ON deliveries (id);
CREATE INDEX deliveries_trace ON deliveries (trace);
CREATE INDEX deliveries_receipt ON deliveries (receipt) WHERE receipt IS NOT NULL;
CREATE INDEX deliveries_open ON deliveries (conversation, n) WHERE ended_at IS NULL;
CREATE INDEX deliveries_due ON deliveries (state, due_at) WHERE ended_at IS NULL;
CREATE INDEX deliveries_other ON deliveries (state, seq) WHERE state IN ('unknown', 'failed', 'dead', 'dropped');

CREATE TABLE ledger (
  tenant TEXT    NOT NULL,
  trace  TEXT    NOT NULL,
  n      INTEGER NOT NULL,
  stage  TEXT    NOT NULL,
  at     INTEGER NOT NULL,
  reason TEXT,
  detail TEXT,
  PRIMARY KEY (tenant, trace, n)
) STRICT, WITHOUT ROWID;

CREATE TABLE pauses (
  tenant  TEXT    NOT NULL,
  account TEXT    NOT NULL,
  by      TEXT    NOT NULL,
  at      INTEGER NOT NULL,
  PRIMARY KEY (tenant, account)
) STRICT, WITHOUT ROWID;

CREATE TABLE operators (
  id            TEXT    NOT NULL PRIMARY KEY,
  tenant        TEXT    NOT NULL,
  name          TEXT    NOT NULL,
  role          TEXT    NOT NULL,
  password_hash TEXT    NOT NULL,
  created_at    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX operators_name ON operators (tenant, name);

CREATE TABLE credentials (
  hash       TEXT    NOT NULL PRIMARY KEY,
  tenant     TEXT    NOT NULL,
  kind       TEXT    NOT NULL,
  operator   TEXT,
  role       TEXT    NOT NULL,
  label      TEXT    NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER,
  revoked_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX credentials_kind ON credentials (tenant, kind, created_at);

CREATE TABLE secrets (
  tenant     TEXT    NOT NULL,
  name       TEXT    NOT NULL,
  sealed     BLOB    NOT NULL,
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (tenant, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE settings (
  tenant TEXT    NOT NULL,
  path   TEXT    NOT NULL,
  value  TEXT    NOT NULL,
  by     TEXT    NOT NULL,
  at     INTEGER NOT NULL,
  PRIMARY KEY (tenant, path)
) STRICT, WITHOUT ROWID;

-- A chain: each hash covers the one before it and the entry.
CREATE TABLE audit (
  tenant  TEXT    NOT NULL,
  n       INTEGER NOT NULL,
  at      INTEGER NOT NULL,
  actor   TEXT    NOT NULL,
  action  TEXT    NOT NULL,
  subject TEXT    NOT NULL,
  detail  TEXT,
  hash    TEXT    NOT NULL,
  PRIMARY KEY (tenant, n)
) STRICT, WITHOUT ROWID;
