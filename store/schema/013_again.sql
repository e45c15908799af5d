-- When a text that came a second time was answered again: only what was written from then on shows, once the carrier has
-- taken it on the same bind, that it has read our response too. NULL: it came once.
ALTER TABLE inbound ADD COLUMN again_at timestamptz;
