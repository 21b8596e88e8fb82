-- Roots of one's own beside the public stores: for all targets, or for those of a site, an owner or a tag (all that a row gives must hold).
CREATE TABLE trust_anchor (
  id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  sha256        bytea NOT NULL,
  der           bytea NOT NULL,
  owner         text,
  tag           text,                                         -- key:value
  site          text,
  created_at    timestamptz NOT NULL DEFAULT now(),
  created_by    text NOT NULL,
  UNIQUE NULLS NOT DISTINCT (sha256, owner, tag, site)
);
DO $$
BEGIN
  IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'tlsfleet_worker') THEN
    GRANT SELECT ON trust_anchor TO tlsfleet_worker;
  END IF;
END $$;
