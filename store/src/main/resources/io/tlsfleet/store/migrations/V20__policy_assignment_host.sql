-- Policies for one host, or for those that a pattern names (*.corp.example), as scan rules and anchors have it.
ALTER TABLE policy_assignment ADD COLUMN host text,
  ADD COLUMN host_like text GENERATED ALWAYS AS (replace(replace(replace(replace(lower(host), '\', '\\'), '%', '\%'), '_', '\_'), '*', '%')) STORED;
ALTER TABLE policy_assignment DROP CONSTRAINT policy_assignment_check, DROP CONSTRAINT policy_assignment_policy_owner_tag_site_key;
ALTER TABLE policy_assignment ADD CHECK (num_nonnulls(host, owner, tag, site) > 0), ADD UNIQUE NULLS NOT DISTINCT (policy, host, owner, tag, site);
