-- An entry's item, so that a list can be walked for one item; and what is a clerk's own. Neither changes with a turn.
ALTER TABLE worklist ADD COLUMN item_code text;                        -- NULL: it is about a talk
UPDATE worklist w SET item_code = a.item_code FROM application a
    WHERE a.bureau_id = w.bureau_id AND a.id = w.application_id AND w.done_at IS NULL;
CREATE INDEX worklist_item ON worklist (bureau_id, list, item_code, (coalesce(due_on, 'infinity'::date)), id)
    WHERE done_at IS NULL AND item_code IS NOT NULL;
CREATE INDEX worklist_mine ON worklist (bureau_id, claimed_by, list, (coalesce(due_on, 'infinity'::date)), id)
    WHERE done_at IS NULL AND claimed_by <> '';
