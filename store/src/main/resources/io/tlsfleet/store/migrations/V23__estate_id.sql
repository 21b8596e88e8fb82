-- Which installation this is, for ever: two that tell the same receiver count their alerts and notices from one in both, and knew them
-- by these numbers alone. Alerts that are open in an older estate keep their names until they end, so that receivers can close what they
-- opened; the hour is for servers of the version before that still run.
INSERT INTO setting (name, value)
SELECT 'estate', jsonb_build_object(
  'id', left(gen_random_uuid()::text, 8),
  'since', CASE WHEN EXISTS (SELECT FROM alert) THEN now() + interval '1 hour' ELSE now() END);
