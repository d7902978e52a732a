-- Times in which people speak in place of an agent; `ended_at` is absent while it goes on, and a conversation has one such at
-- most. What is asked of it with each message stands in the conversation's own row too, as JSON: `handover` (the one that goes
-- on), `handed_back` (what its agent is told of the last one). `return_ms` is how long it may be silent before it goes back by
-- itself. `question` is the message that asks for a score, which counts until
-- `question_until`. `story` is the newest row of events when it ended: what is dropped goes by the age of that.
CREATE TABLE handovers (
  seq            INTEGER NOT NULL PRIMARY KEY,
  tenant         TEXT    NOT NULL,
  id             TEXT    NOT NULL,
  conversation   TEXT    NOT NULL,
  agent          TEXT,
  since          INTEGER NOT NULL,
  by             TEXT    NOT NULL,
  reason         TEXT,
  summary        TEXT,
  assignee       TEXT,
  assigned_at    INTEGER NOT NULL,
  taken_at       INTEGER,
  return_ms      INTEGER,
  return_at      INTEGER,
  ended_at       INTEGER,
  ended_by       TEXT,
  note           TEXT,
  question       TEXT,
  question_until INTEGER,
  score          INTEGER,
  scored_at      INTEGER,
  story          INTEGER
) STRICT;
CREATE INDEX handovers_conversation ON handovers (conversation, seq);
CREATE INDEX handovers_open ON handovers (tenant, assigned_at) WHERE ended_at IS NULL;
CREATE INDEX handovers_return ON handovers (return_at) WHERE ended_at IS NULL AND return_at IS NOT NULL;
CREATE INDEX handovers_question ON handovers (question) WHERE question IS NOT NULL;
CREATE INDEX handovers_score ON handovers (tenant, seq) WHERE score IS NOT NULL;
CREATE INDEX handovers_tenant ON handovers (tenant, seq);

-- What operators write for each other.
CREATE TABLE notes (
  seq          INTEGER NOT NULL PRIMARY KEY,
  tenant       TEXT    NOT NULL,
  id           TEXT    NOT NULL,
  conversation TEXT    NOT NULL,
  by           TEXT    NOT NULL,
  text         TEXT    NOT NULL,
  at           INTEGER NOT NULL,
  story        INTEGER NOT NULL
) STRICT;
CREATE INDEX notes_conversation ON notes (conversation, seq);

ALTER TABLE conversations ADD COLUMN handover TEXT;
ALTER TABLE conversations ADD COLUMN handed_back TEXT;

-- Those that people spoke in before this was written down: nobody knows since when, so they wait from now on.
INSERT INTO handovers (tenant, id, conversation, since, by, assigned_at)
  SELECT tenant, 'ho_' || substr(id, 4), id, unixepoch() * 1000, 'gateway', unixepoch() * 1000 FROM conversations WHERE control = 'human';
UPDATE conversations SET handover = (
  SELECT json_object('id', h.id, 'since', h.since, 'by', h.by, 'assignedAt', h.assigned_at) FROM handovers h WHERE h.conversation = conversations.id)
WHERE control = 'human';
