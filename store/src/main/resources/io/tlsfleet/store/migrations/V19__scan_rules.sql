-- How often and how deep targets are scanned, and whom they are to be, where they do not say so themselves: all that a row gives must hold.
-- Of several that hold, each member is taken from the one that asks the most; of two alike, from the later.
CREATE TABLE scan_rule (
  id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  host          text,                                         -- * stands for anything
  owner         text,
  tag           text,                                         -- key:value
  site          text,
  interval_seconds integer CHECK (interval_seconds > 0),
  depth         scan_depth,
  expect_identity text,
  created_at    timestamptz NOT NULL DEFAULT now(),
  created_by    text NOT NULL,
  host_like     text GENERATED ALWAYS AS (replace(replace(replace(replace(lower(host), '\', '\\'), '%', '\%'), '_', '\_'), '*', '%')) STORED,
  CHECK (num_nonnulls(interval_seconds, depth, expect_identity) > 0),
  UNIQUE NULLS NOT DISTINCT (host, owner, tag, site)
);
CREATE FUNCTION scan_rule_of(host text, owner text, tag_pairs text[], site_id smallint) RETURNS jsonb LANGUAGE sql STABLE AS $$
  SELECT jsonb_strip_nulls(jsonb_build_object(
    'intervalSeconds', (array_agg(interval_seconds ORDER BY asks DESC, id DESC) FILTER (WHERE interval_seconds IS NOT NULL))[1],
    'depth', (array_agg(depth ORDER BY asks DESC, id DESC) FILTER (WHERE depth IS NOT NULL))[1],
    'expectIdentity', (array_agg(expect_identity ORDER BY asks DESC, id DESC) FILTER (WHERE expect_identity IS NOT NULL))[1]))
  FROM (SELECT r.*, num_nonnulls(r.host, r.owner, r.tag, r.site) AS asks FROM scan_rule r
    WHERE (r.host IS NULL OR lower($1) LIKE r.host_like) AND (r.owner IS NULL OR r.owner = $2) AND (r.tag IS NULL OR $3 @> ARRAY[r.tag])
      AND (r.site IS NULL OR r.site = (SELECT name FROM site WHERE id = $4))) held
$$;
DO $$
BEGIN
  IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'tlsfleet_worker') THEN
    GRANT SELECT ON scan_rule TO tlsfleet_worker;
  END IF;
END $$;
