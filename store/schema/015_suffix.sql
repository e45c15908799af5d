-- The digits behind a short code follow from the conversation's id: nothing is stored.
ALTER TABLE conversation DROP COLUMN suffix;
