-- The estate: what is watched, when it is due, what was seen, what is wrong, who must know.
-- Rules kept here: nothing that a lease writes is indexed (taking one is a HOT update); what a scan found is written
-- only when it differs; what grows with time is partitioned by week and dropped, never deleted row by row.
CREATE EXTENSION IF NOT EXISTS pg_trgm;

CREATE TYPE severity AS ENUM ('info', 'low', 'medium', 'high', 'critical');
CREATE TYPE finding_state AS ENUM ('open', 'acknowledged', 'resolved');
CREATE TYPE scan_outcome AS ENUM ('complete', 'partial', 'not-tls', 'unreachable');
CREATE TYPE scan_depth AS ENUM ('certificate', 'standard', 'full', 'verify');

-- ── where scans come from ────────────────────────────────────────────────────────────────────────────────────────
CREATE TABLE site (
  id            smallint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name          text NOT NULL UNIQUE CHECK (name <> '' AND length(name) <= 128),
  description   text NOT NULL DEFAULT '',
  private       boolean NOT NULL DEFAULT false,   -- queries that tell outsiders internal names stay off
  settings      jsonb NOT NULL DEFAULT '{}',      -- allow, deny, caps, attacks, defaults: read by the app, opaque here
  paused        boolean NOT NULL DEFAULT false,
  created_at    timestamptz NOT NULL DEFAULT now()
);
INSERT INTO site (name, description, private) VALUES
  ('local', 'this machine and its private networks', true),
  ('internet', 'public addresses only; IANA special ranges are denied', false);

CREATE TABLE worker (
  id            text PRIMARY KEY,
  site_id       smallint NOT NULL REFERENCES site ON DELETE CASCADE,
  version       text NOT NULL,
  started_at    timestamptz NOT NULL,
  last_seen     timestamptz NOT NULL DEFAULT now(),
  leases_held   integer NOT NULL DEFAULT 0,
  scans         bigint NOT NULL DEFAULT 0
);

-- ── the operator's words ─────────────────────────────────────────────────────────────────────────────────────────
CREATE FUNCTION tag_pairs(tags jsonb) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
  $$ SELECT coalesce(array_agg(key || ':' || value ORDER BY key), '{}') FROM jsonb_each_text(tags) $$;

CREATE TABLE target (
  id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  site_id       smallint NOT NULL REFERENCES site,
  host          text NOT NULL,
  port          integer NOT NULL CHECK (port BETWEEN 1 AND 65535),
  sni           text,                              -- null: the host's own name; 'none': no SNI
  starttls      text,
  addresses     text[] NOT NULL DEFAULT '{}',
  tags          jsonb NOT NULL DEFAULT '{}',
  tag_pairs     text[] NOT NULL GENERATED ALWAYS AS (tag_pairs(tags)) STORED,
  owner         text,
  policy        text,
  depth         scan_depth,
  interval_seconds integer CHECK (interval_seconds > 0),
  attacks       jsonb,                             -- the authorisation: probes, by whom, reference, until
  source        text,                              -- the import or sync that brought it
  claimed       boolean NOT NULL DEFAULT true,     -- false: discovered, nobody answers for it yet
  created_at    timestamptz NOT NULL DEFAULT now(),
  updated_at    timestamptz NOT NULL DEFAULT now(),
  retired_at    timestamptz,
  CONSTRAINT target_is_one UNIQUE NULLS NOT DISTINCT (host, port, sni, starttls, site_id)
);
CREATE INDEX target_tags ON target USING gin (tag_pairs);
CREATE INDEX target_host_words ON target USING gin (host gin_trgm_ops);
CREATE INDEX target_owner ON target (owner, id);
CREATE INDEX target_site ON target (site_id, id);
CREATE INDEX target_policy ON target (policy, id);

