-- The first schema. Everything that grows has bureau_id first in its primary, unique and foreign keys.
-- Phones are E.164 with the plus sign; times are timestamptz; days are dates in the bureau's time zone.

-- Ids that the gateway takes in blocks before it writes the rows (messages, inbound, grants), or that parents need
-- before their children are written.
CREATE SEQUENCE row_id;
CREATE SEQUENCE conversation_id;
CREATE SEQUENCE application_id;
CREATE SEQUENCE trail_id;

-- Small tables, the same on every shard: mirrored from the configuration by `huizhi init` and at every start.
CREATE TABLE bureau (
    id         integer PRIMARY KEY,
    code       text NOT NULL UNIQUE,
    name       text NOT NULL,
    signature  text NOT NULL,
    short_code text NOT NULL,
    timezone   text NOT NULL,
    country    text NOT NULL
);

CREATE TABLE item (
    bureau_id       integer NOT NULL REFERENCES bureau,
    code            text NOT NULL,
    name_zh         text NOT NULL,
    name_en         text NOT NULL,
    trigger         text NOT NULL CHECK (trigger IN ('expiry', 'change', 'pledge', 'automatic')),
    window_before   integer NOT NULL,   -- days before the expiry day from which an application may be made
    window_after    integer NOT NULL,   -- days after it until which it still may
    reminder_days   integer[] NOT NULL, -- days before the expiry day, descending
    change_fields   text[] NOT NULL DEFAULT '{}', -- trigger change: fields of the register it answers to; empty = any
    dialog          text NOT NULL,
    approval        text NOT NULL CHECK (approval IN ('clerk', 'rule', 'pledge')),
    old_certificate text[] NOT NULL,    -- on_site, courier
    delivery        text[] NOT NULL,    -- pick_up, courier
    languages       text[] NOT NULL,
    active          boolean NOT NULL DEFAULT true, -- false: no longer in the configuration
    PRIMARY KEY (bureau_id, code)
);

CREATE TABLE staff (
    bureau_id     integer NOT NULL REFERENCES bureau,
    name          text NOT NULL,
    password_hash text NOT NULL,
    roles         text[] NOT NULL,
    created_at    timestamptz NOT NULL DEFAULT now(),
    disabled_at   timestamptz,
    PRIMARY KEY (bureau_id, name)
);

CREATE TABLE api_key (
    bureau_id  integer NOT NULL REFERENCES bureau,
    name       text NOT NULL,
    key_hash   bytea NOT NULL,
    scopes     text[] NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    revoked_at timestamptz,
    PRIMARY KEY (bureau_id, name),
    UNIQUE (bureau_id, key_hash)
);

-- What each daemon last said of its links; `huizhi link status` reads it.
CREATE TABLE link_state (
    link      text NOT NULL,
    daemon    text NOT NULL,
    state     text NOT NULL,
    host      text NOT NULL DEFAULT '',
    error     text NOT NULL DEFAULT '',
    in_flight integer NOT NULL DEFAULT 0,
    sent      bigint NOT NULL DEFAULT 0,
    received  bigint NOT NULL DEFAULT 0,
    since     timestamptz NOT NULL,
    seen_at   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (link, daemon)
);

CREATE TABLE holder (
    bureau_id     integer NOT NULL REFERENCES bureau,
    id            bigint GENERATED ALWAYS AS IDENTITY,
    identity_hash bytea NOT NULL,        -- keyed hash of the identity number, or of name and phone where there is none
    name          text NOT NULL,
    phone         text,                  -- NULL: none on file that can receive texts
    language      text NOT NULL,
    id_number     bytea,                 -- secretbox
    address       bytea,                 -- secretbox
    address_hash  bytea,                 -- keyed hash of the address: tells a changed one without decrypting
    landline      text,                  -- E.164: a number that cannot receive texts, for the clerk who phones
    tags          text[] NOT NULL DEFAULT '{}',
    created_at    timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (bureau_id, id),
    UNIQUE (bureau_id, identity_hash)
);
-- The scan walks the phones in order, and the holders without one by id.
CREATE INDEX holder_phone ON holder (bureau_id, phone, id);

CREATE TABLE licence (
    bureau_id  integer NOT NULL,
    id         bigint GENERATED ALWAYS AS IDENTITY,
    item_code  text NOT NULL,
    licence_no text NOT NULL,
    holder_id  bigint NOT NULL,
    issued_on  date,
    expires_on date,
    facts      jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (bureau_id, id),
    UNIQUE (bureau_id, item_code, licence_no),
    FOREIGN KEY (bureau_id, holder_id) REFERENCES holder (bureau_id, id),
    FOREIGN KEY (bureau_id, item_code) REFERENCES item (bureau_id, code)
);
CREATE INDEX licence_expiry ON licence (bureau_id, item_code, expires_on);
CREATE INDEX licence_holder ON licence (bureau_id, holder_id);

