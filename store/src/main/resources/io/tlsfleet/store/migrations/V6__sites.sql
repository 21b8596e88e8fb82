-- Who of a site's workers dials into which shard of the address space (a hash of the /24 or /48): one at a time, so that
-- what it counts there is all that happens there. Short-lived: a crash may forget it.
CREATE UNLOGGED TABLE shard_hold (
  site_id       smallint NOT NULL REFERENCES site ON DELETE CASCADE,
  shard         smallint NOT NULL,
  worker        text NOT NULL,
  until         timestamptz NOT NULL,
  PRIMARY KEY (site_id, shard)
) WITH (fillfactor = 50);
ALTER TABLE worker ADD overloaded boolean NOT NULL DEFAULT false;
DO $$
BEGIN
  IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'tlsfleet_worker') THEN
    GRANT SELECT, INSERT, UPDATE, DELETE ON shard_hold TO tlsfleet_worker;
  END IF;
END $$;
