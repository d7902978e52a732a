-- When somebody last wrote there, by the platform's clock: some platforms take free messages for a while after that only.
ALTER TABLE conversations ADD COLUMN heard_at INTEGER;
UPDATE conversations SET heard_at = heard.at
FROM (SELECT conversation, max(at) AS at FROM messages WHERE direction = 'in' GROUP BY conversation) AS heard
WHERE heard.conversation = conversations.id;
-- What channels keep of an account beside its events (`AccountState`); what is secret in it is sealed by them.
CREATE TABLE account_states (
  tenant  TEXT NOT NULL,
  account TEXT NOT NULL,
  key     TEXT NOT NULL,
  value   BLOB NOT NULL,
  PRIMARY KEY (tenant, account, key)
) STRICT, WITHOUT ROWID;
