-- What somebody asked is his: an answer that is kept is found by a hash of its question, and needs no more of it.
ALTER TABLE kept_answers DROP COLUMN question;
