-- A webhook may be held: its events wait.
ALTER TABLE webhook ADD paused_at timestamptz;
