-- What only an application about a change in the register needs is asked in functions, which run for such an application
-- alone: as parts of the statement that loads a turn's applications they would be made ready for each turn.
CREATE FUNCTION change_last_day(bureau integer, cycle text, window_after integer) RETURNS date LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT c.changed_on + window_after FROM register_change c
            WHERE c.bureau_id = bureau AND c.id = substr(cycle, 8)::bigint);
END
$$;
-- "field:HEX:HEX field:HEX:HEX", the old and the new value sealed, of the day that the application is about.
CREATE FUNCTION change_list(bureau integer, cycle text, licence text, fields text[]) RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT string_agg(d.field || ':' || coalesce(encode(d.old_value, 'hex'), '') || ':'
                || coalesce(encode(d.new_value, 'hex'), ''), ' ' ORDER BY d.id)
            FROM register_change c JOIN register_change d ON d.bureau_id = bureau AND d.holder_id = c.holder_id
                AND d.changed_on = c.changed_on AND d.licence_no IN ('', licence)
                AND (fields = '{}' OR d.field = ANY (fields))
            WHERE c.bureau_id = bureau AND c.id = substr(cycle, 8)::bigint);
END
$$;

-- PostgreSQL reads the text of a table's checks anew for every statement that changes a row of it, which for one row is a
-- third of the statement. These words come from the program's own tables alone, never from a file, a page or a carrier.
ALTER TABLE message DROP CONSTRAINT message_kind_check, DROP CONSTRAINT message_state_check;
ALTER TABLE message_part DROP CONSTRAINT message_part_state_check;
