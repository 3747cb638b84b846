-- The daily rows of findings: this was found in that run, in that version.
CREATE TABLE IF NOT EXISTS finding_observations
(
    account       LowCardinality(String) COMMENT 'AWS account id, 12 digits',
    kind          Enum8('user' = 1, 'group' = 2, 'role' = 3, 'policy' = 4, 'account' = 5) COMMENT 'Kind of the entity',
    entity_id     String COMMENT 'IAM unique id; account id for the account' CODEC(ZSTD(3)),
    finding_id    String COMMENT 'Finding' CODEC(ZSTD(3)),
    day           Date COMMENT 'Day of observed_at, UTC' CODEC(DoubleDelta, ZSTD(1)),
    run_id        String COMMENT 'Run that was judged' CODEC(ZSTD(3)),
    judge         LowCardinality(String) COMMENT 'Names catalog, rules, exclusions and options that judged',
    observed_at   DateTime('UTC') COMMENT 'Time that the run was scheduled for' CODEC(DoubleDelta, ZSTD(1)),
    version       String COMMENT 'Version of the finding''s content' CODEC(ZSTD(3)),
    rule          LowCardinality(String) COMMENT 'Id of the rule',
    severity      Enum8('info' = 1, 'low' = 2, 'medium' = 3, 'high' = 4, 'critical' = 5) COMMENT 'How urgent it is'
)
ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMM(day)
ORDER BY (account, kind, entity_id, finding_id, day, run_id, judge)
COMMENT 'Findings by run, one row per run, finding and judge'
