-- A person's word on one use of a tool, with exactly these arguments. `message`: the answer that asks. `event`: the one that said
-- yes or no; `outcome`: what the tool answered then.
CREATE TABLE approvals (
  tenant          TEXT    NOT NULL,
  message         TEXT    NOT NULL,
  conversation    TEXT    NOT NULL,
  sender          TEXT    NOT NULL,
  agent           TEXT    NOT NULL,
  tool            TEXT    NOT NULL,
  input           TEXT    NOT NULL,
  control_version INTEGER NOT NULL,
  expires_at      INTEGER NOT NULL,
  state           TEXT    NOT NULL,
  event           TEXT,
  outcome         TEXT,
  PRIMARY KEY (tenant, message)
) STRICT, WITHOUT ROWID;
