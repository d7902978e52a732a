-- Money is in 10^-9 US dollars. `purpose`: what the call was made for. `amount`: what it cost, absent while nobody knows
-- its price; `price`: by which prices (JSON). `agent`: in whose name.
ALTER TABLE model_calls ADD COLUMN purpose TEXT NOT NULL DEFAULT 'answer';
ALTER TABLE model_calls ADD COLUMN agent TEXT;
ALTER TABLE model_calls ADD COLUMN amount INTEGER;
ALTER TABLE model_calls ADD COLUMN price TEXT;

-- What was spent in each window of each budget, what calls under way may still come to, and what an operator allowed in
-- addition. Rows exist only where a budget counted something.
CREATE TABLE budget_windows (
  tenant          TEXT    NOT NULL,
  budget          TEXT    NOT NULL,
  key             TEXT    NOT NULL,
  win             TEXT    NOT NULL,
  tokens          INTEGER NOT NULL DEFAULT 0,
  amount          INTEGER NOT NULL DEFAULT 0,
  reserved_tokens INTEGER NOT NULL DEFAULT 0,
  reserved_amount INTEGER NOT NULL DEFAULT 0,
  extra_tokens    INTEGER NOT NULL DEFAULT 0,
  extra_amount    INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (tenant, budget, key, win)
) STRICT, WITHOUT ROWID;
CREATE INDEX budget_windows_win ON budget_windows (win);

-- What a call under way holds: a row per budget, gone with the call's end.
CREATE TABLE holds (
  call   TEXT    NOT NULL,
  tenant TEXT    NOT NULL,
  budget TEXT    NOT NULL,
  key    TEXT    NOT NULL,
  win    TEXT    NOT NULL,
  tokens INTEGER NOT NULL,
  amount INTEGER NOT NULL,
  PRIMARY KEY (call, budget)
) STRICT, WITHOUT ROWID;

-- What was used and what it cost, by day (UTC) and by everything that is asked for; calls are added up here some time after
-- they ended, in the order of their rows: `usage_seen` is the last one. It outlives the calls. `unpriced`: calls whose price
-- nobody knew; they are not in `amount`.
CREATE TABLE usage_days (
  tenant       TEXT    NOT NULL,
  day          TEXT    NOT NULL,
  account      TEXT    NOT NULL,
  channel      TEXT    NOT NULL,
  agent        TEXT    NOT NULL,
  sender       TEXT    NOT NULL,
  provider     TEXT    NOT NULL,
  model        TEXT    NOT NULL,
  purpose      TEXT    NOT NULL,
  calls        INTEGER NOT NULL,
  failed       INTEGER NOT NULL,
  unpriced     INTEGER NOT NULL,
  input        INTEGER NOT NULL,
  cached_input INTEGER NOT NULL,
  output       INTEGER NOT NULL,
  amount       INTEGER NOT NULL,
  PRIMARY KEY (tenant, day, account, channel, agent, sender, provider, model, purpose)
) STRICT, WITHOUT ROWID;
ALTER TABLE owner ADD COLUMN usage_seen INTEGER NOT NULL DEFAULT 0;
