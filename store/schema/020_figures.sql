-- Figures of the console's first page and of the pictures of dialogs. They are counted when somebody looks, day by day by the
-- bureau's clock: a day that is over once and for all, today again and again, the more seldom the longer it takes.

CREATE TABLE figure (
    bureau_id integer NOT NULL REFERENCES bureau,
    topic     text NOT NULL,   -- texts (kind, state), answers (understood), trail (kind), moved (dialog, from, to), rated (mark),
                               -- waiting (dialog, version, step), due (item; the day is the expiry day)
    day       date NOT NULL,
    a         text NOT NULL DEFAULT '',
    b         text NOT NULL DEFAULT '',
    c         text NOT NULL DEFAULT '',
    n         bigint NOT NULL,
    PRIMARY KEY (bureau_id, topic, day, a, b, c)
);

CREATE TABLE figure_run (
    bureau_id  integer NOT NULL REFERENCES bureau,
    topic      text NOT NULL,  -- day, waiting, due
    day        date NOT NULL,
    counted_at timestamptz NOT NULL,
    took       interval NOT NULL,
    whole      boolean NOT NULL, -- the day was over: it is not counted again
    PRIMARY KEY (bureau_id, topic, day)
);

-- Texts come in by time: an index of a few pages finds those of a day, and costs a turn next to nothing.
CREATE INDEX inbound_received ON inbound USING brin (bureau_id, received_at) WITH (pages_per_range = 32, autosummarize = on);

-- One day's messages, answers and events.
CREATE FUNCTION count_day(bureau integer, d date, from_at timestamptz, to_at timestamptz) RETURNS void LANGUAGE sql AS $$
    DELETE FROM figure WHERE bureau_id = bureau AND day = d AND topic IN ('texts', 'answers', 'trail', 'moved', 'rated');
    INSERT INTO figure (bureau_id, topic, day, a, b, n)
        SELECT bureau, 'texts', d, m.kind, m.state, count(*) FROM message m
        WHERE m.bureau_id = bureau AND m.created_at >= from_at AND m.created_at < to_at GROUP BY m.kind, m.state;
    INSERT INTO figure (bureau_id, topic, day, a, n)
        SELECT bureau, 'answers', d, i.understood::text, count(*) FROM inbound i
        WHERE i.bureau_id = bureau AND i.received_at >= from_at AND i.received_at < to_at GROUP BY i.understood;
    INSERT INTO figure (bureau_id, topic, day, a, b, c, n)
        SELECT bureau, CASE t.kind WHEN 'moved' THEN 'moved' WHEN 'rated' THEN 'rated' ELSE 'trail' END, d,
            CASE t.kind WHEN 'moved' THEN coalesce(t.data->>'dialog', '') WHEN 'rated' THEN coalesce(t.data->>'rating', '') ELSE t.kind END,
            CASE t.kind WHEN 'moved' THEN coalesce(t.data->>'from', '') ELSE '' END,
            CASE t.kind WHEN 'moved' THEN coalesce(t.data->>'to', '') ELSE '' END, count(*)
        FROM trail t WHERE t.bureau_id = bureau AND t.at >= from_at AND t.at < to_at GROUP BY 2, 4, 5, 6;
$$;

-- Counts what is not counted yet or has aged: a count that took long is good for twenty times as long. Returns how many counts
-- it made; 0 also while another daemon is at it.
CREATE FUNCTION count_figures(bureau integer) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    tz text;
    today date;
    d date;
    began timestamptz;
    made integer := 0;
BEGIN
    SELECT timezone INTO tz FROM bureau b WHERE b.id = bureau;
    IF tz IS NULL OR NOT pg_try_advisory_xact_lock(728333, bureau) THEN
        RETURN 0;
    END IF;
    today := (now() AT TIME ZONE tz)::date;

    FOR d IN SELECT s.day FROM (SELECT today - n AS day FROM generate_series(0, 29) AS n) s
            LEFT JOIN figure_run r ON r.bureau_id = bureau AND r.topic = 'day' AND r.day = s.day
            WHERE r.day IS NULL OR NOT r.whole AND (s.day < today OR r.took < interval '50 ms'
                OR r.counted_at + 20 * r.took < now()) ORDER BY s.day DESC LOOP
        began := clock_timestamp();
        PERFORM count_day(bureau, d, d::timestamp AT TIME ZONE tz, (d + 1)::timestamp AT TIME ZONE tz);
        INSERT INTO figure_run VALUES (bureau, 'day', d, began, clock_timestamp() - began, d < today)
            ON CONFLICT (bureau_id, topic, day) DO UPDATE SET counted_at = excluded.counted_at, took = excluded.took,
            whole = excluded.whole;
        made := made + 1;
    END LOOP;

    IF NOT EXISTS (SELECT FROM figure_run r WHERE r.bureau_id = bureau AND r.topic = 'waiting' AND r.took >= interval '50 ms'
            AND r.counted_at + 20 * r.took >= now()) THEN
        began := clock_timestamp();
        DELETE FROM figure WHERE bureau_id = bureau AND topic = 'waiting';
        INSERT INTO figure (bureau_id, topic, day, a, b, c, n)
            SELECT bureau, 'waiting', 'epoch', v.dialog, v.dialog_version::text, v.step, count(*) FROM conversation v
            WHERE v.bureau_id = bureau AND v.open GROUP BY v.dialog, v.dialog_version, v.step;
        INSERT INTO figure_run VALUES (bureau, 'waiting', 'epoch', began, clock_timestamp() - began, false)
            ON CONFLICT (bureau_id, topic, day) DO UPDATE SET counted_at = excluded.counted_at, took = excluded.took;
        made := made + 1;
    END IF;

    IF NOT EXISTS (SELECT FROM figure_run r WHERE r.bureau_id = bureau AND r.topic = 'due' AND r.day = today
            AND r.took >= interval '50 ms' AND r.counted_at + 20 * r.took >= now()) THEN
        began := clock_timestamp();
        DELETE FROM figure WHERE bureau_id = bureau AND topic = 'due';
        INSERT INTO figure (bureau_id, topic, day, a, n)
            SELECT bureau, 'due', l.expires_on, i.code, l.n FROM item i CROSS JOIN LATERAL (
                SELECT x.expires_on, count(*) AS n FROM licence x WHERE x.bureau_id = bureau AND x.item_code = i.code
                AND x.expires_on >= today AND x.expires_on < today + 91 GROUP BY x.expires_on) l
            WHERE i.bureau_id = bureau AND i.active;
        DELETE FROM figure_run WHERE bureau_id = bureau AND topic = 'due';
        INSERT INTO figure_run VALUES (bureau, 'due', today, began, clock_timestamp() - began, false);
        made := made + 1;
    END IF;
    RETURN made;
END
$$;
