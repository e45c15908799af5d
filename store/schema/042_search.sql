-- Staff look holders up by a part of a firm's name and by how a number ends. The characters of a name, with the bureau, are found
-- by an index of characters: two of them are a Chinese word, too short for trigrams, and it is half the size of theirs. It
-- holds single characters, not names.
CREATE INDEX holder_characters ON holder USING gin ((string_to_array(lower(name), NULL) || ('#' || bureau_id::text)));
CREATE INDEX holder_phone_end ON holder (bureau_id, (right(coalesce(phone, landline), 4)));
CREATE INDEX licence_number_end ON licence (bureau_id, (upper(right(rtrim(licence_no, '号'), 4))));
CREATE INDEX application_certificate_end ON application (bureau_id, (upper(right(rtrim(certificate_no, '号'), 4)))) WHERE certificate_no <> '';
