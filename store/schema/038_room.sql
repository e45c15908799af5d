-- Room for a second version of every message of a page at once, as the claim of a campaign's texts makes them; and a part
-- knows when its message was made: its receipt looks for the message in that month alone. NULL: a part of before.
ALTER TABLE message_part ADD COLUMN message_at timestamptz;
COMMENT ON COLUMN message_part.message_at IS 'message.created_at';
DO $$
DECLARE
    t regclass;
BEGIN
    FOR t IN SELECT inhrelid FROM pg_inherits WHERE inhparent = 'message'::regclass LOOP
        EXECUTE format('ALTER TABLE %s SET (fillfactor = 50)', t);
    END LOOP;
END
$$;
-- A month has the room that its parent's rows without a month have: who changes it changes the partitions, and no function.
CREATE OR REPLACE FUNCTION ensure_partitions(months_ahead integer) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    parent record;
    month timestamp;
    lower_bound text;
    upper_bound text;
    partition text;
    fill text;
    made integer := 0;
BEGIN
    PERFORM pg_advisory_xact_lock(728332);
    FOR parent IN SELECT * FROM (VALUES ('message', 'created_at'), ('trail', 'at')) AS p(name, key) LOOP
        SELECT o.option_value INTO fill FROM pg_class k, pg_options_to_table(k.reloptions) AS o
            WHERE k.oid = to_regclass(quote_ident(parent.name || '_default')) AND o.option_name = 'fillfactor';
        FOR n IN 0..months_ahead LOOP
            month := date_trunc('month', now() AT TIME ZONE 'UTC') + make_interval(months => n);
            partition := parent.name || to_char(month, '_YYYY_MM');
            CONTINUE WHEN to_regclass(quote_ident(partition)) IS NOT NULL;
            lower_bound := to_char(month, 'YYYY-MM-DD') || ' 00:00:00+00';
            upper_bound := to_char(month + interval '1 month', 'YYYY-MM-DD') || ' 00:00:00+00';
            EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING DEFAULTS INCLUDING CONSTRAINTS) WITH (fillfactor = %s)',
                partition, parent.name, coalesce(fill, '100'));
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
