-- Campaigns that keep their rate, hold after their canary, and are paused, stopped and finished.
-- `canary`: the first texts have gone, the others wait for `resume`.
ALTER TABLE campaign DROP CONSTRAINT campaign_status_check;
ALTER TABLE campaign ADD CONSTRAINT campaign_status_check
    CHECK (status IN ('draft', 'running', 'canary', 'paused', 'stopped', 'done'));
ALTER TABLE campaign ADD COLUMN canary_left integer;                             -- texts until it holds; NULL: it does not (any more)
ALTER TABLE campaign ADD COLUMN next_at timestamptz NOT NULL DEFAULT '-infinity'; -- its rate allows the next texts from then on
-- What a daemon looks after: started, and not settled yet. A stopped one is settled when nothing of it is left.
CREATE INDEX campaign_live ON campaign (bureau_id, id) WHERE ended_at IS NULL AND status <> 'draft';

-- A campaign's text was counted against its canary when it was claimed for the first time.
ALTER TABLE outbox ADD COLUMN passed boolean NOT NULL DEFAULT false;
-- The texts of campaigns have a queue of their own, so that those which wait are in nobody's way.
DROP INDEX outbox_queue;
CREATE INDEX outbox_queue ON outbox (bureau_id, link, priority, message_id) WHERE campaign_id IS NULL;
CREATE INDEX outbox_campaign ON outbox (bureau_id, campaign_id, link, message_id) WHERE campaign_id IS NOT NULL;

-- Conversations of a campaign that were not asked yet: with a deadline when it let them go, else without.
CREATE INDEX conversation_unasked ON conversation (bureau_id, campaign_id, deadline_at, id)
    WHERE campaign_id IS NOT NULL AND open AND step = '';
CREATE INDEX conversation_campaign ON conversation (bureau_id, campaign_id) WHERE campaign_id IS NOT NULL;
CREATE INDEX message_campaign ON message (bureau_id, campaign_id) WHERE campaign_id IS NOT NULL;
