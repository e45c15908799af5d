-- Fewer rows and fewer index entries for every turn and every text; what changes often is in no index, so that PostgreSQL
-- updates it in place (heap-only tuples).

-- The leased row of the outbox is the stored attempt. A row of message_part is written when it is known what became of
-- the attempt, and is found by its carrier's id. `lost`: it was uncertain once; a receipt may still tell of it.
ALTER TABLE message_part ADD COLUMN lost boolean NOT NULL DEFAULT false;
UPDATE message_part SET lost = true WHERE state = 'uncertain';
DROP INDEX message_part_uncertain;
CREATE INDEX message_part_lost ON message_part (bureau_id, phone) WHERE lost;

-- Whether the carrier has taken our answer to a text is what message_part says of the answer. A text that comes again is
-- looked for among the latest ones of its phone.
DROP INDEX inbound_again;
ALTER TABLE inbound DROP COLUMN settled;
ALTER TABLE inbound DROP CONSTRAINT inbound_bureau_id_link_session_sequence_hash_key;

-- Each event is found by its application, or by its talk when it is of none.
DROP INDEX trail_application;
DROP INDEX trail_conversation;
CREATE INDEX trail_application ON trail (bureau_id, application_id, id) WHERE application_id IS NOT NULL;
CREATE INDEX trail_conversation ON trail (bureau_id, conversation_id, id) WHERE application_id IS NULL;

-- Worklists say what waits; a list of applications by status walks them by id.
DROP INDEX application_status;

-- When the clock looks at a conversation: at its deadline or before. A turn that moves the deadline on leaves it, and the
-- clock moves it when it comes by; so most turns change nothing that is in an index.
ALTER TABLE conversation ADD COLUMN wake_at timestamptz;
UPDATE conversation SET wake_at = deadline_at WHERE open AND deadline_at IS NOT NULL;
DROP INDEX conversation_due;
CREATE INDEX conversation_due ON conversation (bureau_id, wake_at) WHERE open AND wake_at IS NOT NULL;
CREATE FUNCTION conversation_wakes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.wake_at := NEW.deadline_at;
    RETURN NEW;
END
$$;
CREATE TRIGGER conversation_begins BEFORE INSERT ON conversation FOR EACH ROW
    WHEN (NEW.wake_at IS DISTINCT FROM NEW.deadline_at) EXECUTE FUNCTION conversation_wakes();
CREATE TRIGGER conversation_sooner BEFORE UPDATE ON conversation FOR EACH ROW
    WHEN (NEW.deadline_at < coalesce(NEW.wake_at, 'infinity')) EXECUTE FUNCTION conversation_wakes();

-- Talks of a campaign that were not asked yet have no dialog yet.
UPDATE conversation SET dialog_version = 0 WHERE open AND step = '' AND dialog_version <> 0;
DROP INDEX conversation_unasked;
CREATE INDEX conversation_unasked ON conversation (bureau_id, campaign_id, wake_at, id)
    WHERE campaign_id IS NOT NULL AND open AND dialog_version = 0;

-- Room in every page for the update that says what became of a text.
CREATE OR REPLACE FUNCTION ensure_partitions(months_ahead integer) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    parent record;
    month timestamp;
    lower_bound text;
    upper_bound text;
    partition text;
    made integer := 0;
BEGIN
    PERFORM pg_advisory_xact_lock(728332);
    FOR parent IN SELECT * FROM (VALUES ('message', 'created_at', 80), ('trail', 'at', 100)) AS p(name, key, fill) LOOP
        FOR n IN 0..months_ahead LOOP
            month := date_trunc('month', now() AT TIME ZONE 'UTC') + make_interval(months => n);
            partition := parent.name || to_char(month, '_YYYY_MM');
            CONTINUE WHEN to_regclass(quote_ident(partition)) IS NOT NULL;
            lower_bound := to_char(month, 'YYYY-MM-DD') || ' 00:00:00+00';
            upper_bound := to_char(month + interval '1 month', 'YYYY-MM-DD') || ' 00:00:00+00';
            EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING DEFAULTS INCLUDING CONSTRAINTS) WITH (fillfactor = %s)',
                partition, parent.name, parent.fill);
            EXECUTE format('WITH early AS (DELETE FROM %I WHERE %I >= %L AND %I < %L RETURNING *) INSERT INTO %I SELECT * FROM early',
                parent.name || '_default', parent.key, lower_bound, parent.key, upper_bound, partition);
            EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
                parent.name, partition, lower_bound, upper_bound);
            made := made + 1;
        END LOOP;
    END LOOP;
    RETURN made;
END
$$;

-- Tables that grow are analysed. A queue, nearly empty before and after however much went through it, is not.
CREATE OR REPLACE FUNCTION analyze_new_tables() RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    t regclass;
    n integer := 0;
BEGIN
    FOR t IN SELECT s.relid FROM pg_stat_user_tables s JOIN pg_class c ON c.oid = s.relid
             WHERE s.schemaname = current_schema() AND s.n_mod_since_analyze >= 500
             AND s.n_mod_since_analyze > c.reltuples AND s.n_live_tup >= 500 ORDER BY s.relid LOOP
        EXECUTE format('ANALYZE %s', t);
        n := n + 1;
    END LOOP;
    RETURN n;
END
$$;
