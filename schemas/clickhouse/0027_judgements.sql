-- What the risk rules say of each run: the account's own judgement, with the counts
-- over all of the run's. Whoever judges a run again with a newer catalog or other
-- rules adds a row; run_status takes the one with the newest catalog, and of those
-- the latest.
CREATE TABLE IF NOT EXISTS judgements
(
    account      LowCardinality(String) COMMENT 'AWS account id, 12 digits',
    day          Date COMMENT 'Day of observed_at, UTC' CODEC(DoubleDelta, ZSTD(1)),
    run_id       String COMMENT 'Run that was judged' CODEC(ZSTD(3)),
    judge        LowCardinality(String) COMMENT 'Names catalog, rules, exclusions and options that judged: 16 hex digits',
    observed_at  DateTime('UTC') COMMENT 'Time that the run was scheduled for' CODEC(DoubleDelta, ZSTD(1)),
    judged_at    DateTime('UTC') COMMENT 'When it was judged',
    catalog      LowCardinality(String) COMMENT 'Version of the catalog that judged it',
    catalog_date DateTime('UTC') COMMENT 'Date of that catalog',
    judgements   UInt32 COMMENT 'Judgements of the run: one per user, group, role and policy, and the account''s' CODEC(T64, ZSTD(1)),
    score        Nullable(Float32) COMMENT 'Least-privilege score of the account, 0 to 100; NULL where it is not known what was used' CODEC(ZSTD(1)),
    critical     UInt32 COMMENT 'Critical findings in the account' CODEC(T64, ZSTD(1)),
    high         UInt32 COMMENT 'Findings of high severity' CODEC(T64, ZSTD(1)),
    medium       UInt32 COMMENT 'Findings of medium severity' CODEC(T64, ZSTD(1)),
    low          UInt32 COMMENT 'Findings of low severity' CODEC(T64, ZSTD(1)),
    info         UInt32 COMMENT 'Findings that only inform' CODEC(T64, ZSTD(1)),
    excluded     UInt32 COMMENT 'Findings that are excluded from judgement' CODEC(T64, ZSTD(1)),
    escalating   UInt32 COMMENT 'Users and roles that can make themselves administrator' CODEC(T64, ZSTD(1))
)
ENGINE = ReplacingMergeTree(judged_at)
ORDER BY (account, day, run_id, judge)
COMMENT 'What the risk rules say of each run, one row per run and judge'
