-- `spared`: attempts of a delivery that don't count, because the platform failed all alike or asked to wait.
ALTER TABLE deliveries ADD COLUMN spared INTEGER NOT NULL DEFAULT 0;

-- What is due is asked for account by account: one whose platform fails, with a hundred thousand deliveries that wait,
-- is passed over in one step.
DROP INDEX deliveries_due;
CREATE INDEX deliveries_due ON deliveries (state, account, due_at) WHERE ended_at IS NULL;

-- Events that were set aside are few among those that were ignored.
CREATE INDEX events_poison ON events (tenant, seq) WHERE reason = 'poison';