-- ── when it is due (narrow on purpose) ───────────────────────────────────────────────────────────────────────────
CREATE TABLE schedule (
  endpoint_id   bigint PRIMARY KEY REFERENCES target ON DELETE CASCADE,
  next_at       timestamptz NOT NULL DEFAULT now(),          -- infinity: paused, retired or quarantined
  lease_until   timestamptz NOT NULL DEFAULT '-infinity',
  last_at       timestamptz,                                 -- the last completion
  full_at       timestamptz,                                 -- the last one that asked everything
  lease_token   uuid,
  interval_seconds integer NOT NULL,
  site_id       smallint NOT NULL,
  shard         smallint NOT NULL DEFAULT 0,                 -- hash of the /24 or /48 last seen
  lane          smallint NOT NULL DEFAULT 0,                 -- 1: timed out last time
  attempts      smallint NOT NULL DEFAULT 0,                 -- leases taken since the last completion
  failures      smallint NOT NULL DEFAULT 0                  -- unreachable scans in a row
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_cost_delay = 0);
CREATE INDEX schedule_due ON schedule (site_id, lane, next_at) WITH (fillfactor = 70);

-- "scan now": small, apart, and asked first, so that no next_at is ever backdated.
CREATE TABLE scan_request (
  endpoint_id   bigint PRIMARY KEY REFERENCES target ON DELETE CASCADE,
  site_id       smallint NOT NULL,
  depth         scan_depth,
  requested_at  timestamptz NOT NULL DEFAULT now(),
  requested_by  text NOT NULL,
  lease_token   uuid                                          -- the lease that answers it; null again when asked anew
);
CREATE INDEX scan_request_first ON scan_request (site_id, requested_at);

