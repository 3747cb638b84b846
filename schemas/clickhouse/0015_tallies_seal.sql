-- Writes the seals: every minute, one for each closed run that is whole and has
-- none that holds. While there is nothing to seal it reads runs and tallies only.
-- Until a run is sealed, run_tallies counts its observations; so this view decides
-- how long answers take, never what they are.
CREATE MATERIALIZED VIEW IF NOT EXISTS tallies_seal
REFRESH EVERY 1 MINUTE APPEND TO tallies
AS SELECT
    t.* EXCEPT (is_sealed)
FROM run_tallies AS t
INNER JOIN (SELECT account, day, run_id, expected_hash FROM runs FINAL WHERE closed) AS r
    ON r.account = t.account AND r.day = t.day AND r.run_id = t.run_id
WHERE NOT t.is_sealed AND cityHash64(t.received) = r.expected_hash
COMMENT 'Seals runs that are whole'
