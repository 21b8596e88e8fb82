-- All that a worker beside the database may do, in one place: what V2 and the later steps granted was short of what ingest asks for
-- (RETURNING reads what it wrote), of the schema's version, and of the role where it was made after them. A step that adds to it writes
-- the function anew. Tokens, sessions, receivers, settings and the audit log stay out of a worker's sight.
CREATE FUNCTION grant_worker_rights() RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'tlsfleet_worker') THEN
    RETURN false;   -- CREATE ROLE tlsfleet_worker NOLOGIN, then SELECT grant_worker_rights()
  END IF;
  EXECUTE format('GRANT USAGE ON SCHEMA %I TO tlsfleet_worker', current_schema());
  GRANT SELECT ON flyway_schema_history, site, worker, shard_hold, block, target, schedule, scan_request, scan_rule, configuration,
    certificate, chain, chain_certificate, observation, blob, endpoint, address, address_now, endpoint_observation, ticket_key, scan_run,
    finding, finding_text, alert_event, change, policy, policy_assignment, trust_anchor, known_key, renewal_window TO tlsfleet_worker;
  GRANT INSERT ON configuration, certificate, chain, chain_certificate, observation, finding_text, alert_event, change TO tlsfleet_worker;
  GRANT INSERT, UPDATE ON worker, blob, endpoint, address, endpoint_observation, ticket_key, scan_run, finding TO tlsfleet_worker;
  GRANT INSERT, UPDATE, DELETE ON shard_hold TO tlsfleet_worker;
  GRANT UPDATE (next_at, lease_until, last_at, full_at, started_at, written_at, repeats, lease_token, shard, lane, attempts, failures)
    ON schedule TO tlsfleet_worker;
  GRANT UPDATE (lease_token), DELETE ON scan_request TO tlsfleet_worker;
  RETURN true;
END $$;
SELECT grant_worker_rights();
