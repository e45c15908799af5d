-- Less to write for a turn.

-- An event of a talk's only application says in "to" where the talk went with it: then there is no event `moved` beside it
-- (gateway/turn_apply.c). All moves of talks, told in either way.
CREATE VIEW trail_move AS
    SELECT bureau_id, id, at, conversation_id, actor, coalesce(data->>'dialog', '') AS dialog,
        coalesce(data->>(CASE kind WHEN 'moved' THEN 'from' ELSE 'step' END), '') AS "from", data->>'to' AS "to"
    FROM trail WHERE data ? 'to';

CREATE OR REPLACE FUNCTION count_day(bureau integer, d date, from_at timestamptz, to_at timestamptz) RETURNS void LANGUAGE sql AS $$
    DELETE FROM figure WHERE bureau_id = bureau AND day = d AND topic IN ('texts', 'answers', 'trail', 'moved', 'rated');
    INSERT INTO figure (bureau_id, topic, day, a, b, n)
        SELECT bureau, 'texts', d, m.kind, m.state, count(*) FROM message m
        WHERE m.bureau_id = bureau AND m.created_at >= from_at AND m.created_at < to_at GROUP BY m.kind, m.state;
    INSERT INTO figure (bureau_id, topic, day, a, n)
        SELECT bureau, 'answers', d, i.understood::text, count(*) FROM inbound i
        WHERE i.bureau_id = bureau AND i.received_at >= from_at AND i.received_at < to_at GROUP BY i.understood;
    INSERT INTO figure (bureau_id, topic, day, a, n)
        SELECT bureau, CASE t.kind WHEN 'rated' THEN 'rated' ELSE 'trail' END, d,
            CASE t.kind WHEN 'rated' THEN coalesce(t.data->>'rating', '') ELSE t.kind END, count(*)
        FROM trail t WHERE t.bureau_id = bureau AND t.at >= from_at AND t.at < to_at AND t.kind <> 'moved' GROUP BY 2, 4;
    INSERT INTO figure (bureau_id, topic, day, a, b, c, n)
        SELECT bureau, 'moved', d, m.dialog, m."from", m."to", count(*) FROM trail_move m
        WHERE m.bureau_id = bureau AND m.at >= from_at AND m.at < to_at GROUP BY 4, 5, 6;
$$;

-- One index finds a message by its id and, with its time, is the key of its month. By the time alone only whole days and hours are
-- asked for: messages come in that order, and an index of a few pages finds them.
ALTER TABLE message DROP CONSTRAINT message_pkey;
ALTER TABLE message ADD PRIMARY KEY (bureau_id, id, created_at);
DROP INDEX message_id_idx;
CREATE INDEX message_created ON message USING brin (bureau_id, created_at) WITH (pages_per_range = 32, autosummarize = on);

-- An entry of a list that is open: one index tells whether there is such a one, and finds those of an application.
DROP INDEX worklist_open;
DROP INDEX worklist_application;
CREATE UNIQUE INDEX worklist_open ON worklist (bureau_id, application_id, list, phone, conversation_id) NULLS NOT DISTINCT
    WHERE done_at IS NULL;
-- The same again, only younger: while nothing is known of a table, PostgreSQL takes the youngest index of those that would do, and
-- a turn looks for the entries of its conversation.
DROP INDEX worklist_conversation;
CREATE INDEX worklist_conversation ON worklist (bureau_id, conversation_id) WHERE done_at IS NULL;
-- Whether another such entry than this one is open.
CREATE FUNCTION worklist_has(bureau integer, entry bigint, of_list text, application bigint, talk bigint, of_phone text)
RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF application IS NULL THEN
        RETURN EXISTS (SELECT FROM worklist w WHERE w.bureau_id = bureau AND w.application_id IS NULL AND w.list = of_list
            AND w.phone = of_phone AND w.conversation_id IS NOT DISTINCT FROM talk AND w.done_at IS NULL AND w.id <> entry);
    END IF;
    RETURN EXISTS (SELECT FROM worklist w WHERE w.bureau_id = bureau AND w.application_id = application AND w.list = of_list
        AND w.phone = of_phone AND w.conversation_id IS NOT DISTINCT FROM talk AND w.done_at IS NULL AND w.id <> entry);
END
$$;
