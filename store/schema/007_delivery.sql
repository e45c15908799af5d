-- What becomes of texts: more states, receipts whose ids can be read in several ways, what was taken back, what carriers'
-- habits are, and digits behind a short code that name a conversation.

-- 'unavailable': the phone does not take it now, the carrier goes on trying; 'technical': the carrier or the link is at
-- fault, or no receipt ever came. Month partitions have a copy of the check of their own.
DO $$
DECLARE
    t regclass;
BEGIN
    ALTER TABLE message DROP CONSTRAINT message_state_check;
    FOR t IN SELECT inhrelid::regclass FROM pg_inherits WHERE inhparent = 'message'::regclass LOOP
        EXECUTE format('ALTER TABLE %s DROP CONSTRAINT IF EXISTS message_state_check', t);
    END LOOP;
    ALTER TABLE message ADD CONSTRAINT message_state_check CHECK (state IN ('queued', 'delivering', 'delivered',
        'unavailable', 'failed', 'expired', 'technical', 'cancelled'));
END
$$;
ALTER TABLE message_part DROP CONSTRAINT message_part_state_check;
ALTER TABLE message_part ADD CONSTRAINT message_part_state_check
    CHECK (state IN ('attempted', 'accepted', 'refused', 'uncertain', 'delivered', 'failed', 'cancelled'));
-- query_sm or cancel_sm was sent for it: neither is asked twice.
ALTER TABLE message_part ADD COLUMN queried_at timestamptz;
ALTER TABLE message_part ADD COLUMN cancel_at timestamptz;

-- The same id read as hexadecimal and as decimal, where the link does not know its carrier's habit for certain.
ALTER TABLE receipt_early ADD COLUMN other_keys text[] NOT NULL DEFAULT '{}';

-- Attempts that a broken session swallowed: they are counted apart from those that the carrier refused.
ALTER TABLE outbox ADD COLUMN rebinds smallint NOT NULL DEFAULT 0;

-- How the ids in a carrier's receipts relate to those in its responses, as `message_id = "auto"` has found out: how often
-- each reading met one.
CREATE TABLE link_habit (
    link       text PRIMARY KEY,
    same       bigint NOT NULL,
    hex        bigint NOT NULL,
    "decimal"  bigint NOT NULL,
    learnt_at  timestamptz NOT NULL DEFAULT now()
);

-- Stopped, and the carrier may still hold texts that can be taken back.
ALTER TABLE campaign ADD COLUMN cancelling boolean NOT NULL DEFAULT false;

-- Digits behind the short code; '' = none. One phone's open conversations at bureaus that share a short code differ.
ALTER TABLE conversation ADD COLUMN suffix text NOT NULL DEFAULT '';

-- More of what `link status` shows.
ALTER TABLE link_state ADD COLUMN alarm text NOT NULL DEFAULT '';          -- what a person must see to; '' = nothing
ALTER TABLE link_state ADD COLUMN rate integer NOT NULL DEFAULT 0;         -- parts per second that it allows now; 0 = no limit
ALTER TABLE link_state ADD COLUMN window_size integer NOT NULL DEFAULT 0;  -- parts that may be in flight
ALTER TABLE link_state ADD COLUMN throttled bigint NOT NULL DEFAULT 0;     -- times that the carrier has said: too fast
