-- Signatures among a chain's certificates that were found good: hashes of the questions, 32 octets each. Verifying them is most
-- of what judging costs, and the answer never changes. Null: kept before this; verified whenever it is judged.
ALTER TABLE chain ADD COLUMN proven bytea;
