-- adds a column
-- Milliseconds by which what waits was moved because the clock was set, over all times: gateways that share a store see by it what another has moved already.
ALTER TABLE owner ADD COLUMN moved_ms INTEGER NOT NULL DEFAULT 0;
