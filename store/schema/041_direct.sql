-- Replies that leave with their turns' commit wait in no queue: one row stands for all of a batch of turns until each has its
-- outcome, with the lease of the daemon that sends them. What became of each is in message and message_part; those of which
-- nothing is known when the lease ends enter the outbox then.
CREATE TABLE outbox_direct (
    bureau_id    integer NOT NULL,
    id           bigint NOT NULL,       -- of the first of its messages
    message_at   timestamptz NOT NULL,  -- message.created_at of them all; and when they were attempted
    messages     bigint[] NOT NULL,
    "references" smallint[] NOT NULL,   -- of each, as outbox.reference
    lease_owner  text NOT NULL,
    lease_until  timestamptz NOT NULL,
    PRIMARY KEY (bureau_id, id)
) WITH (fillfactor = 50);
COMMENT ON COLUMN outbox.direct IS 'a screen of a USSD session, which leaves with its turn';

-- Texts that have not left yet, or of which it is not stored yet what became of them.
CREATE VIEW text_leaving AS
    SELECT bureau_id, message_id, phone, conversation_id, link, lease_owner, lease_until FROM outbox UNION ALL
    SELECT m.bureau_id, m.id, m.phone, m.conversation_id, m.link, d.lease_owner, d.lease_until FROM outbox_direct d
    CROSS JOIN LATERAL unnest(d.messages) AS t(id)
    JOIN message m ON m.bureau_id = d.bureau_id AND m.created_at = d.message_at AND m.id = t.id;
