-- Some carriers number sessions for each phone anew: a session's key names it only beside its phone.
DROP INDEX ussd_session_key;
CREATE UNIQUE INDEX ussd_session_key ON ussd_session (bureau_id, link, phone, session) WHERE ended_at IS NULL AND session <> '';
