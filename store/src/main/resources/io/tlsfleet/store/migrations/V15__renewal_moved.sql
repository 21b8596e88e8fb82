-- When a renewal window was first told to begin: an issuer that then ends it before that wants the certificate replaced early.
ALTER TABLE renewal_window ADD first_start timestamptz;
