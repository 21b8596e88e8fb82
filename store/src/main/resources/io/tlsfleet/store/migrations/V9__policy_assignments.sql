-- Who is judged by a policy without naming it: all that a row gives must hold. A target that names policies is judged by those alone.
CREATE TABLE policy_assignment (
  id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  policy        text NOT NULL,
  owner         text,
  tag           text,                                         -- key:value
  site          text,
  created_at    timestamptz NOT NULL DEFAULT now(),
  created_by    text NOT NULL,
  CHECK (num_nonnulls(owner, tag, site) > 0),
  UNIQUE NULLS NOT DISTINCT (policy, owner, tag, site)
);
DO $$
BEGIN
  IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'tlsfleet_worker') THEN
    GRANT SELECT ON policy_assignment TO tlsfleet_worker;
  END IF;
END $$;
