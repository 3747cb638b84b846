-- How many judgements of a run arrived, once all of them had: a seal, as tallies has
-- them for what a run saw. It holds for as long as it has the number that the run's
-- judge says; TRUNCATE TABLE judgement_seals loses nothing.
CREATE TABLE IF NOT EXISTS judgement_seals
(
    account      LowCardinality(String) COMMENT 'AWS account id, 12 digits',
    day          Date COMMENT 'Day of the run, UTC' CODEC(DoubleDelta, ZSTD(1)),
    run_id       String COMMENT 'Run' CODEC(ZSTD(3)),
    judge        LowCardinality(String) COMMENT 'Who judged it',
    received     UInt32 COMMENT 'Judgements received' CODEC(T64, ZSTD(1)),
    sealed_at    DateTime('UTC') DEFAULT now() COMMENT 'When they were counted'
)
ENGINE = ReplacingMergeTree(sealed_at)
ORDER BY (account, day, run_id, judge)
COMMENT 'Judgements of runs, counted; one row per run and judge'
