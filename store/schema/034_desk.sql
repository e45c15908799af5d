-- What came of the last call to somebody on the list to phone, so that it can be taken back for some minutes.
ALTER TABLE worklist ADD COLUMN called_at timestamptz;
ALTER TABLE worklist ADD COLUMN called_by text NOT NULL DEFAULT '';
ALTER TABLE worklist ADD COLUMN before_call jsonb;                     -- what the call changed: due_on, result, and the event it raised

-- Staff look holders up by what they are told: the beginning of a name, a number, a licence. A name that begins with what was typed
-- is found by its first characters; nothing personal that is sealed has an index beyond its keyed hash.
CREATE INDEX holder_name ON holder (bureau_id, lower(name) text_pattern_ops, id);
CREATE INDEX holder_landline ON holder (bureau_id, landline, id) WHERE landline IS NOT NULL;
CREATE INDEX licence_number ON licence (bureau_id, upper(licence_no) text_pattern_ops, id);
CREATE INDEX application_certificate ON application (bureau_id, upper(certificate_no) text_pattern_ops, id) WHERE certificate_no <> '';

-- Wrong passwords are counted for an account from one address; for the account alone only where it was never used.
ALTER TABLE staff_try DROP CONSTRAINT staff_try_kind_check;
DELETE FROM staff_try;
ALTER TABLE staff_try ADD CONSTRAINT staff_try_kind_check CHECK (kind IN ('account', 'address', 'pair'));
CREATE INDEX staff_session_where ON staff_session (bureau_id, name, address, created_at);
-- Retention takes the oldest first.
CREATE INDEX staff_event_at ON staff_event (bureau_id, at);
CREATE INDEX staff_session_over ON staff_session (bureau_id, expires_at);
-- The log of who looked at what names no telephone number in full.
UPDATE staff_event SET subject = regexp_replace(subject, '\d{4}(\d{4})$', '****\1') WHERE kind = 'phone_seen';
