-- The outbox leaves the words of a text to its message: rows that come and go stay small.
ALTER TABLE outbox ALTER COLUMN text SET DEFAULT '';
COMMENT ON COLUMN outbox.text IS 'empty: the message has it';
