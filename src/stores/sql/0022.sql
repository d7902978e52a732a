-- Grows when something that was said in the conversation is edited or goes: what was kept of its past is void then.
ALTER TABLE conversations ADD COLUMN past_version INTEGER NOT NULL DEFAULT 0;