-- ── what was seen, by content ────────────────────────────────────────────────────────────────────────────────────
CREATE TABLE configuration (                                  -- what a TLS stack is set to: a few thousand in any fleet
  id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  sha256        bytea NOT NULL UNIQUE,
  body          jsonb NOT NULL,
  protocols     text[] NOT NULL,
  suites        text[] NOT NULL,
  groups        text[] NOT NULL,
  fingerprints  text[] NOT NULL,                              -- "ja3s:…", "jarm:…"
  hybrid        boolean NOT NULL,                             -- a post-quantum hybrid group is accepted
  first_seen    timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX configuration_suites ON configuration USING gin (suites);
CREATE INDEX configuration_groups ON configuration USING gin (groups);
CREATE INDEX configuration_fingerprints ON configuration USING gin (fingerprints);

CREATE TABLE certificate (
  sha256        bytea PRIMARY KEY,
  der           bytea NOT NULL,
  spki_sha256   bytea,
  subject       text NOT NULL,
  issuer        text NOT NULL,
  serial_number text NOT NULL,
  not_before    timestamptz,
  not_after     timestamptz,
  key_algorithm text,
  key_bits      integer,
  signature_algorithm text,
  names         text[] NOT NULL,                              -- subjectAltNames as the report writes them
  first_seen    timestamptz NOT NULL DEFAULT now()
);
ALTER TABLE certificate ALTER der SET STORAGE EXTERNAL;       -- DER does not compress
CREATE INDEX certificate_not_after ON certificate (not_after, sha256);
CREATE INDEX certificate_issuer ON certificate USING gin (issuer gin_trgm_ops);
CREATE INDEX certificate_subject ON certificate USING gin (subject gin_trgm_ops);
CREATE INDEX certificate_names ON certificate USING gin (names);
CREATE INDEX certificate_spki ON certificate (spki_sha256);

CREATE TABLE chain (                                          -- all chains that one scan was served
  id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  sha256        bytea NOT NULL UNIQUE,
  body          jsonb NOT NULL,                               -- [{servedOn, servedWithoutSni, chain: [sha256], tlsScts}]
  first_seen    timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE chain_certificate (
  sha256        bytea NOT NULL REFERENCES certificate,
  chain_id      bigint NOT NULL REFERENCES chain ON DELETE CASCADE,
  position      smallint NOT NULL,                            -- 0: the leaf; the lowest place it has in any of them
  PRIMARY KEY (sha256, chain_id)
);
CREATE INDEX chain_certificate_chain ON chain_certificate (chain_id);

CREATE TABLE observation (
  id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  sha256        bytea NOT NULL UNIQUE,
  configuration_id bigint REFERENCES configuration,           -- null: nothing of it was seen
  chain_id      bigint REFERENCES chain,
  body          jsonb NOT NULL,                               -- the rest: negotiated, coverage, dns, quic, http
  first_seen    timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX observation_chain ON observation (chain_id);

CREATE TABLE blob (                                           -- staples, CRLs, OCSP responses, fetched issuers
  sha256        bytea PRIMARY KEY,
  bytes         bytea NOT NULL,
  last_used     timestamptz NOT NULL DEFAULT now()
);

-- ── the state of an endpoint ─────────────────────────────────────────────────────────────────────────────────────
CREATE TABLE endpoint (                                       -- what lists filter by; written when it differs
  id            bigint PRIMARY KEY REFERENCES target ON DELETE CASCADE,
  state         text NOT NULL DEFAULT 'never-scanned' CHECK (state IN ('ok', 'findings', 'unreachable', 'never-scanned')),
  outcome       scan_outcome,
  reason        text,
  detail        text,
  grade         text,
  worst         severity,
  open_info     integer NOT NULL DEFAULT 0,
  open_low      integer NOT NULL DEFAULT 0,
  open_medium   integer NOT NULL DEFAULT 0,
  open_high     integer NOT NULL DEFAULT 0,
  open_critical integer NOT NULL DEFAULT 0,
  protocols     text[] NOT NULL DEFAULT '{}',                 -- accepted, oldest first
  min_protocol  text,
  max_protocol  text,
  unknown_facts integer NOT NULL DEFAULT 0,
  not_before    timestamptz,                                  -- of the leaf that ends first
  not_after     timestamptz,
  leaf_sha256   bytea,
  key_type      text,
  configuration_id bigint,
  chain_id      bigint,
  first_scan_at timestamptz,
  changed_at    timestamptz,
  quarantined_at timestamptz
) WITH (fillfactor = 90);
CREATE INDEX endpoint_state ON endpoint (state, id);
CREATE INDEX endpoint_worst ON endpoint (worst, id);
CREATE INDEX endpoint_grade ON endpoint (grade, id);
CREATE INDEX endpoint_not_after ON endpoint (not_after, id);
CREATE INDEX endpoint_min_protocol ON endpoint (min_protocol, id);
CREATE INDEX endpoint_protocols ON endpoint USING gin (protocols);
CREATE INDEX endpoint_leaf ON endpoint (leaf_sha256);
CREATE INDEX endpoint_configuration ON endpoint (configuration_id, id);
CREATE INDEX endpoint_chain ON endpoint (chain_id);

-- The stages of certificate.expires-soon as the general policy has them: days or a share of the lifetime, what is less.
CREATE FUNCTION expiry_stage(not_before timestamptz, not_after timestamptz, at timestamptz) RETURNS text
  LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE
    WHEN not_after IS NULL THEN NULL
    WHEN at >= not_after THEN 'expired'
    WHEN not_after - at < least(interval '1 day', (not_after - not_before) * 0.05) THEN 'critical'
    WHEN not_after - at < least(interval '3 days', (not_after - not_before) * 0.10) THEN 'high'
    WHEN not_after - at < least(interval '7 days', (not_after - not_before) * 0.15) THEN 'medium'
    WHEN not_after - at < least(interval '14 days', (not_after - not_before) * 0.25) THEN 'low'
    WHEN not_after - at < least(interval '30 days', (not_after - not_before) * 0.30) THEN 'info'
    ELSE 'ok' END $$;

CREATE TABLE address (                                        -- a member of an endpoint; '' when the name did not resolve
  endpoint_id   bigint NOT NULL REFERENCES target ON DELETE CASCADE,
  address       text NOT NULL,
  first_seen    timestamptz NOT NULL,
  last_at       timestamptz NOT NULL,                         -- of the last scan, as the database's clock has it
  scans         integer NOT NULL DEFAULT 1,                   -- in the present run of equal results
  started_at    timestamptz NOT NULL,
  duration_millis integer NOT NULL,
  connections   integer NOT NULL,
  bytes_sent    bigint NOT NULL,
  bytes_received bigint NOT NULL,
  handshakes    integer NOT NULL,
  depth         scan_depth NOT NULL,
  outcome       scan_outcome NOT NULL,
  reason        text,
  detail        text,
  scanner       text NOT NULL,
  observation_id bigint REFERENCES observation,               -- the last that showed anything
  run_at        timestamptz NOT NULL,                         -- start of the present run: its key in scan_run
  proofs        jsonb,                                        -- staples and fetched things by blob, with times
  timing        jsonb,
  grade         text,
  judged_until  timestamptz NOT NULL DEFAULT '-infinity',     -- an equal result is judged again only after this
  PRIMARY KEY (endpoint_id, address)
) WITH (fillfactor = 70);
CREATE INDEX address_observation ON address (observation_id);

CREATE TABLE endpoint_observation (                           -- the recent set: balancers alternate, and that is no change
  endpoint_id   bigint NOT NULL REFERENCES target ON DELETE CASCADE,
  observation_id bigint NOT NULL REFERENCES observation,
  first_seen    timestamptz NOT NULL,
  last_seen     timestamptz NOT NULL,                         -- exact to six hours
  PRIMARY KEY (endpoint_id, observation_id)
) WITH (fillfactor = 90);
CREATE INDEX endpoint_observation_by ON endpoint_observation (observation_id);

CREATE TABLE ticket_key (                                     -- sightings of session ticket key names
  endpoint_id   bigint NOT NULL REFERENCES target ON DELETE CASCADE,
  name          bytea NOT NULL,
  first_seen    timestamptz NOT NULL,
  last_seen     timestamptz NOT NULL,
  PRIMARY KEY (endpoint_id, name)
);
CREATE INDEX ticket_key_name ON ticket_key (name);

-- ── history, by week ─────────────────────────────────────────────────────────────────────────────────────────────
CREATE TABLE scan_run (                                       -- a run of equal results of one member: first, last, how many
  run_at        timestamptz NOT NULL,
  endpoint_id   bigint NOT NULL,
  address       text NOT NULL,
  last_seen     timestamptz,                                  -- null: still running, see address
  scans         integer,
  outcome       scan_outcome NOT NULL,
  reason        text,
  observation_id bigint,
  grade         text,
  protocols     text[] NOT NULL,
  leaf_sha256   bytea,
  changes       integer NOT NULL DEFAULT 0,
  PRIMARY KEY (endpoint_id, run_at, address)
) PARTITION BY RANGE (run_at);

CREATE TABLE change (
  id            bigint GENERATED ALWAYS AS IDENTITY,
  at            timestamptz NOT NULL,
  endpoint_id   bigint NOT NULL,
  address       text NOT NULL,
  kind          text NOT NULL,                                -- certificate, protocol, suite, group, …
  fact          text NOT NULL,                                -- JSON pointer into the report
  before        jsonb,
  after         jsonb,
  title         text NOT NULL,
  weaker        boolean NOT NULL DEFAULT false,
  PRIMARY KEY (id, at)
) PARTITION BY RANGE (at);
CREATE INDEX change_of ON change (endpoint_id, at DESC);
CREATE INDEX change_kind ON change (kind, id);

-- Makes this week's partitions and the next ones; rows that fell into the default one are moved. The database's clock.
CREATE FUNCTION make_partitions(parent regclass, weeks integer) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
  start timestamptz := date_trunc('week', now() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC';
  stop  timestamptz;
  part  text;
  key   text := (SELECT attname FROM pg_partitioned_table JOIN pg_attribute ON attrelid = partrelid AND attnum = partattrs[0]
                 WHERE partrelid = parent);
  made  integer := 0;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('tlsfleet.make_partitions'));
  FOR week IN 0..weeks LOOP
    stop := start + interval '7 days';
    part := parent::text || '_' || to_char(start AT TIME ZONE 'UTC', 'IYYY"w"IW');
    IF to_regclass(part) IS NULL THEN
      EXECUTE format('CREATE TABLE %I (LIKE %s INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', part, parent);
      EXECUTE format('WITH gone AS (DELETE FROM %I WHERE %I >= %L AND %I < %L RETURNING *) INSERT INTO %I SELECT * FROM gone',
                     parent::text || '_default', key, start, key, stop, part);
      EXECUTE format('ALTER TABLE %s ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', parent, part, start, stop);
      made := made + 1;
    END IF;
    start := stop;
  END LOOP;
  RETURN made;
END $$;

CREATE TABLE scan_run_default PARTITION OF scan_run DEFAULT;
CREATE TABLE change_default PARTITION OF change DEFAULT;
SELECT make_partitions('scan_run', 8), make_partitions('change', 8);

CREATE TABLE trend (                                          -- one row a day and site: the first page's curves
  day           date NOT NULL,
  site_id       smallint NOT NULL,
  numbers       jsonb NOT NULL,
  PRIMARY KEY (day, site_id)
);

-- ── what is wrong ────────────────────────────────────────────────────────────────────────────────────────────────
CREATE TABLE finding_text (                                   -- title, why, remedy, references: shared by thousands
  id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  sha256        bytea NOT NULL UNIQUE,
  body          jsonb NOT NULL
);

CREATE TABLE finding (
  id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  endpoint_id   bigint NOT NULL REFERENCES target ON DELETE CASCADE,
  dedup_key     text NOT NULL,                                -- rule and subject: the same thing seen again is the same row
  rule          text NOT NULL,
  severity      severity NOT NULL,
  policy        text NOT NULL,
  cause         text NOT NULL,                                -- what many endpoints share: a certificate, a configuration
  title         text NOT NULL,
  detail        text NOT NULL,
  evidence      jsonb,
  reproduce     text,
  text_id       bigint NOT NULL REFERENCES finding_text,
  state         finding_state NOT NULL DEFAULT 'open',
  first_seen    timestamptz NOT NULL,                         -- of this opening; a finding that comes back begins anew
  last_seen     timestamptz NOT NULL,                         -- exact once resolved; while open the endpoint's last scan counts
  resolved_at   timestamptz,
  ack_by        text,
  ack_reason    text,
  ack_at        timestamptz,
  ack_until     timestamptz,
  UNIQUE (endpoint_id, dedup_key)
) WITH (fillfactor = 90);
CREATE INDEX finding_list ON finding (state, severity, id);
CREATE INDEX finding_rule ON finding (rule, state, id);
CREATE INDEX finding_cause ON finding (cause, state);
CREATE INDEX finding_ack_end ON finding (ack_until) WHERE state = 'acknowledged';

-- ── who must know ────────────────────────────────────────────────────────────────────────────────────────────────
CREATE TABLE alert_event (                                    -- written with the finding; routing turns it into notifications
  id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at            timestamptz NOT NULL DEFAULT now(),
  finding_id    bigint NOT NULL,
  endpoint_id   bigint NOT NULL,
  kind          text NOT NULL CHECK (kind IN ('opened', 'resolved', 'changed')),   -- changed: another severity
  rule          text NOT NULL,
  severity      severity NOT NULL,
  cause         text NOT NULL,
  routed_at     timestamptz
);
CREATE INDEX alert_event_waiting ON alert_event (id) WHERE routed_at IS NULL;
CREATE INDEX alert_event_routed ON alert_event (routed_at) WHERE routed_at IS NOT NULL;

CREATE TABLE alert (                                          -- one cause, however many endpoints: what people are told of
  id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  cause         text NOT NULL,
  rule          text NOT NULL,
  severity      severity NOT NULL,
  state         text NOT NULL CHECK (state IN ('pending', 'firing', 'acknowledged', 'silenced', 'resolved', 'flapping')),
  title         text NOT NULL,
  endpoints     integer NOT NULL,
  since         timestamptz NOT NULL,
  updated_at    timestamptz NOT NULL DEFAULT now(),
  resolved_at   timestamptz,
  last_notified_at timestamptz,
  transitions   integer NOT NULL DEFAULT 0,
  notes         jsonb NOT NULL DEFAULT '{}',                  -- what routing remembers: stages told, groups, transition times
  UNIQUE (rule, cause)
);
CREATE INDEX alert_list ON alert (state, id);

CREATE TABLE receiver (
  id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name          text NOT NULL UNIQUE CHECK (name <> ''),
  kind          text NOT NULL,                                -- webhook, email, slack, …
  settings      jsonb NOT NULL DEFAULT '{}',                  -- nothing secret
  secret        bytea NOT NULL,                               -- AES-256-GCM: URL, keys, passwords
  created_at    timestamptz NOT NULL DEFAULT now(),
  disabled_at   timestamptz,                                  -- the other side said 410
  failing_since timestamptz,
  probe_at      timestamptz
);
CREATE TABLE route (
  id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  position      integer NOT NULL DEFAULT 0,
  receiver_id   bigint NOT NULL REFERENCES receiver ON DELETE CASCADE,
  matchers      jsonb NOT NULL DEFAULT '[]',
  settings      jsonb NOT NULL DEFAULT '{}',                  -- group wait, interval, repeat, continue
  created_at    timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE silence (
  id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  matchers      jsonb NOT NULL,
  reason        text NOT NULL,
  created_by    text NOT NULL,
  created_at    timestamptz NOT NULL DEFAULT now(),
  starts_at     timestamptz NOT NULL DEFAULT now(),
  ends_at       timestamptz NOT NULL,
  CHECK (ends_at > starts_at AND ends_at <= starts_at + interval '90 days')
);
CREATE TABLE notification (                                   -- the outbox, one queue a receiver
  id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  dedup_key     text NOT NULL UNIQUE,
  receiver_id   bigint NOT NULL REFERENCES receiver ON DELETE CASCADE,
  payload       jsonb NOT NULL,
  state         text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'delivered', 'dead', 'superseded')),
  attempts      integer NOT NULL DEFAULT 0,
  next_at       timestamptz NOT NULL DEFAULT now(),
  lease_until   timestamptz NOT NULL DEFAULT '-infinity',
  lease_token   uuid,
  created_at    timestamptz NOT NULL DEFAULT now(),
  finished_at   timestamptz,
  last_error    text
);
CREATE INDEX notification_due ON notification (receiver_id, next_at) WHERE state = 'pending';
CREATE INDEX notification_finished ON notification (finished_at) WHERE state <> 'pending';

-- ── who may ask ──────────────────────────────────────────────────────────────────────────────────────────────────
CREATE TABLE token (
  id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name          text NOT NULL,
  sha256        bytea NOT NULL UNIQUE,                        -- the token itself is shown once and kept nowhere
  role          text NOT NULL CHECK (role IN ('viewer', 'operator', 'admin', 'auditor', 'worker', 'sensor')),
  site_id       smallint REFERENCES site ON DELETE CASCADE,   -- of a worker's token
  scope         jsonb NOT NULL DEFAULT '{}',
  created_by    text NOT NULL,
  created_at    timestamptz NOT NULL DEFAULT now(),
  expires_at    timestamptz,
  last_used_at  timestamptz,                                  -- exact to a minute
  revoked_at    timestamptz,
  CHECK (role <> 'worker' OR site_id IS NOT NULL)
);
CREATE TABLE session (
  sha256        bytea PRIMARY KEY,
  token_id      bigint NOT NULL REFERENCES token ON DELETE CASCADE,
  created_at    timestamptz NOT NULL DEFAULT now(),
  last_used_at  timestamptz NOT NULL DEFAULT now(),
  expires_at    timestamptz NOT NULL
);
CREATE TABLE audit (
  id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at            timestamptz NOT NULL DEFAULT now(),
  actor         text NOT NULL,
  address       text,
  action        text NOT NULL,
  subject       text NOT NULL,
  before        jsonb,
  after         jsonb,
  previous      bytea NOT NULL,                               -- the hash of the line before: a chain
  hash          bytea NOT NULL
);
CREATE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS
  $$ BEGIN RAISE EXCEPTION 'the audit log is append-only'; END $$;
CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE ON audit FOR EACH ROW EXECUTE FUNCTION audit_is_append_only();
CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON audit FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only();

-- ── the rest ─────────────────────────────────────────────────────────────────────────────────────────────────────
CREATE TABLE client_fingerprint (                             -- without addresses; thirty days
  day           date NOT NULL,
  endpoint      text NOT NULL,                                -- the server that was asked, host:port
  kind          text NOT NULL,                                -- ja3, ja4
  fingerprint   text NOT NULL,
  count         bigint NOT NULL,
  PRIMARY KEY (day, endpoint, kind, fingerprint)
);
CREATE INDEX client_fingerprint_value ON client_fingerprint (fingerprint, day);

CREATE TABLE policy (
  name          text NOT NULL,
  version       text NOT NULL,
  document      jsonb NOT NULL,
  created_at    timestamptz NOT NULL DEFAULT now(),
  created_by    text NOT NULL,
  PRIMARY KEY (name, version)
);
CREATE TABLE setting (
  name          text PRIMARY KEY,
  value         jsonb NOT NULL,
  updated_at    timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE block (                                          -- never scanned, whoever asks: an address range or a domain
  id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  pattern       text NOT NULL UNIQUE,
  reason        text NOT NULL,
  created_by    text NOT NULL,
  created_at    timestamptz NOT NULL DEFAULT now(),
  until         timestamptz
);
