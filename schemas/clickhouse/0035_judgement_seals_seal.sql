-- Writes the seals of judgements, as tallies_seal does for what runs saw.
CREATE MATERIALIZED VIEW IF NOT EXISTS judgement_seals_seal
REFRESH EVERY 1 MINUTE APPEND TO judgement_seals
AS SELECT account, day, run_id, judge, received
FROM run_judgements
WHERE NOT is_sealed AND received = judgements
COMMENT 'Seals the judgements of runs that have arrived'
