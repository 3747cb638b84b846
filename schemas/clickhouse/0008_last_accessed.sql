-- IAM's last-accessed data, only where it changes: the value is part of the key,
-- so a report that says the same as yesterday's only widens first and last seen.
-- Everything beside the key is a minimum or a maximum: no order of arrival and no
-- repetition makes a difference.
CREATE TABLE IF NOT EXISTS last_accessed
(
    account       LowCardinality(String) COMMENT 'AWS account id, 12 digits',
    kind          Enum8('user' = 1, 'group' = 2, 'role' = 3, 'policy' = 4) COMMENT 'Kind of IAM entity',
    entity_id     String COMMENT 'IAM unique id' CODEC(ZSTD(3)),
    service       LowCardinality(String) COMMENT 'Service prefix',
    action        LowCardinality(String) COMMENT 'Action; empty for the service as a whole',
    last_accessed_at DateTime('UTC') COMMENT 'Last attempt that IAM saw; 1970-01-01 00:00:00 when none in its tracking period' CODEC(Delta, ZSTD(1)),
    region        SimpleAggregateFunction(max, LowCardinality(String)) COMMENT 'Region of that attempt',
    accessed_by   SimpleAggregateFunction(max, String) COMMENT 'ARN of who attempted it, for a group or a policy' CODEC(ZSTD(3)),
    entities      SimpleAggregateFunction(max, UInt32) COMMENT 'Entities that attempted it, for a group or a policy; 0 for an action' CODEC(T64, ZSTD(1)),
    first_seen_at SimpleAggregateFunction(min, DateTime('UTC')) COMMENT 'First run that reported this value',
    last_seen_at  SimpleAggregateFunction(max, DateTime('UTC')) COMMENT 'Last run that reported this value'
)
ENGINE = AggregatingMergeTree
ORDER BY (account, kind, entity_id, service, action, last_accessed_at)
COMMENT 'Last access per entity and service or action, one row per value'
