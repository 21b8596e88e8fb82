-- Names of certificates are asked for with every judgement and written once a certificate: each question read all that waited to
-- be put in order (13 pages of it made it twenty times slower).
ALTER INDEX certificate_names SET (fastupdate = off);
SELECT gin_clean_pending_list('certificate_names');
