-- The counter finds an application by the code that its citizen says.
CREATE INDEX application_pickup ON application (bureau_id, pickup_code) WHERE pickup_code <> '';
