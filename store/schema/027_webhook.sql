-- Events for the bureau's other systems. What happens is in the trail already; a cursor walks it, so that turns write nothing
-- for webhooks. What is told of a text that failed is written with the failure itself.
CREATE TABLE webhook (
    bureau_id  integer NOT NULL REFERENCES bureau,
    id         bigint GENERATED ALWAYS AS IDENTITY,
    url        text NOT NULL,
    events     text[] NOT NULL,            -- types such as application.approved, groups such as application.*, or *
    secret     bytea NOT NULL,             -- secretbox
    since_id   bigint NOT NULL,            -- of the trail: only events after this one
    created_by text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    removed_at timestamptz,
    PRIMARY KEY (bureau_id, id)
);

-- How far the trail was read. Ids are handed out before they are committed: a window of ids is read when all who were
-- writing the trail a moment after its last id was handed out have ended.
CREATE TABLE webhook_cursor (
    bureau_id integer PRIMARY KEY REFERENCES bureau,
    done_id   bigint NOT NULL,
    done_at   timestamptz NOT NULL,        -- no later event was written before
    next_id   bigint,                      -- the window's last id
    next_at   timestamptz,
    writers   text[]                       -- who was writing then
);

CREATE TABLE webhook_delivery (
    bureau_id   integer NOT NULL,
    id          bigint GENERATED ALWAYS AS IDENTITY,
    webhook_id  bigint NOT NULL,
    event       text NOT NULL,
    body        jsonb NOT NULL,
    state       text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'delivered', 'dead')),
    attempts    integer NOT NULL DEFAULT 0,
    next_at     timestamptz NOT NULL DEFAULT now(),
    lease_owner text NOT NULL DEFAULT '',
    lease_until timestamptz NOT NULL DEFAULT '-infinity',
    status      integer,                   -- of the last answer
    error       text NOT NULL DEFAULT '',
    created_at  timestamptz NOT NULL DEFAULT now(),
    ended_at    timestamptz,
    PRIMARY KEY (bureau_id, id),
    FOREIGN KEY (bureau_id, webhook_id) REFERENCES webhook (bureau_id, id)
);
CREATE INDEX webhook_delivery_due ON webhook_delivery (bureau_id, next_at, id) WHERE state = 'pending';
CREATE INDEX webhook_delivery_hook ON webhook_delivery (bureau_id, webhook_id, id);

CREATE FUNCTION webhook_wants(events text[], type text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT type = ANY (events) OR split_part(type, '.', 1) || '.*' = ANY (events) OR '*' = ANY (events)
$$;

CREATE FUNCTION webhook_message_failed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO webhook_delivery (bureau_id, webhook_id, event, body)
    SELECT NEW.bureau_id, w.id, 'message.failed', jsonb_build_object('id', 'message-' || NEW.id || '-' || NEW.state,
        'type', 'message.failed', 'bureau', b.code, 'at', to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
        'message', NEW.id, 'conversation', NEW.conversation_id, 'campaign', NEW.campaign_id, 'phone', NEW.phone,
        'data', jsonb_build_object('kind', NEW.kind, 'state', NEW.state, 'error', NEW.error))
    FROM webhook w JOIN bureau b ON b.id = NEW.bureau_id
    WHERE w.bureau_id = NEW.bureau_id AND w.removed_at IS NULL AND webhook_wants(w.events, 'message.failed');
    RETURN NULL;
END
$$;
CREATE TRIGGER message_failed AFTER UPDATE ON message FOR EACH ROW
    WHEN (NEW.state IN ('failed', 'expired', 'technical') AND OLD.state NOT IN ('failed', 'expired', 'technical'))
    EXECUTE FUNCTION webhook_message_failed();
