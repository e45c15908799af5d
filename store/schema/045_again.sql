-- Whether an answer of ours to this text was taken by the carrier, in time for its response not to be waited for any more: on
-- that session, or on any (NULL). Asked only of a text that is like one of before; as a part of the statement that looks for
-- those it would be made ready, with every month of the messages, for each turn.
CREATE FUNCTION answer_taken(bureau integer, asked_phone text, inbound bigint, on_session text, received timestamptz,
    again timestamptz, again_came timestamptz) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN EXISTS (SELECT 1 FROM message m JOIN message_part p ON p.bureau_id = bureau AND p.message_id = m.id
            AND p.state IN ('accepted', 'delivered', 'failed') AND NOT p.lost
            AND (p.session = on_session OR on_session IS NULL)
            AND p.answered_at < coalesce(again_came, received) + interval '5 seconds'
        WHERE m.bureau_id = bureau AND m.phone = asked_phone AND m.reply_to = inbound
            -- No answer is older than its text but for what clocks differ: partitions of other months are not looked into.
            AND m.created_at >= coalesce(again, '-infinity') AND m.created_at > received - interval '1 day'
            -- What follows from that and from the hour within which it is asked: for it alone PostgreSQL leaves them out
            -- before it begins.
            AND m.created_at > now() - interval '25 hours' AND m.created_at < now() + interval '1 day');
END
$$;
