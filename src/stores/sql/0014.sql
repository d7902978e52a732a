-- What is to be said into a conversation at a time; a row goes when it was said. `key`: of the event that asked and the text, so
-- that a turn that is begun again asks for nothing twice.
CREATE TABLE reminders (
  id           TEXT    NOT NULL PRIMARY KEY,
  tenant       TEXT    NOT NULL,
  key          TEXT    NOT NULL UNIQUE,
  account      TEXT    NOT NULL,
  channel      TEXT    NOT NULL,
  conversation TEXT    NOT NULL,
  chat         TEXT    NOT NULL,
  sender       TEXT    NOT NULL,
  text         TEXT    NOT NULL,
  due_at       INTEGER NOT NULL
) STRICT;
CREATE INDEX reminders_due ON reminders (due_at);
CREATE INDEX reminders_conversation ON reminders (conversation, sender);
