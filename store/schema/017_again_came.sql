-- When a text that was answered again (again_at) had come that time: the carrier waits for our response from then on.
ALTER TABLE inbound ADD COLUMN again_came_at timestamptz;
