-- How a principal becomes administrator: the shortest way, as each run saw it. Rows
-- of kind account are of principals of other accounts, and of identity providers,
-- that the account's roles trust.
CREATE TABLE IF NOT EXISTS escalation_paths
(
    account       LowCardinality(String) COMMENT 'AWS account id, 12 digits',
    kind          Enum8('user' = 1, 'group' = 2, 'role' = 3, 'policy' = 4, 'account' = 5) COMMENT 'Kind of the principal; account: it is not of this account',
    entity_id     String COMMENT 'IAM unique id of the principal; the account id for one of another account' CODEC(ZSTD(3)),
    source        String COMMENT 'ARN of the principal; from outside also an account id, an identity provider or *' CODEC(ZSTD(3)),
    day           Date COMMENT 'Day of observed_at, UTC' CODEC(DoubleDelta, ZSTD(1)),
    run_id        String COMMENT 'Run that was judged' CODEC(ZSTD(3)),
    judge         LowCardinality(String) COMMENT 'Names catalog, rules, exclusions and options that judged',
    observed_at   DateTime('UTC') COMMENT 'Time that the run was scheduled for' CODEC(DoubleDelta, ZSTD(1)),
    target        String COMMENT 'ARN of the administrator that it becomes' CODEC(ZSTD(3)),
    length        UInt8 COMMENT 'Number of steps; an administrator needs none' CODEC(T64, ZSTD(1)),
    is_conditional Bool COMMENT 'Whether some step needs conditions to be met',
    steps         Nested(
        from    String,
        to      String,
        method  LowCardinality(String),
        actions Array(LowCardinality(String)),
        evidence String,
        is_conditional Bool,
        note    String
    ) COMMENT 'The steps, one after the other: who becomes whom, by which rule, with which actions, the statements that allow it as JSON, whether it needs conditions to be met, what it takes for granted'
)
ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMM(day)
ORDER BY (account, kind, entity_id, source, day, run_id, judge)
COMMENT 'Shortest ways to administrator, one row per run, principal and judge'
