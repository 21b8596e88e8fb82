-- Inventories that targets come from again and again (a Consul, a cluster, a zone): what a source no longer names is retired
-- when no other source names it and nobody added it by hand.
CREATE TABLE source (
  name          text PRIMARY KEY CHECK (name <> '' AND length(name) <= 128),
  synced_at     timestamptz,                                  -- the last time its word was taken
  held_at       timestamptz,                                  -- it would have retired too many and waits for a person
  held_retire   integer,
  held_of       integer
);
CREATE TABLE source_target (
  source        text NOT NULL REFERENCES source ON DELETE CASCADE,
  target_id     bigint NOT NULL REFERENCES target ON DELETE CASCADE,
  PRIMARY KEY (source, target_id)
);
CREATE INDEX source_target_by ON source_target (target_id);
