-- Events come in by time: an index of a few pages finds those of a while, where every event had an entry of its own. They are
-- only ever added, under ids of one sequence; that none is there twice, or missing, is what their seals prove.
ALTER TABLE trail DROP CONSTRAINT trail_pkey;
CREATE INDEX trail_at ON trail USING brin (bureau_id, at) WITH (autosummarize = on);
