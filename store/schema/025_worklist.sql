-- Entries of the lists are one clerk's for a while; what was done by hand can be undone for some minutes.
ALTER TABLE worklist ADD COLUMN claimed_until timestamptz;             -- NULL: nobody's
ALTER TABLE worklist ADD COLUMN by_hand boolean NOT NULL DEFAULT false; -- done by the mark of a clerk, not by an act
ALTER TABLE worklist ADD COLUMN note text NOT NULL DEFAULT '';          -- what who did it has left in words
UPDATE worklist SET claimed_until = now() + interval '30 minutes' WHERE claimed_by <> '' AND done_at IS NULL;
-- Lists are read in this order, a page at a time.
CREATE INDEX worklist_queue ON worklist (bureau_id, list, (coalesce(due_on, 'infinity'::date)), id) WHERE done_at IS NULL;
