-- Events that are answered by the turn of an earlier one. `turn_of`: the `seq` of that one. `joined`: of the one whose
-- turn it is, the `seq` of the last that joined; the answer stands with that one in the conversation's past. Both are set
-- while the turn runs and after it ended: an event that waits belongs to no turn.
ALTER TABLE events ADD COLUMN turn_of INTEGER;
ALTER TABLE events ADD COLUMN joined INTEGER;
