-- Alerting that looks at an alert again when something is due, and remembers whom it told what.

ALTER TABLE alert_event
  ADD COLUMN was text,                                        -- the cause before, of a finding whose cause moved
  ADD COLUMN judged_anew boolean NOT NULL DEFAULT false;      -- the facts are as before: a policy, a trust store, a probe is new

ALTER TABLE alert
  ADD COLUMN due_at timestamptz,                              -- when it is looked at again though nothing happened
  ADD COLUMN digest text CHECK (digest IN ('first-scan', 'judgement')),   -- waits for that digest
  ADD COLUMN ack_by text,
  ADD COLUMN ack_reason text,
  ADD COLUMN ack_until timestamptz;
CREATE INDEX alert_due ON alert (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX alert_digest ON alert (id) WHERE digest IS NOT NULL;
UPDATE alert SET due_at = now() WHERE state = 'pending';

CREATE TABLE alert_told (                                     -- a stage is told to a receiver once
  alert_id      bigint NOT NULL REFERENCES alert ON DELETE CASCADE,
  receiver_id   bigint NOT NULL REFERENCES receiver ON DELETE CASCADE,
  stage         text NOT NULL,                                -- which time the alert began, what of it, which repetition
  at            timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (alert_id, receiver_id, stage)
);
-- what was told before this version: nobody hears it again, and its end reaches the same receivers
INSERT INTO alert_told (alert_id, receiver_id, stage)
  SELECT DISTINCT a.id, n.receiver_id, a.transitions || '-firing-' || a.severity
  FROM alert a JOIN notification n ON n.dedup_key LIKE 'a' || a.id || '-' || a.transitions || '-%'
  WHERE a.state <> 'resolved';

ALTER TABLE notification ADD COLUMN alert_id bigint, ADD COLUMN folded boolean NOT NULL DEFAULT false;
CREATE INDEX notification_alert ON notification (alert_id, receiver_id) WHERE alert_id IS NOT NULL;
CREATE INDEX notification_recent ON notification (receiver_id, created_at);
CREATE INDEX finding_rule_cause ON finding (rule, cause, state);
