-- The seal of an event is found by the event's id.
CREATE UNIQUE INDEX trail_seal_to ON trail_seal (bureau_id, to_id);

-- Month partitions of a table that end at or before that time, oldest first.
CREATE FUNCTION old_partitions(parent text, before timestamptz) RETURNS TABLE (name text, ends timestamptz) LANGUAGE sql STABLE AS $$
    SELECT c.relname::text, m.ends FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
    CROSS JOIN LATERAL (SELECT to_timestamp(substring(pg_get_expr(c.relpartbound, c.oid) FROM 'TO \(''([^'']+)''\)'),
        'YYYY-MM-DD HH24:MI:SS+TZH') AS ends) m
    WHERE i.inhparent = to_regclass(quote_ident(parent)) AND m.ends <= before ORDER BY m.ends
$$;
-- Drops one of them, where nobody uses it for a moment: it does not queue for its lock in front of others.
CREATE FUNCTION drop_partition(parent text, partition text) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM old_partitions(parent, now()) o WHERE o.name = partition) THEN
        RETURN false;
    END IF;
    PERFORM set_config('lock_timeout', '500ms', true);
    EXECUTE format('DROP TABLE %I', partition);
    RETURN true;
END
$$;