CREATE TABLE campaign (
    bureau_id  integer NOT NULL REFERENCES bureau,
    id         bigint GENERATED ALWAYS AS IDENTITY,
    name       text NOT NULL,
    item_code  text,                 -- NULL: every item
    tag        text,
    language   text,
    on_date    date NOT NULL,        -- the day the audience is computed for
    status     text NOT NULL CHECK (status IN ('draft', 'running', 'paused', 'stopped', 'done')),
    rate       integer NOT NULL DEFAULT 0,
    canary     integer NOT NULL DEFAULT 0,
    audience   integer NOT NULL DEFAULT 0,
    created_by text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    started_at timestamptz,
    scanned_at timestamptz,          -- its audience has its conversations
    ended_at   timestamptz,
    PRIMARY KEY (bureau_id, id)
);

CREATE TABLE conversation (
    bureau_id      integer NOT NULL REFERENCES bureau,
    id             bigint NOT NULL DEFAULT nextval('conversation_id'),
    phone          text NOT NULL,
    holder_id      bigint NOT NULL,
    campaign_id    bigint,
    link           text NOT NULL DEFAULT '',      -- where the phone last wrote from; replies go back there
    language       text NOT NULL,
    dialog         text NOT NULL,
    dialog_version integer NOT NULL DEFAULT 0,    -- 0 until the first turn
    step           text NOT NULL DEFAULT '',
    selected       bigint NOT NULL DEFAULT 0,
    begun          boolean NOT NULL DEFAULT false,
    ask_owed       boolean NOT NULL DEFAULT false,
    counts         bytea NOT NULL DEFAULT '',
    slots          jsonb NOT NULL DEFAULT '{}',
    deadline_at    timestamptz,                   -- when the clock raises the next turn
    open           boolean NOT NULL DEFAULT true,
    outcome        text NOT NULL DEFAULT '',
    version        integer NOT NULL DEFAULT 0,    -- grows by one with every turn
    started_at     timestamptz NOT NULL DEFAULT now(),
    step_since     timestamptz NOT NULL DEFAULT now(),
    ended_at       timestamptz,
    PRIMARY KEY (bureau_id, id),
    FOREIGN KEY (bureau_id, holder_id) REFERENCES holder (bureau_id, id)
) WITH (fillfactor = 75);
-- One talk at a time with one phone at one bureau.
CREATE UNIQUE INDEX conversation_open ON conversation (bureau_id, phone) WHERE open;
CREATE INDEX conversation_phone ON conversation (bureau_id, phone, id);
CREATE INDEX conversation_due ON conversation (bureau_id, deadline_at) WHERE open AND deadline_at IS NOT NULL;

CREATE TABLE application (
    bureau_id       integer NOT NULL,
    id              bigint NOT NULL DEFAULT nextval('application_id'),
    licence_id      bigint NOT NULL,
    holder_id       bigint NOT NULL,
    item_code       text NOT NULL,
    cycle           text NOT NULL,       -- what it is for: expiry:YYYY-MM-DD or change:ID; one application each, ever
    conversation_id bigint,              -- the talk it is in now
    number          integer NOT NULL DEFAULT 1, -- its number in that talk
    status          text NOT NULL DEFAULT 'due', -- moved by application_advance alone (store/application.c)
    old_certificate text NOT NULL DEFAULT '',    -- on_site, courier
    delivery        text NOT NULL DEFAULT '',    -- pick_up, courier
    address         bytea,               -- where to send it, when not the holder's own; secretbox
    verified_by     text NOT NULL DEFAULT '',    -- how identity was proven: page, code, staff:NAME
    decision_reason text NOT NULL DEFAULT '',
    decided_by      text NOT NULL DEFAULT '',
    tracking_no     text NOT NULL DEFAULT '',
    pickup_code     text NOT NULL DEFAULT '',
    rating          integer,
    created_at      timestamptz NOT NULL DEFAULT now(),
    reminded_at     timestamptz,
    consented_at    timestamptz,
    verified_at     timestamptz,
    confirmed_at    timestamptz,
    submitted_at    timestamptz,
    decided_at      timestamptz,
    old_received_at timestamptz,
    sent_at         timestamptz,         -- handed to the courier, or ready at the counter
    collected_at    timestamptz,         -- in the citizen's hands
    rated_at        timestamptz,
    closed_at       timestamptz,
    PRIMARY KEY (bureau_id, id),
    UNIQUE (bureau_id, licence_id, cycle),
    FOREIGN KEY (bureau_id, licence_id) REFERENCES licence (bureau_id, id),
    FOREIGN KEY (bureau_id, conversation_id) REFERENCES conversation (bureau_id, id)
) WITH (fillfactor = 75);
CREATE INDEX application_conversation ON application (bureau_id, conversation_id);
CREATE INDEX application_status ON application (bureau_id, status, id);
CREATE INDEX application_holder ON application (bureau_id, holder_id);

