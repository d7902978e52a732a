-- Conversations that the loop guard paused are found by the event that it refused; its `control_version` says whether the
-- pause still is the guard's own.
CREATE INDEX events_loop ON events (tenant, seq) WHERE reason = 'loop-guard';
