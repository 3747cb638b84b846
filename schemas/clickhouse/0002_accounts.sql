-- One row per account and run; accounts_current has the last one.
CREATE TABLE IF NOT EXISTS accounts
(
    account      LowCardinality(String) COMMENT 'AWS account id, 12 digits',
    day          Date COMMENT 'Day of observed_at, UTC' CODEC(DoubleDelta, ZSTD(1)),
    run_id       String COMMENT 'Run that saw it' CODEC(ZSTD(3)),
    observed_at  DateTime('UTC') COMMENT 'Time that the run was scheduled for' CODEC(DoubleDelta, ZSTD(1)),
    name         String COMMENT 'Name in the organization; empty when unknown',
    partition    LowCardinality(String) COMMENT 'AWS partition: aws, aws-cn, aws-us-gov',
    aliases      Array(String) COMMENT 'Account aliases',
    joined_at    Nullable(DateTime('UTC')) COMMENT 'When it joined the organization',
    summary      Map(LowCardinality(String), Int64) COMMENT 'IAM GetAccountSummary: entity counts and quotas'
)
ENGINE = ReplacingMergeTree
ORDER BY (account, day, run_id)
COMMENT 'Accounts, one row per account and run'