-- One reminder per application and step, ever: the key exists before anything is queued.
CREATE TABLE reminder (
    bureau_id       integer NOT NULL,
    application_id  bigint NOT NULL,
    step            integer NOT NULL,    -- the item's reminder day it belongs to (days before expiry)
    conversation_id bigint NOT NULL,
    created_at      timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (bureau_id, application_id, step),
    FOREIGN KEY (bureau_id, application_id) REFERENCES application (bureau_id, id)
);

-- A text as the citizen sees it, out; texts in are in inbound.
CREATE TABLE message (
    bureau_id       integer NOT NULL,
    id              bigint NOT NULL,
    created_at      timestamptz NOT NULL,
    conversation_id bigint,
    campaign_id     bigint,
    phone           text NOT NULL,
    kind            text NOT NULL CHECK (kind IN ('reply', 'notice', 'reminder')),
    wording         text NOT NULL DEFAULT '',
    language        text NOT NULL DEFAULT '',
    text            text NOT NULL,
    reply_to        bigint,              -- the inbound it answers
    link            text NOT NULL DEFAULT '',
    parts           integer NOT NULL DEFAULT 0,
    state           text NOT NULL DEFAULT 'queued'
                    CHECK (state IN ('queued', 'delivering', 'delivered', 'unavailable', 'failed', 'expired', 'cancelled')),
    state_at        timestamptz NOT NULL DEFAULT now(),
    error           text NOT NULL DEFAULT '',
    PRIMARY KEY (bureau_id, created_at, id)
) PARTITION BY RANGE (created_at);
CREATE INDEX message_id_idx ON message (bureau_id, id);
CREATE INDEX message_phone ON message (bureau_id, phone, id);

-- One part is one PDU with its own id and receipt; a row for every attempt, stored before it is written to a socket.
CREATE TABLE message_part (
    bureau_id    integer NOT NULL,
    message_id   bigint NOT NULL,
    part         integer NOT NULL,       -- 1..n
    attempt      integer NOT NULL,       -- 1..
    created_at   timestamptz NOT NULL DEFAULT now(),
    link         text NOT NULL,
    phone        text NOT NULL,
    session      text NOT NULL DEFAULT '', -- the bind it was written on
    state        text NOT NULL CHECK (state IN ('attempted', 'accepted', 'refused', 'uncertain', 'delivered', 'failed')),
    carrier_id   text NOT NULL DEFAULT '', -- verbatim
    carrier_key  text NOT NULL DEFAULT '', -- normalised, what receipts are matched on
    status       bigint NOT NULL DEFAULT 0,-- command_status of the response
    receipt      text NOT NULL DEFAULT '', -- last state the carrier told
    error        text NOT NULL DEFAULT '',
    answered_at  timestamptz,
    receipted_at timestamptz,
    PRIMARY KEY (bureau_id, message_id, part, attempt)
) WITH (fillfactor = 75);
CREATE INDEX message_part_carrier ON message_part (bureau_id, link, carrier_key) WHERE carrier_key <> '';
-- Attempts whose response was lost: few, and a receipt may still tell of them.
CREATE INDEX message_part_uncertain ON message_part (bureau_id, phone) WHERE state = 'uncertain';

-- What waits to be sent; a row goes when its message is accepted, refused for good or cancelled.
CREATE TABLE outbox (
    bureau_id       integer NOT NULL,
    message_id      bigint NOT NULL,
    message_at      timestamptz NOT NULL, -- message.created_at
    conversation_id bigint,
    campaign_id     bigint,
    phone           text NOT NULL,
    link            text NOT NULL,
    priority        smallint NOT NULL,   -- 0 reply, 1 notice, 2 reminder
    kind            text NOT NULL,
    text            text NOT NULL,
    reply_to        bigint,
    not_before      timestamptz NOT NULL DEFAULT now(),
    lease_owner     text NOT NULL DEFAULT '',
    lease_until     timestamptz NOT NULL DEFAULT '-infinity',
    attempts        integer NOT NULL DEFAULT 0,
    PRIMARY KEY (bureau_id, message_id)
) WITH (fillfactor = 50);
CREATE INDEX outbox_queue ON outbox (bureau_id, link, priority, message_id);

