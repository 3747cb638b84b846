-- Services of which something is granted and was not used, only where that changes: the value is
-- part of the key, as in last_accessed, so that a day that says the same as the one
-- before only widens first and last seen.
CREATE TABLE IF NOT EXISTS unused_permissions
(
    account       LowCardinality(String) COMMENT 'AWS account id, 12 digits',
    kind          Enum8('user' = 1, 'group' = 2, 'role' = 3, 'policy' = 4, 'account' = 5) COMMENT 'Kind of the entity',
    entity_id     String COMMENT 'IAM unique id' CODEC(ZSTD(3)),
    service       LowCardinality(String) COMMENT 'Service prefix',
    judge         LowCardinality(String) COMMENT 'Names catalog, rules, exclusions and options that judged',
    list_bound    UInt16 COMMENT 'Unused List actions that are granted on named resources only' CODEC(T64, ZSTD(1)),
    read_bound    UInt16 COMMENT 'Unused Read actions that are granted on named resources only' CODEC(T64, ZSTD(1)),
    tagging_bound UInt16 COMMENT 'Unused Tagging actions that are granted on named resources only' CODEC(T64, ZSTD(1)),
    write_bound   UInt16 COMMENT 'Unused Write actions that are granted on named resources only' CODEC(T64, ZSTD(1)),
    permissions_management_bound UInt16 COMMENT 'Unused Permissions management actions that are granted on named resources only' CODEC(T64, ZSTD(1)),
    list_unbound  UInt16 COMMENT 'Unused List actions that are granted on every resource' CODEC(T64, ZSTD(1)),
    read_unbound  UInt16 COMMENT 'Unused Read actions that are granted on every resource' CODEC(T64, ZSTD(1)),
    tagging_unbound UInt16 COMMENT 'Unused Tagging actions that are granted on every resource' CODEC(T64, ZSTD(1)),
    write_unbound UInt16 COMMENT 'Unused Write actions that are granted on every resource' CODEC(T64, ZSTD(1)),
    permissions_management_unbound UInt16 COMMENT 'Unused Permissions management actions that are granted on every resource' CODEC(T64, ZSTD(1)),
    risk_tags     Array(LowCardinality(String)) COMMENT 'Risk tags of these actions',
    is_partly     Bool COMMENT 'Whether other actions of the service were used',
    last_accessed_at DateTime('UTC') COMMENT 'Last access, before the time that counts; 1970-01-01 00:00:00 when none in IAM''s tracking period' CODEC(Delta, ZSTD(1)),
    first_seen_at SimpleAggregateFunction(min, DateTime('UTC')) COMMENT 'First run of which this was true',
    last_seen_at  SimpleAggregateFunction(max, DateTime('UTC')) COMMENT 'Last run of which this was true'
)
ENGINE = AggregatingMergeTree
ORDER BY (account, kind, entity_id, service, judge, list_bound, read_bound, tagging_bound, write_bound, permissions_management_bound, list_unbound, read_unbound, tagging_unbound, write_unbound, permissions_management_unbound,
    risk_tags, is_partly, last_accessed_at)
COMMENT 'Services that are granted and were not used, one row per entity, service and value'
