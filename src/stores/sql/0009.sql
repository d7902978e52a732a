-- `model`: the one that a person chose for the conversation (`provider/model`). `history_from`: the story with which
-- somebody began anew: what was said up to it is no past any more.
ALTER TABLE conversations ADD COLUMN model TEXT;
ALTER TABLE conversations ADD COLUMN history_from INTEGER;
