-- What a text that goes again has behind it.
ALTER TABLE outbox ADD COLUMN lost smallint NOT NULL DEFAULT 0;      -- attempts of which nobody knows whether they arrived
ALTER TABLE outbox ADD COLUMN again boolean NOT NULL DEFAULT false;  -- some of its parts may be at the carrier
ALTER TABLE outbox ADD COLUMN reference smallint NOT NULL DEFAULT 0; -- that those parts have in common; 0 = it is not known
