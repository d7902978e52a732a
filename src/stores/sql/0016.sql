-- What a router by content made of it (JSON), so that a turn that is begun again asks nobody again.
ALTER TABLE events ADD COLUMN choice TEXT;
