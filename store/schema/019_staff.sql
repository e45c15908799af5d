-- Who works at the console: what each may do, sessions that can be ended, tries that slow down, and who did what.

-- look: see lists and pages; send: texts, certificates, the counter; write: the wording; approve: decisions;
-- manage: the people and settings of the bureau.
UPDATE staff SET roles = CASE
    WHEN 'admin' = ANY (roles) THEN '{look,send,write,approve,manage}'::text[]
    WHEN 'manager' = ANY (roles) THEN '{look,send,write,approve}'
    WHEN 'approver' = ANY (roles) THEN '{look,send,approve}'
    ELSE '{look,send}' END;
ALTER TABLE staff ADD CONSTRAINT staff_roles_check CHECK (roles <@ '{look,send,write,approve,manage}'::text[]);

CREATE TABLE staff_session (
    bureau_id  integer NOT NULL,
    id         bigint GENERATED ALWAYS AS IDENTITY,
    name       text NOT NULL,
    hash       bytea NOT NULL,                     -- of the cookie, which is nowhere kept itself
    address    text NOT NULL DEFAULT '',           -- where it was used from last
    agent      text NOT NULL DEFAULT '',           -- what the browser calls itself
    created_at timestamptz NOT NULL DEFAULT now(),
    seen_at    timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    ended_at   timestamptz,
    ended_by   text NOT NULL DEFAULT '',
    PRIMARY KEY (bureau_id, id),
    UNIQUE (bureau_id, hash),
    FOREIGN KEY (bureau_id, name) REFERENCES staff (bureau_id, name)
);
CREATE INDEX staff_session_name ON staff_session (bureau_id, name, id) WHERE ended_at IS NULL;

-- Wrong passwords, by account and by address.
CREATE TABLE staff_try (
    bureau_id integer NOT NULL,
    kind      text NOT NULL CHECK (kind IN ('account', 'address')),
    who       text NOT NULL,
    fails     integer NOT NULL DEFAULT 0,
    last_at   timestamptz NOT NULL DEFAULT now(),
    free_at   timestamptz NOT NULL DEFAULT '-infinity', -- the next try is taken from then on
    PRIMARY KEY (bureau_id, kind, who)
);

-- What people of the bureau did, beside the trail of the applications. Rows are only ever added.
CREATE TABLE staff_event (
    bureau_id  integer NOT NULL,
    id         bigint GENERATED ALWAYS AS IDENTITY,
    at         timestamptz NOT NULL DEFAULT now(),
    name       text NOT NULL,
    session_id bigint,                             -- NULL: from the command line, or nobody had signed in
    kind       text NOT NULL,
    subject    text NOT NULL DEFAULT '',           -- application 12, staff wu, entry 5
    detail     text NOT NULL DEFAULT '',
    address    text NOT NULL DEFAULT '',
    PRIMARY KEY (bureau_id, id)
);
CREATE INDEX staff_event_name ON staff_event (bureau_id, name, id);
CREATE INDEX staff_event_subject ON staff_event (bureau_id, subject, id);
