-- What the clients behind a fingerprint are able to speak, as far as a log told it; kept as long as the fingerprint is seen.
CREATE TABLE client_profile (
  kind          text NOT NULL,
  fingerprint   text NOT NULL,
  profile       jsonb NOT NULL,
  last_day      date NOT NULL,
  PRIMARY KEY (kind, fingerprint)
);
-- lookups are by the server that was asked
CREATE INDEX client_fingerprint_endpoint ON client_fingerprint (endpoint, day);
