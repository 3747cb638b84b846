-- Services that are granted and were not used, only where that changes: the value is
-- part of the key, as in last_accessed, so that a day that says the same as the one
-- before only widens first and last seen.
CREATE TABLE IF NOT EXISTS unused_permissions
(
    account       LowCardinality(String) COMMENT 'AWS account id, 12 digits',
    kind          Enum8('user' = 1, 'group' = 2, 'role' = 3, 'policy' = 4, 'account' = 5) COMMENT 'Kind of the entity',
    entity_id     String COMMENT 'IAM unique id' CODEC(ZSTD(3)),
    service       LowCardinality(String) COMMENT 'Service prefix',
    judge         LowCardinality(String) COMMENT 'Names catalog, rules, exclusions and options that judged',
    list          UInt16 COMMENT 'List actions that are granted' CODEC(T64, ZSTD(1)),
    read          UInt16 COMMENT 'Read actions that are granted' CODEC(T64, ZSTD(1)),
    tagging       UInt16 COMMENT 'Tagging actions that are granted' CODEC(T64, ZSTD(1)),
    write         UInt16 COMMENT 'Write actions that are granted' CODEC(T64, ZSTD(1)),
    permissions_management UInt16 COMMENT 'Permissions management actions that are granted' CODEC(T64, ZSTD(1)),
    risk_tags     Array(LowCardinality(String)) COMMENT 'Risk tags of the granted actions',
    last_accessed_at DateTime('UTC') COMMENT 'Last access, before the time that counts; 1970-01-01 00:00:00 when none in IAM''s tracking period' CODEC(Delta, ZSTD(1)),
    first_seen_at SimpleAggregateFunction(min, DateTime('UTC')) COMMENT 'First run of which this was true',
    last_seen_at  SimpleAggregateFunction(max, DateTime('UTC')) COMMENT 'Last run of which this was true'
)
ENGINE = AggregatingMergeTree
ORDER BY (account, kind, entity_id, service, judge, list, read, tagging, write, permissions_management, risk_tags, last_accessed_at)
COMMENT 'Services that are granted and were not used, one row per entity, service and value'
