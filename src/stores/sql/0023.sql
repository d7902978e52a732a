-- To whom a turn was handed on (JSON), until it is over.
ALTER TABLE events ADD COLUMN handed TEXT;
-- Who answers in place of the route's agent, since the conversation was handed over.
ALTER TABLE conversations ADD COLUMN agent TEXT;
