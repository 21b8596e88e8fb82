-- Public keys whose private half is known, or can be computed by anyone: shared factors, and lists that somebody imported.
CREATE TABLE known_key (
  spki_sha256   bytea PRIMARY KEY,
  why           text NOT NULL,                                -- shared-factor, listed
  detail        text NOT NULL,
  found_at      timestamptz NOT NULL DEFAULT now()
);

DO $$
BEGIN
  IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'tlsfleet_worker') THEN
    GRANT SELECT ON known_key TO tlsfleet_worker;
  END IF;
END $$;
