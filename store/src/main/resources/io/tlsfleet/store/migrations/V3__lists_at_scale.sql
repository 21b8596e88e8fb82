-- Retention asks which observations no history names any more.
CREATE INDEX scan_run_observation ON scan_run (observation_id);
CREATE INDEX endpoint_observation_last ON endpoint_observation (last_seen);
CREATE INDEX blob_last_used ON blob (last_used);

-- Pages of a million endpoints come out of an index, in the order asked for; what is typed into a search box is looked
-- for in one column.
CREATE FUNCTION severity_rank(worst severity) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
  $$ SELECT CASE worst WHEN 'critical' THEN 5 WHEN 'high' THEN 4 WHEN 'medium' THEN 3 WHEN 'low' THEN 2 WHEN 'info' THEN 1 ELSE 0 END $$;
CREATE INDEX endpoint_rank ON endpoint (severity_rank(worst), id);
CREATE INDEX endpoint_expiry ON endpoint (coalesce(not_after, 'infinity'::timestamptz), id);
CREATE INDEX target_name ON target (host, id);
ALTER TABLE target ADD words text NOT NULL GENERATED ALWAYS AS
  (lower(host || ':' || port::text || ' ' || coalesce(sni, '') || ' ' || coalesce(owner, ''))) STORED;
CREATE INDEX target_words ON target USING gin (words gin_trgm_ops);
DROP INDEX target_host_words;
