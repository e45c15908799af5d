-- The programs' interface. A request with an Idempotency-Key, and its answer: kept for a day.
CREATE TABLE api_request (
    bureau_id integer NOT NULL REFERENCES bureau,
    key_name  text NOT NULL,             -- of the API key that asked
    request   text NOT NULL,             -- its Idempotency-Key
    hash      bytea NOT NULL,            -- of the path and the body
    begun_at  timestamptz NOT NULL DEFAULT now(),
    status    integer,                   -- NULL: under way
    type      text NOT NULL DEFAULT '',
    answer    text NOT NULL DEFAULT '',
    PRIMARY KEY (bureau_id, key_name, request)
);
CREATE INDEX api_request_age ON api_request (bureau_id, begun_at);

-- Keys that could write could decide; that is a scope of its own now.
UPDATE api_key SET scopes = scopes || '{decide,identity}' WHERE 'write' = ANY (scopes);
