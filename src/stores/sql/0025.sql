-- Operators who left keep their name in what they did, and free it for others. `seen_at` is when a credential was last
-- used, to the hour.
ALTER TABLE operators ADD COLUMN removed_at INTEGER;
DROP INDEX operators_name;
CREATE UNIQUE INDEX operators_name ON operators (tenant, name) WHERE removed_at IS NULL;
CREATE INDEX audit_actor ON audit (tenant, actor, n);
CREATE INDEX audit_action ON audit (tenant, action, n);
CREATE INDEX audit_subject ON audit (tenant, subject, n);
ALTER TABLE credentials ADD COLUMN seen_at INTEGER;
