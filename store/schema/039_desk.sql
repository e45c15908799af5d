-- What a clerk says or picks in a talk without the console: the daemon does it, if the talk still stands where it stood.
ALTER TABLE outside_event ADD COLUMN desk jsonb;                      -- entry, step, note, closes, address; by_hand or say
ALTER TABLE worklist ADD COLUMN said text NOT NULL DEFAULT ''         -- what became of the last thing said or picked for it
    CHECK (said IN ('', 'waits', 'done', 'moved', 'over', 'failed'));
