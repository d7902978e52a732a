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

-- `thread` is '' where there is none. `last_event` is its newest story that has, or may get, a
-- message; `event_before` what it was before the last arrival.
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
  last_event      INTEGER,
  event_before    INTEGER
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX conversations_chat ON conversations (tenant, account, chat, thread);

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

-- One row per story: an event of a platform with its turn (an event has one, begun `tries` times, `crashes` of which no worker ended), or (kind 'send', ended
-- from the start, under the message's id) a message of an operator or the system. `seq` is the order of arrival: there is
-- one writer at a time. `before` is the conversation's story with messages before this one, a list instead of an index, because an index
-- by conversation would write a page of its own for every message. `payload` is the event without what stands elsewhere:
-- the chat in the conversation, sender and parts of a message in the message. `message` and `answer` are rows of messages,
-- `ledger` names rows of the ledger, `draft` is the delivery that shows the answer while it is written.
CREATE TABLE events (
  seq             INTEGER NOT NULL PRIMARY KEY,
  tenant          TEXT    NOT NULL,
  id              TEXT    NOT NULL,
  account         TEXT    NOT NULL,
  conversation    TEXT    NOT NULL,
  before          INTEGER,
  kind            TEXT    NOT NULL,
  state           TEXT    NOT NULL,
  payload         TEXT    NOT NULL,
  message         INTEGER,
  answer          INTEGER,
  received_at     INTEGER NOT NULL,
  due_at          INTEGER NOT NULL,
  ended_at        INTEGER,
  reason          TEXT,
  tries           INTEGER NOT NULL DEFAULT 0,
  crashes         INTEGER NOT NULL DEFAULT 0,
  agent           TEXT,
  control_version INTEGER,
  draft           TEXT,
  ledger          TEXT    NOT NULL
) STRICT;
CREATE UNIQUE INDEX events_id ON events (id);
CREATE INDEX events_account ON events (tenant, account, seq);
-- The partial indices hold what is open only: their size, and the cost of the path, doesn't grow with history.
CREATE INDEX events_open ON events (conversation, seq) WHERE ended_at IS NULL;
CREATE INDEX events_due ON events (state, due_at) WHERE ended_at IS NULL;
-- Every end but `done` has a reason.
CREATE INDEX events_reason ON events (state, seq) WHERE reason IS NOT NULL;

CREATE TABLE messages (
  seq          INTEGER NOT NULL PRIMARY KEY,
  tenant       TEXT    NOT NULL,
  id           TEXT    NOT NULL,
  conversation TEXT    NOT NULL,
  trace        TEXT    NOT NULL,
  direction    TEXT    NOT NULL,
  author       TEXT,
  sender       TEXT,
  platform_id  TEXT,
  parts        TEXT    NOT NULL,
  at           INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX messages_id ON messages (id);

-- Billed requests that ended, or (without `ended_at`) whose turn died: nobody knows whether those were billed. While one
-- runs, its intent is the ledger's `model-start`.
CREATE TABLE model_calls (
  seq          INTEGER NOT NULL PRIMARY KEY,
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
  fault        TEXT
) STRICT;

-- `seq` is their order in the conversation. `control_version`: the version under which an agent wrote it; absent for what
-- operators and the system sent, which no takeover stops. `message` is absent while it is a draft.
CREATE TABLE deliveries (
  seq             INTEGER NOT NULL PRIMARY KEY,
  tenant          TEXT    NOT NULL,
  id              TEXT    NOT NULL,
  trace           TEXT    NOT NULL,
  account         TEXT    NOT NULL,
  conversation    TEXT    NOT NULL,
  message         TEXT,
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
  error_message   TEXT,
  ledger          TEXT    NOT NULL
) STRICT;
CREATE UNIQUE INDEX deliveries_id ON deliveries (id);
CREATE INDEX deliveries_trace ON deliveries (trace);
CREATE INDEX deliveries_open ON deliveries (conversation, seq) WHERE ended_at IS NULL;
CREATE INDEX deliveries_due ON deliveries (state, due_at) WHERE ended_at IS NULL;
-- What waits for an operator has an error.
CREATE INDEX deliveries_error ON deliveries (state, seq) WHERE error_code IS NOT NULL;

-- One row per stage, in the order in which they happened, only ever appended at its end. Which rows belong to a story
-- stands with its event and its deliveries, in rows that change in the same moment anyway: `12,40+3` is 12 and 40 to 42.
CREATE TABLE ledger (
  seq    INTEGER NOT NULL PRIMARY KEY,
  tenant TEXT    NOT NULL,
  trace  TEXT    NOT NULL,
  stage  TEXT    NOT NULL,
  at     INTEGER NOT NULL,
  reason TEXT,
  detail TEXT
) STRICT;

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