-- Receipts that came before the response that names their part.
CREATE TABLE receipt_early (
    bureau_id   integer NOT NULL,
    id          bigint GENERATED ALWAYS AS IDENTITY,
    link        text NOT NULL,
    carrier_key text NOT NULL,
    phone       text NOT NULL,
    state       text NOT NULL,
    error       text NOT NULL DEFAULT '',
    received_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (bureau_id, id)
);
CREATE INDEX receipt_early_key ON receipt_early (bureau_id, link, carrier_key);

-- Every text that came in, stored before the carrier is answered.
CREATE TABLE inbound (
    bureau_id       integer NOT NULL,
    id              bigint NOT NULL,
    received_at     timestamptz NOT NULL,
    link            text NOT NULL,
    session         text NOT NULL,       -- the bind it came on
    sequence        bigint NOT NULL,     -- of its (last) deliver_sm
    phone           text NOT NULL,
    short_code      text NOT NULL,
    text            text NOT NULL,
    hash            bytea NOT NULL,      -- of everything the carrier would send again unchanged
    settled         boolean NOT NULL DEFAULT false, -- the carrier has taken our answer: it will not send this again
    conversation_id bigint,
    step            text NOT NULL DEFAULT '',
    understood      boolean NOT NULL DEFAULT true,
    error           text NOT NULL DEFAULT '',
    PRIMARY KEY (bureau_id, id),
    UNIQUE (bureau_id, link, session, sequence, hash)
);
CREATE INDEX inbound_phone ON inbound (bureau_id, phone, id);
CREATE INDEX inbound_again ON inbound (bureau_id, hash) WHERE NOT settled;

-- Parts of a long inbound text that waits for the others. Its carrier was answered when the part was stored.
CREATE TABLE inbound_part (
    bureau_id   integer NOT NULL,
    link        text NOT NULL,
    phone       text NOT NULL,
    short_code  text NOT NULL,
    kind        text NOT NULL,           -- udh8, udh16, sar
    reference   integer NOT NULL,
    total       integer NOT NULL,
    part        integer NOT NULL,
    data        bytea NOT NULL,          -- the text of this part, UTF-8
    received_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (bureau_id, link, phone, short_code, kind, reference, total, part)
);

-- What happened outside a conversation and waits to be stepped: decisions, sendings, proofs by a clerk.
CREATE TABLE outside_event (
    bureau_id       integer NOT NULL,
    id              bigint GENERATED ALWAYS AS IDENTITY,
    conversation_id bigint NOT NULL,
    phone           text NOT NULL,
    application_id  bigint,
    name            text NOT NULL,
    slots           jsonb NOT NULL DEFAULT '{}',
    actor           text NOT NULL,
    created_at      timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (bureau_id, id)
);

CREATE TABLE worklist (
    bureau_id       integer NOT NULL,
    id              bigint GENERATED ALWAYS AS IDENTITY,
    list            text NOT NULL CHECK (list IN ('phone', 'read', 'approve', 'collect', 'send', 'check')),
    application_id  bigint,
    conversation_id bigint,
    phone           text NOT NULL DEFAULT '',
    reason          text NOT NULL,
    due_on          date,
    created_at      timestamptz NOT NULL DEFAULT now(),
    claimed_by      text NOT NULL DEFAULT '',
    claimed_at      timestamptz,
    done_at         timestamptz,
    done_by         text NOT NULL DEFAULT '',
    PRIMARY KEY (bureau_id, id)
);
CREATE UNIQUE INDEX worklist_open ON worklist (bureau_id, list, coalesce(application_id, 0), coalesce(conversation_id, 0), phone)
    WHERE done_at IS NULL;
CREATE INDEX worklist_application ON worklist (bureau_id, application_id) WHERE done_at IS NULL;
CREATE INDEX worklist_conversation ON worklist (bureau_id, conversation_id) WHERE done_at IS NULL;

-- A grant in three forms: link, QR code, short code (design: links, QR and short codes).
CREATE TABLE access_grant (
    bureau_id       integer NOT NULL,
    id              bigint NOT NULL,
    conversation_id bigint NOT NULL,
    purpose         text NOT NULL CHECK (purpose IN ('renew', 'pickup')),
    nonce           bytea NOT NULL,
    code_hash       bytea NOT NULL,      -- keyed hash of the short code; the code itself is not kept
    created_at      timestamptz NOT NULL DEFAULT now(),
    expires_at      timestamptz NOT NULL,
    code_expires_at timestamptz NOT NULL,
    code_tries      integer NOT NULL DEFAULT 0,
    identity_tries  integer NOT NULL DEFAULT 0,
    locked_until    timestamptz,
    opened_at       timestamptz,
    used_at         timestamptz,
    revoked_at      timestamptz,
    PRIMARY KEY (bureau_id, id),
    FOREIGN KEY (bureau_id, conversation_id) REFERENCES conversation (bureau_id, id)
);
CREATE INDEX access_grant_conversation ON access_grant (bureau_id, conversation_id);
CREATE INDEX access_grant_code ON access_grant (bureau_id, code_hash);

