-- Turns look phones and links up and store them all the time, by exact words: compared as octets, not by a language's rules.
ALTER TABLE conversation ALTER COLUMN phone TYPE text COLLATE "C";
ALTER TABLE inbound ALTER COLUMN phone TYPE text COLLATE "C";
ALTER TABLE message ALTER COLUMN phone TYPE text COLLATE "C";
ALTER TABLE message_part ALTER COLUMN link TYPE text COLLATE "C", ALTER COLUMN carrier_key TYPE text COLLATE "C";
ALTER TABLE outbox ALTER COLUMN link TYPE text COLLATE "C";

-- The latest conversation of a phone, the open one first, as the index has it: no sort.
CREATE INDEX conversation_latest ON conversation (bureau_id, phone, open, id);
DROP INDEX conversation_phone;

-- A reply that leaves with its turn's commit is not in the queue, nor in its index, before it is given back.
ALTER TABLE outbox ADD COLUMN direct boolean NOT NULL DEFAULT false CHECK (lease_owner <> '' OR NOT direct);
DROP INDEX outbox_queue;
CREATE INDEX outbox_queue ON outbox (bureau_id, link, priority, message_id) WHERE campaign_id IS NULL AND NOT direct;
