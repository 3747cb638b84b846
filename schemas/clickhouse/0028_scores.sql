-- The daily rows of judgement, narrow as those of observations are: what each run's
-- judgement of an entity comes to. The findings themselves are in findings.
CREATE TABLE IF NOT EXISTS scores
(
    account       LowCardinality(String) COMMENT 'AWS account id, 12 digits',
    kind          Enum8('user' = 1, 'group' = 2, 'role' = 3, 'policy' = 4, 'account' = 5) COMMENT 'Kind of what was judged',
    entity_id     String COMMENT 'IAM unique id; account id for the account' CODEC(ZSTD(3)),
    day           Date COMMENT 'Day of observed_at, UTC' CODEC(DoubleDelta, ZSTD(1)),
    run_id        String COMMENT 'Run that was judged' CODEC(ZSTD(3)),
    judge         LowCardinality(String) COMMENT 'Names catalog, rules, exclusions and options that judged',
    observed_at   DateTime('UTC') COMMENT 'Time that the run was scheduled for' CODEC(DoubleDelta, ZSTD(1)),
    name          String COMMENT 'Name of the entity' CODEC(ZSTD(3)),
    is_service_linked Bool COMMENT 'Whether the role belongs to an AWS service',
    score         Nullable(Float32) COMMENT 'Least-privilege score, 0 to 100; NULL where it is not known what was used' CODEC(ZSTD(1)),
    critical      UInt16 COMMENT 'Critical findings' CODEC(T64, ZSTD(1)),
    high          UInt16 COMMENT 'Findings of high severity' CODEC(T64, ZSTD(1)),
    medium        UInt16 COMMENT 'Findings of medium severity' CODEC(T64, ZSTD(1)),
    low           UInt16 COMMENT 'Findings of low severity' CODEC(T64, ZSTD(1)),
    info          UInt16 COMMENT 'Findings that only inform' CODEC(T64, ZSTD(1)),
    excluded      UInt16 COMMENT 'Findings that are excluded from judgement' CODEC(T64, ZSTD(1)),
    unused_services UInt16 COMMENT 'Services of which something is granted and was not used' CODEC(T64, ZSTD(1)),
    steps_to_admin Nullable(UInt8) COMMENT 'Steps on the shortest path to administrator; NULL: there is none' CODEC(ZSTD(1))
)
ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMM(day)
ORDER BY (account, kind, entity_id, day, run_id, judge)
COMMENT 'What each run''s judgement of an entity comes to, one row per run, entity and judge'
