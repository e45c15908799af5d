-- How many texts in parts were said to the phone while this is its latest conversation: where their concatenation references are.
ALTER TABLE conversation ADD COLUMN texts integer NOT NULL DEFAULT 0;
