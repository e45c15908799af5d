-- The language that a phone asked for (LANGUAGE): it holds whatever is open, and for phones of nobody on file too.
CREATE TABLE phone_language (
    bureau_id integer NOT NULL REFERENCES bureau,
    phone     text NOT NULL,
    language  text NOT NULL,
    since     timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (bureau_id, phone)
);
