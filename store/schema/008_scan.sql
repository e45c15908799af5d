-- A scan walks what is due: the changes of the register by their day, not by their holder.
CREATE INDEX register_change_day ON register_change (bureau_id, changed_on);
