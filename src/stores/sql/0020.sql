-- What the steps of an agent's turn have finished (JSON), until the turn is over: a try that begins again pays for nothing twice.
ALTER TABLE events ADD COLUMN steps TEXT;
