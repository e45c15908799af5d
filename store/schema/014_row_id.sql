-- Each value of row_id stands for 64 ids: the gateway takes them in blocks.
ALTER SEQUENCE row_id INCREMENT BY 64;
-- Tables that have grown well beyond what is known of them are analysed; plans walk along indexes anyway.
CREATE OR REPLACE FUNCTION analyze_new_tables() RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    t regclass;
    n integer := 0;
BEGIN
    FOR t IN SELECT s.relid FROM pg_stat_user_tables s JOIN pg_class c ON c.oid = s.relid
             WHERE s.schemaname = current_schema() AND s.n_mod_since_analyze >= 500
             AND s.n_mod_since_analyze > 4 * c.reltuples AND s.n_live_tup >= 500 ORDER BY s.relid LOOP
        EXECUTE format('ANALYZE %s', t);
        n := n + 1;
    END LOOP;
    RETURN n;
END
$$;
