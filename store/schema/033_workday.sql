-- The bureau's working days, mirrored from the configuration: what was issued on a pledge is checked on one of them.
ALTER TABLE bureau ADD COLUMN weekend text[] NOT NULL DEFAULT '{}';  -- sat, sun
ALTER TABLE bureau ADD COLUMN holidays date[] NOT NULL DEFAULT '{}';
ALTER TABLE bureau ADD COLUMN workdays date[] NOT NULL DEFAULT '{}'; -- worked although of a weekend

-- The last working day within so many days from tomorrow on; when there is none, the first one after them.
CREATE FUNCTION workday_within(today date, days integer, weekend text[], holidays date[], workdays date[]) RETURNS date
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    WITH worked AS (SELECT today + n AS day, n <= days AS within FROM generate_series(1, days + 60) n
        WHERE (today + n) <> ALL (holidays) AND ((today + n) = ANY (workdays) OR to_char(today + n, 'dy') <> ALL (weekend)))
    SELECT coalesce(max(day) FILTER (WHERE within), min(day), today + days) FROM worked
$$;
