-- Campaigns from the desk: drafts that a clerk goes through page by page, a list of licences as the audience, a start at
-- a set time, a second person for a large one, and one that sends again to those whose text failed.
-- `waiting`: a second person must start it; `scheduled`: it starts by itself at start_at.
ALTER TABLE campaign DROP CONSTRAINT campaign_status_check;
ALTER TABLE campaign ADD CONSTRAINT campaign_status_check
    CHECK (status IN ('draft', 'waiting', 'scheduled', 'running', 'canary', 'paused', 'stopped', 'done'));
ALTER TABLE campaign ADD COLUMN start_at timestamptz;                     -- NULL: at once
ALTER TABLE campaign ADD COLUMN asked_by text NOT NULL DEFAULT '';        -- who said send
ALTER TABLE campaign ADD COLUMN started_by text NOT NULL DEFAULT '';      -- who let it go: somebody else, when it is large
ALTER TABLE campaign ADD COLUMN listed boolean NOT NULL DEFAULT false;    -- its audience is in campaign_licence
ALTER TABLE campaign ADD COLUMN resend_of bigint;                         -- it sends again to those that failed there
ALTER TABLE campaign ADD COLUMN digest bytea;                             -- of its list: what was sent is not sent again
ALTER TABLE campaign ADD COLUMN upload jsonb;                             -- what was found in its list
ALTER TABLE campaign ADD COLUMN preview jsonb;                            -- who gets what, as it was counted last
ALTER TABLE campaign ADD COLUMN work text NOT NULL DEFAULT '';            -- what is being done with a draft: list, preview
ALTER TABLE campaign ADD COLUMN work_since timestamptz;
ALTER TABLE campaign ADD COLUMN work_error text NOT NULL DEFAULT '';
DROP INDEX campaign_live;
CREATE INDEX campaign_live ON campaign (bureau_id, id) WHERE ended_at IS NULL AND status NOT IN ('draft', 'waiting');
CREATE UNIQUE INDEX campaign_same ON campaign (bureau_id, digest) WHERE digest IS NOT NULL AND status NOT IN ('draft', 'stopped');

-- The licences of a list, in its order.
CREATE TABLE campaign_licence (
    bureau_id   integer NOT NULL,
    campaign_id bigint NOT NULL,
    licence_id  bigint NOT NULL,
    PRIMARY KEY (bureau_id, campaign_id, licence_id),
    FOREIGN KEY (bureau_id, campaign_id) REFERENCES campaign (bureau_id, id),
    FOREIGN KEY (bureau_id, licence_id) REFERENCES licence (bureau_id, id)
);
