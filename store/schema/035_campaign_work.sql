-- How far the work on a draft has come, for the page that waits for it.
ALTER TABLE campaign ADD COLUMN work_word text NOT NULL DEFAULT '';   -- reading, counting, a step of the import
ALTER TABLE campaign ADD COLUMN work_done bigint NOT NULL DEFAULT 0;  -- of work_all, in any unit
ALTER TABLE campaign ADD COLUMN work_all bigint NOT NULL DEFAULT 0;
