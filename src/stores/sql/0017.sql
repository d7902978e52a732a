-- A finished part of an answer whose turn still runs: its Markdown, with its first delivery ('' with the others of that part).
-- Absent for every other delivery, and as soon as the turn has ended: then the message says it.
ALTER TABLE deliveries ADD COLUMN said TEXT;
