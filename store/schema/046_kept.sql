-- A daemon that steps a talk as it remembers it saves it only where nobody has changed it meanwhile: else its transaction
-- fails with this, and the talk is read and stepped again.
CREATE FUNCTION talk_moved(talk bigint) RETURNS integer LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'talk % was changed by somebody else', talk USING ERRCODE = 'serialization_failure';
END
$$;

-- Who moves a deadline sets wake_at with it (store/stmt/turn.def, campaign.def): asked by a trigger, PostgreSQL would read its
-- condition anew for each statement. So would it the words that only the program writes.
DROP TRIGGER conversation_sooner ON conversation;
ALTER TABLE application DROP CONSTRAINT application_check_result_check;
ALTER TABLE worklist DROP CONSTRAINT worklist_list_check;
ALTER TABLE worklist DROP CONSTRAINT worklist_said_check;
