-- Parts of long inbound texts as they came: octets and what they mean, so that a character torn between two parts is read
-- whole. What was stored before is UTF-8 already.
ALTER TABLE inbound_part ADD COLUMN coding text NOT NULL DEFAULT 'utf8';
ALTER TABLE inbound_part ADD COLUMN header integer NOT NULL DEFAULT 0;   -- octets of the user data header before data
ALTER TABLE inbound_part ADD COLUMN locking integer NOT NULL DEFAULT 0;  -- national tables that the header names
ALTER TABLE inbound_part ADD COLUMN single integer NOT NULL DEFAULT 0;
ALTER TABLE inbound_part ADD COLUMN state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'joined', 'again'));

-- A carrier with several links may send the parts of one text by any of them. Where two links hold parts of texts that
-- are alike in all else, the second one's get a reference that no carrier can send, and are read as they are.
UPDATE inbound_part p SET reference = p.reference + 65536 * n.rank FROM (
    SELECT bureau_id, link, phone, short_code, kind, reference, total, part, dense_rank() OVER (
        PARTITION BY bureau_id, phone, short_code, kind, reference, total ORDER BY link) - 1 AS rank FROM inbound_part) AS n
WHERE n.rank > 0 AND p.bureau_id = n.bureau_id AND p.link = n.link AND p.phone = n.phone AND p.short_code = n.short_code
    AND p.kind = n.kind AND p.reference = n.reference AND p.total = n.total AND p.part = n.part;
ALTER TABLE inbound_part DROP CONSTRAINT inbound_part_pkey;
ALTER TABLE inbound_part ADD PRIMARY KEY (bureau_id, phone, short_code, kind, reference, total, part);
CREATE INDEX inbound_part_age ON inbound_part (bureau_id, received_at);
