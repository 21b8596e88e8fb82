-- A scan that says what is known of the same addresses as the scan before it writes nothing but its row in schedule. Those addresses
-- are the ones whose last_at is written_at; they were asked in every scan since, and address_now shows them so. What a scan cost
-- (duration, connections, bytes, handshakes) stays that of the last scan that was written: at the latest when its judgement runs out.
ALTER TABLE schedule
  ADD COLUMN written_at timestamptz,                          -- the last scan that wrote its addresses; null: it asked none
  ADD COLUMN started_at timestamptz,                          -- of the last scan
  ADD COLUMN repeats integer NOT NULL DEFAULT 0;              -- scans since written_at

CREATE VIEW address_now AS
SELECT a.endpoint_id, a.address, a.first_seen,
  CASE WHEN a.last_at = s.written_at AND s.repeats > 0 THEN s.last_at ELSE a.last_at END AS last_at,
  CASE WHEN a.last_at = s.written_at THEN a.scans + s.repeats ELSE a.scans END AS scans,
  CASE WHEN a.last_at = s.written_at AND s.repeats > 0 THEN s.started_at ELSE a.started_at END AS started_at,
  a.duration_millis, a.connections, a.bytes_sent, a.bytes_received, a.handshakes, a.depth, a.outcome, a.reason, a.detail, a.scanner,
  a.observation_id, a.run_at, a.proofs, a.timing, a.grade, a.judged_until
FROM address a LEFT JOIN schedule s ON s.endpoint_id = a.endpoint_id;

DO $$
BEGIN
  IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'tlsfleet_worker') THEN
    GRANT UPDATE (written_at, started_at, repeats) ON schedule TO tlsfleet_worker;
    GRANT SELECT ON address_now TO tlsfleet_worker;
  END IF;
END $$;
