-- Files of certificates are targets without a port; a worker's credential may be the key of its client certificate.
ALTER TABLE target DROP CONSTRAINT target_port_check;
ALTER TABLE target ADD CONSTRAINT target_port_check
  CHECK (port BETWEEN 1 AND 65535 OR port = 0 AND host LIKE 'file:/%') NOT VALID;   -- what is there fulfils the stricter one
ALTER TABLE token ADD kind text NOT NULL DEFAULT 'token'
  CHECK (kind = 'token' OR kind = 'certificate' AND role = 'worker');               -- certificate: sha256 is of the public key (SPKI)
