-- Two certificates of one issuer with one serial number are looked for whenever one of them is judged. Hashed: neither has a length.
CREATE INDEX certificate_serial ON certificate (md5(issuer || ' ' || serial_number));
