-- A talk without a phone: on the page, by a letter's code, or with a clerk who enters what the holder says. In the place of
-- its phone it has '#' and its own id, which no carrier can write from. Here is the phone that people are shown.
CREATE FUNCTION phone_shown(phone text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN phone <> '' AND phone NOT LIKE '#%' THEN phone END
$$;
