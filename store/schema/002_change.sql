-- What changed in the business register: the second trigger of an application, beside a licence's expiry day.
CREATE TABLE register_change (
    bureau_id  integer NOT NULL,
    id         bigint GENERATED ALWAYS AS IDENTITY,
    holder_id  bigint NOT NULL,
    licence_no text NOT NULL DEFAULT '',  -- '' = every licence of the holder
    changed_on date NOT NULL,
    field      text NOT NULL CHECK (field IN ('legal_representative', 'name', 'address')),
    old_value  bytea,                     -- secretbox
    new_value  bytea,                     -- secretbox
    value_hash bytea NOT NULL,            -- keyed hash of both: tells a corrected row without decrypting
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (bureau_id, id),
    UNIQUE (bureau_id, holder_id, licence_no, changed_on, field),
    FOREIGN KEY (bureau_id, holder_id) REFERENCES holder (bureau_id, id)
);
