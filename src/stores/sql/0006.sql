-- Turns begun for a sender on a day, where there is a quota. One row per sender: the next day writes over it, the sweep drops
-- the old ones. `day`: days since 1970 (UTC). `told`: the day on which the sender was last told that it is used up. `story`:
-- the newest event when it was last counted; a row is as old as that.
CREATE TABLE sender_days (
  tenant  TEXT    NOT NULL,
  account TEXT    NOT NULL,
  sender  TEXT    NOT NULL,
  day     INTEGER NOT NULL,
  turns   INTEGER NOT NULL,
  told    INTEGER,
  story   INTEGER NOT NULL,
  PRIMARY KEY (tenant, account, sender)
) STRICT, WITHOUT ROWID;
CREATE INDEX sender_days_story ON sender_days (story);
