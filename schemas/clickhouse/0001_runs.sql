-- The ledger: every collection pass over an account. A run arrives as two
-- events, opened and closed; the closed row replaces the opened one, in
-- whichever order they come.
-- What a run really delivered, and the verdict on it, is in run_status.
CREATE TABLE IF NOT EXISTS runs
(
    account      LowCardinality(String) COMMENT 'AWS account id, 12 digits',
    day          Date COMMENT 'Day of observed_at, UTC' CODEC(DoubleDelta, ZSTD(1)),
    run_id       String COMMENT 'Run id: <time>-<account>-<attempt>[-<nonce>]' CODEC(ZSTD(3)),
    observed_at  DateTime('UTC') COMMENT 'Time that the run was scheduled for' CODEC(DoubleDelta, ZSTD(1)),
    closed       Bool COMMENT 'Whether the collector closed the run',
    collector_status Enum8('running' = 0, 'complete' = 1, 'partial' = 2, 'failed' = 3) COMMENT 'What the collector says of its own run; run_status has the verdict',
    source       LowCardinality(String) COMMENT 'aws, or import for a saved export',
    started_at   DateTime('UTC') COMMENT 'When the collector began',
    ended_at     Nullable(DateTime('UTC')) COMMENT 'When the collector closed the run',
    reason       String COMMENT 'Why the run failed, one sentence; empty otherwise',
    expected     Map(LowCardinality(String), UInt64) COMMENT 'Events that the collector published, by kind',
    expected_events UInt64 MATERIALIZED arraySum(mapValues(expected)) COMMENT 'Sum of the expected counts',
    expected_hash UInt64 MATERIALIZED cityHash64(mapSort(mapFilter((k, n) -> n > 0, expected))) COMMENT 'Names the expected counts, zeros left out; a seal in tallies has the same',
    problems     Nested(
        part     LowCardinality(String),
        state    LowCardinality(String),
        reason   String,
        count    UInt64
    ) COMMENT 'Parts that did not end well: AWS API action, state, first reason, how often',
    calls        Map(LowCardinality(String), UInt64) COMMENT 'AWS API calls that the run made, by action'
)
ENGINE = ReplacingMergeTree(closed)
ORDER BY (account, day, run_id)
COMMENT 'Collection passes, one row per run'
