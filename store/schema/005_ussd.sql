-- USSD: the same conversations, as menus. What is said in a session is a text of another channel: it is written once and
-- never again, so it is never claimed from the outbox.
ALTER TABLE message ADD COLUMN channel text NOT NULL DEFAULT 'sms';
ALTER TABLE outbox ADD COLUMN channel text NOT NULL DEFAULT 'sms';
-- Screens whose fate is open: those that lost their lease were never seen, and go out as texts.
CREATE INDEX outbox_ussd ON outbox (bureau_id, message_id) WHERE channel = 'ussd';

-- One row for each session that a citizen or the bureau has opened. The conversation's row knows where the talk stands;
-- this one what is on the screen.
CREATE TABLE ussd_session (
    bureau_id       integer NOT NULL,
    id              bigint NOT NULL,
    link            text NOT NULL,
    session         text NOT NULL,             -- the link's key; '' = pushed, and not answered yet
    phone           text NOT NULL,
    conversation_id bigint,                    -- NULL: none was open
    code            text NOT NULL DEFAULT '',  -- what was dialled, or what a push came from
    pushed          boolean NOT NULL DEFAULT false,
    state           text NOT NULL DEFAULT '',  -- the link's own
    step            text NOT NULL DEFAULT '',  -- that the screen asks for
    said            text NOT NULL DEFAULT '',  -- that the screen's pages begin with, before the question
    page            integer NOT NULL DEFAULT 1,
    pages           integer NOT NULL DEFAULT 1,
    inputs          integer NOT NULL DEFAULT 0,
    opened_at       timestamptz NOT NULL DEFAULT now(),
    last_in_at      timestamptz NOT NULL DEFAULT now(),
    ended_at        timestamptz,
    reason          text NOT NULL DEFAULT '',  -- why it ended
    PRIMARY KEY (bureau_id, id)
);
CREATE UNIQUE INDEX ussd_session_key ON ussd_session (bureau_id, link, session) WHERE ended_at IS NULL AND session <> '';
CREATE INDEX ussd_session_phone ON ussd_session (bureau_id, phone, id);
CREATE INDEX ussd_session_live ON ussd_session (bureau_id, last_in_at) WHERE ended_at IS NULL;
