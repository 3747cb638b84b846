-- The daily rows: this was there in that run. Narrow and sorted by entity, so
-- that what does not change from day to day compresses to almost nothing; what
-- account_daily counts is here, so that it needs no join with the wide entities.
-- Kinds that are not entities are here too, so that a run's received events can
-- be counted against its expected ones.
CREATE TABLE IF NOT EXISTS observations
(
    account       LowCardinality(String) COMMENT 'AWS account id, 12 digits',
    kind          Enum8('user' = 1, 'group' = 2, 'role' = 3, 'policy' = 4, 'account' = 5, 'access' = 6, 'credential' = 7) COMMENT 'Kind of event',
    entity_id     String COMMENT 'IAM unique id; account id for an account; root for the root user''s credentials' CODEC(ZSTD(3)),
    day           Date COMMENT 'Day of observed_at, UTC' CODEC(DoubleDelta, ZSTD(1)),
    run_id        String COMMENT 'Run that saw it' CODEC(ZSTD(3)),
    observed_at   DateTime('UTC') COMMENT 'Time that the run was scheduled for' CODEC(DoubleDelta, ZSTD(1)),
    version       String COMMENT 'Version of the entity''s content; empty for other kinds' CODEC(ZSTD(3)),
    created_at    Nullable(DateTime('UTC')) COMMENT 'When the entity was created; NULL when IAM does not say' CODEC(ZSTD(1)),
    owner         LowCardinality(String) COMMENT 'customer or aws, for a policy',
    access_level  Enum8('None' = 0, 'List' = 1, 'Read' = 2, 'Tagging' = 3, 'Write' = 4, 'Permissions management' = 5) COMMENT 'Highest access level of any action it grants',
    risk_tags     Array(LowCardinality(String)) COMMENT 'Risk tags' CODEC(ZSTD(3)),
    last_used_at  Nullable(DateTime('UTC')) COMMENT 'Role: last use. Credential: last use of password or key. NULL: none known' CODEC(ZSTD(1)),
    last_used_region LowCardinality(String) COMMENT 'Role: region of its last use',
    attachments   UInt32 COMMENT 'Policy: number of entities it is attached to' CODEC(T64, ZSTD(1)),
    boundary_uses UInt32 COMMENT 'Policy: number of entities it is the permissions boundary of' CODEC(T64, ZSTD(1)),
    granularity   LowCardinality(String) COMMENT 'Access: SERVICE_LEVEL or ACTION_LEVEL',
    state         LowCardinality(String) COMMENT 'Access: how the report ended (ok, failed, timed_out, throttled, truncated, access_denied, not_collected)',
    reason        String COMMENT 'Access: why it did not end well' CODEC(ZSTD(3)),
    catalog_date  DateTime('UTC') COMMENT 'Date of the catalog that judged it; 1970-01-01 for what no catalog judges' CODEC(DoubleDelta, ZSTD(1))
)
ENGINE = ReplacingMergeTree(catalog_date)
PARTITION BY toYYYYMM(day)
ORDER BY (account, kind, entity_id, day, run_id)
COMMENT 'What each run saw, one row per run and entity'
