-- What the rules remember: issuers that do not backdate, renewal windows their issuers announce, how much was known.
CREATE INDEX certificate_fresh ON certificate (md5(issuer))
  WHERE first_seen - not_before < interval '5 minutes' AND subject <> issuer;

CREATE TABLE renewal_window (                                 -- ACME renewal information (RFC 9773) of leaves that are served
  sha256        bytea PRIMARY KEY REFERENCES certificate ON DELETE CASCADE,
  starts        timestamptz,                                  -- null: the issuer could not be asked
  ends          timestamptz,
  explanation   text,
  asked_at      timestamptz NOT NULL,
  next_at       timestamptz NOT NULL,
  failure       text
);
CREATE INDEX renewal_window_due ON renewal_window (next_at);

ALTER TABLE observation ADD known jsonb;                      -- {part: how many of its facts are certain}

-- Judging all that is stored again: where it stands, so that whoever comes next goes on from there.
CREATE TABLE reevaluation (
  id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  requested_at  timestamptz NOT NULL DEFAULT now(),
  requested_by  text NOT NULL,
  reason        text NOT NULL DEFAULT '',
  started_at    timestamptz,
  finished_at   timestamptz,
  endpoints     integer NOT NULL DEFAULT 0,                   -- to judge, counted at the start
  judged        integer NOT NULL DEFAULT 0,
  failed        integer NOT NULL DEFAULT 0,
  opened        integer NOT NULL DEFAULT 0,
  resolved      integer NOT NULL DEFAULT 0,
  position      bigint NOT NULL DEFAULT 0,                    -- the last endpoint that was judged
  lease_until   timestamptz NOT NULL DEFAULT '-infinity',
  lease_token   uuid
);
CREATE UNIQUE INDEX reevaluation_one ON reevaluation ((true)) WHERE finished_at IS NULL;

DO $$
BEGIN
  IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'tlsfleet_worker') THEN
    GRANT SELECT ON renewal_window TO tlsfleet_worker;
  END IF;
END $$;
