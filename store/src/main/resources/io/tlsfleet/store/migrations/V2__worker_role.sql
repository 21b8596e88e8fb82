-- What a worker beside the database may do: lease and report. It reads the operator's words and never writes them;
-- tokens, receivers, sessions, settings and the audit log are out of its sight. GRANT tlsfleet_worker TO its login.
DO $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'tlsfleet_worker') THEN
    CREATE ROLE tlsfleet_worker NOLOGIN;
  END IF;
EXCEPTION
  WHEN insufficient_privilege THEN
    RAISE NOTICE 'this login may not create roles: have an administrator CREATE ROLE tlsfleet_worker NOLOGIN and grant as V2 does';
  WHEN duplicate_object OR unique_violation THEN NULL;   -- another database of this cluster was faster
END $$;
DO $$
BEGIN
  IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'tlsfleet_worker') THEN
    EXECUTE format('GRANT USAGE ON SCHEMA %I TO tlsfleet_worker', current_schema());
    GRANT SELECT ON site, target, schedule, scan_request, configuration, certificate, chain, chain_certificate, observation, blob,
      endpoint, address, endpoint_observation, ticket_key, scan_run, finding, finding_text, policy, block TO tlsfleet_worker;
    GRANT UPDATE (next_at, lease_until, last_at, full_at, lease_token, shard, lane, attempts, failures) ON schedule TO tlsfleet_worker;
    GRANT UPDATE (lease_token), DELETE ON scan_request TO tlsfleet_worker;
    GRANT INSERT ON configuration, certificate, chain, chain_certificate, observation, finding_text, alert_event, change TO tlsfleet_worker;
    GRANT INSERT, UPDATE ON blob, endpoint, address, endpoint_observation, ticket_key, scan_run, finding, worker TO tlsfleet_worker;
    GRANT SELECT ON worker TO tlsfleet_worker;
  END IF;
END $$;
