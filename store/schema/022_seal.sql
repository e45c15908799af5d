-- The trail is sealed in batches, beside the trail and after its rows are committed: turns write nothing for it. A batch
-- holds every event of its bureau with after_id < id <= to_id; its body has 64 octets for each, in the order of ids: id (8),
-- time in microseconds (8), hash (32), salt of the data (16). The chain runs over the hashes; the head is signed.
CREATE TABLE trail_seal (
    bureau_id  integer NOT NULL REFERENCES bureau,
    number     bigint NOT NULL,        -- 1, 2, 3 ... without a gap
    after_id   bigint NOT NULL,
    to_id      bigint NOT NULL,
    events     integer NOT NULL,
    first_at   timestamptz NOT NULL,
    last_at    timestamptz NOT NULL,
    previous   bytea NOT NULL,         -- the head before it
    head       bytea NOT NULL,
    sealed_at  timestamptz NOT NULL,
    public_key bytea NOT NULL,         -- Ed25519
    signature  bytea NOT NULL,
    body       bytea NOT NULL,
    settled_at timestamptz NOT NULL,   -- what was written before, a later batch need not look for; not signed
    PRIMARY KEY (bureau_id, number)
);
-- Hashes and salts do not compress.
ALTER TABLE trail_seal ALTER COLUMN body SET STORAGE EXTERNAL;

-- Why personal data were taken out: by the bureau's retention, or because a person asked for it.
CREATE TABLE redaction_order (
    bureau_id integer NOT NULL REFERENCES bureau,
    id        bigint GENERATED ALWAYS AS IDENTITY,
    at        timestamptz NOT NULL DEFAULT now(),
    kind      text NOT NULL CHECK (kind IN ('retention', 'erasure')),
    reason    text NOT NULL,
    actor     text NOT NULL,
    result    jsonb NOT NULL DEFAULT '{}', -- how many rows of what
    PRIMARY KEY (bureau_id, id)
);

-- Events of a seal whose data were taken out by an order. Their salts are gone from the seal; the body has 72 octets for
-- each: id (8), the digest of the data that were there (32), the hash of what stands there now (32).
CREATE TABLE trail_redaction (
    bureau_id  integer NOT NULL,
    number     bigint NOT NULL,        -- of the seal
    order_id   bigint NOT NULL,
    public_key bytea NOT NULL,
    signature  bytea NOT NULL,
    body       bytea NOT NULL,
    PRIMARY KEY (bureau_id, number, order_id),
    FOREIGN KEY (bureau_id, number) REFERENCES trail_seal (bureau_id, number),
    FOREIGN KEY (bureau_id, order_id) REFERENCES redaction_order (bureau_id, id)
);

-- Months of the trail that an order has dropped: events before that time may be missing.
CREATE TABLE trail_drop (
    bureau_id  integer NOT NULL,
    order_id   bigint NOT NULL,
    before     timestamptz NOT NULL,
    public_key bytea NOT NULL,
    signature  bytea NOT NULL,
    PRIMARY KEY (bureau_id, order_id),
    FOREIGN KEY (bureau_id, order_id) REFERENCES redaction_order (bureau_id, id)
);
