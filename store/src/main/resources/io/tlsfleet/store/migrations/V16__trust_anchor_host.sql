-- Roots of one's own for one host, or for those that a pattern names (*.corp.example).
ALTER TABLE trust_anchor ADD COLUMN host text;
ALTER TABLE trust_anchor DROP CONSTRAINT trust_anchor_sha256_owner_tag_site_key;
ALTER TABLE trust_anchor ADD UNIQUE NULLS NOT DISTINCT (sha256, host, owner, tag, site);
