-- What was said longer ago than an agent sees, in short: up to and with the message `summary_until`. Whoever begins anew, or
-- whose messages go, has none.
ALTER TABLE conversations ADD COLUMN summary TEXT;
ALTER TABLE conversations ADD COLUMN summary_until TEXT;
