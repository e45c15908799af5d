-- What the five services need beyond the common way: approval by rule and on a pledge, certificates numbered at approval,
-- parcels that arrive by themselves, calls that citizens can check, signatures on the page, complaints with their reason.

-- Mirrored from the configuration.
ALTER TABLE item ADD COLUMN certificate_no text NOT NULL DEFAULT '';   -- pattern of new numbers; '' = the licence keeps its own
ALTER TABLE item ADD COLUMN arrival_days integer NOT NULL DEFAULT 0;   -- a parcel sent so long ago has come; 0 = never by itself
ALTER TABLE item ADD COLUMN check_days integer NOT NULL DEFAULT 30;    -- until what was issued on a pledge is checked

ALTER TABLE application ADD COLUMN certificate_no text NOT NULL DEFAULT '';  -- of the new certificate
ALTER TABLE application ADD COLUMN rating_reason text NOT NULL DEFAULT '';   -- why the mark was low, in the citizen's words
ALTER TABLE application ADD COLUMN check_due_on date;                        -- issued on a pledge: to be checked by then
ALTER TABLE application ADD COLUMN checked_at timestamptz;
ALTER TABLE application ADD COLUMN check_result text NOT NULL DEFAULT '' CHECK (check_result IN ('', 'passed', 'failed'));

-- What the program itself does with an application, and when: decide by rule or on a pledge, or take a parcel as come.
CREATE TABLE pending_act (
    bureau_id      integer NOT NULL,
    application_id bigint NOT NULL,
    kind           text NOT NULL CHECK (kind IN ('judge', 'arrive')),
    due_at         timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (bureau_id, application_id, kind),
    FOREIGN KEY (bureau_id, application_id) REFERENCES application (bureau_id, id)
);
CREATE INDEX pending_act_due ON pending_act (bureau_id, due_at);

CREATE TABLE certificate_counter (
    bureau_id integer NOT NULL REFERENCES bureau,
    item_code text NOT NULL,
    year      integer NOT NULL,
    last      integer NOT NULL,
    PRIMARY KEY (bureau_id, item_code, year)
);

-- A pledge that was not kept. While a mark stands, the holder's pledges go to a clerk.
CREATE TABLE credit_mark (
    bureau_id      integer NOT NULL,
    id             bigint GENERATED ALWAYS AS IDENTITY,
    holder_id      bigint NOT NULL,
    application_id bigint NOT NULL,
    reason         text NOT NULL,
    marked_by      text NOT NULL,
    marked_at      timestamptz NOT NULL DEFAULT now(),
    lifted_by      text NOT NULL DEFAULT '',
    lifted_at      timestamptz,
    PRIMARY KEY (bureau_id, id),
    FOREIGN KEY (bureau_id, holder_id) REFERENCES holder (bureau_id, id)
);
CREATE INDEX credit_mark_holder ON credit_mark (bureau_id, holder_id) WHERE lifted_at IS NULL;

-- Codes that clerks read out on the phone, so that whoever is called can check that the call is genuine.
CREATE TABLE call_code (
    bureau_id  integer NOT NULL,
    id         bigint GENERATED ALWAYS AS IDENTITY,
    code_hash  bytea NOT NULL,           -- keyed hash; the code itself is not kept
    phone      text NOT NULL,            -- that was called
    staff      text NOT NULL,
    made_at    timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (bureau_id, id)
);
CREATE INDEX call_code_hash ON call_code (bureau_id, code_hash);

-- What was signed on the page: the very words shown, sealed; their hash; and our signature of who, what and when.
CREATE TABLE signature (
    bureau_id       integer NOT NULL,
    id              bigint GENERATED ALWAYS AS IDENTITY,
    conversation_id bigint NOT NULL,
    grant_id        bigint NOT NULL,
    hash            bytea NOT NULL,      -- BLAKE2b-256 of the document
    document        bytea,               -- secretbox; NULL once it is redacted
    signed_at       timestamptz NOT NULL,
    signature       bytea NOT NULL,      -- Ed25519
    PRIMARY KEY (bureau_id, id),
    FOREIGN KEY (bureau_id, conversation_id) REFERENCES conversation (bureau_id, id)
);
CREATE INDEX signature_conversation ON signature (bureau_id, conversation_id);

-- How an event that waits to be stepped came: 'phone' = a clerk enters what the holder says in a call, question by question.
ALTER TABLE outside_event ADD COLUMN channel text NOT NULL DEFAULT 'staff' CHECK (channel IN ('staff', 'phone'));

-- Tries to reach somebody by phone, and what came of the last one.
ALTER TABLE worklist ADD COLUMN tries integer NOT NULL DEFAULT 0;
ALTER TABLE worklist ADD COLUMN result text NOT NULL DEFAULT '';