CREATE TABLE suppression (
    bureau_id integer NOT NULL,
    phone     text NOT NULL,
    reason    text NOT NULL,             -- opt_out, not_me
    since     timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (bureau_id, phone)
);

-- Every event of every application; rows are only ever added.
CREATE TABLE trail (
    bureau_id       integer NOT NULL,
    id              bigint NOT NULL DEFAULT nextval('trail_id'),
    at              timestamptz NOT NULL,
    application_id  bigint,
    conversation_id bigint,
    actor           text NOT NULL,       -- citizen, clock, system, staff:NAME, api:NAME
    kind            text NOT NULL,       -- due, reminded, moved, consented, verified, ...
    data            jsonb NOT NULL DEFAULT '{}',
    PRIMARY KEY (bureau_id, at, id)
) PARTITION BY RANGE (at);
CREATE INDEX trail_application ON trail (bureau_id, application_id, id);
CREATE INDEX trail_conversation ON trail (bureau_id, conversation_id, id);

-- The daily scan ran for this bureau on this day.
CREATE TABLE scan_run (
    bureau_id   integer NOT NULL REFERENCES bureau,
    on_date     date NOT NULL,
    started_at  timestamptz NOT NULL DEFAULT now(),
    finished_at timestamptz,
    result      jsonb NOT NULL DEFAULT '{}',
    PRIMARY KEY (bureau_id, on_date)
);

-- What no month holds goes here, so that nothing is ever refused; ensure_partitions takes it out again.
CREATE TABLE message_default PARTITION OF message DEFAULT;
CREATE TABLE trail_default PARTITION OF trail DEFAULT;

-- Makes the month partitions of message and trail, from this month (UTC) on; returns how many it made. Called by
-- `huizhi init` and by the daemon every day. Rows that came before their month existed move into it.
CREATE FUNCTION ensure_partitions(months_ahead integer) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    parent record;
    month timestamp;
    lower_bound text;
    upper_bound text;
    partition text;
    made integer := 0;
BEGIN
    PERFORM pg_advisory_xact_lock(728332);
    FOR parent IN SELECT * FROM (VALUES ('message', 'created_at'), ('trail', 'at')) AS p(name, key) LOOP
        FOR n IN 0..months_ahead LOOP
            month := date_trunc('month', now() AT TIME ZONE 'UTC') + make_interval(months => n);
            partition := parent.name || to_char(month, '_YYYY_MM');
            CONTINUE WHEN to_regclass(quote_ident(partition)) IS NOT NULL;
            lower_bound := to_char(month, 'YYYY-MM-DD') || ' 00:00:00+00';
            upper_bound := to_char(month + interval '1 month', 'YYYY-MM-DD') || ' 00:00:00+00';
            EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', partition, parent.name);
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

-- A name as lists show it; the same masks as the texts use.
CREATE FUNCTION mask_name(name text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT CASE
        WHEN name = '' THEN ''
        WHEN ascii(name) < 11904 THEN regexp_replace(regexp_replace(name, '(\S)\S*', '\1***', 'g'), '\s+', ' ', 'g')
        WHEN length(name) < 6 THEN left(name, 1) || CASE WHEN length(name) > 1 THEN '**' ELSE '' END
        ELSE left(name, 2) || '***' || right(name, 2)
    END
$$;

-- A new table has no statistics until autovacuum comes by, up to a minute later, and until then the planner takes
-- bureau_id for selective: plans that walk whole tables for every row. Analyses what has changed by more rows than it had
-- when it was last analysed.
CREATE FUNCTION analyze_new_tables() RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    t regclass;
    n integer := 0;
BEGIN
    FOR t IN SELECT s.relid FROM pg_stat_user_tables s JOIN pg_class c ON c.oid = s.relid
             WHERE s.schemaname = current_schema() AND s.n_mod_since_analyze >= 500
             AND s.n_mod_since_analyze > c.reltuples ORDER BY s.relid LOOP
        EXECUTE format('ANALYZE %s', t);
        n := n + 1;
    END LOOP;
    RETURN n;
END
$$;
