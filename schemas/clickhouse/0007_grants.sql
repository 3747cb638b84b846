-- What an entity's version may really do in one service: the union of what it
-- carries, minus denies, within its boundary. An action that is allowed both on
-- named resources and on every resource counts as unbound. A row whose
-- catalog_date is older than the entity's is of an earlier judgement;
-- grants_current leaves it out.
CREATE TABLE IF NOT EXISTS grants
(
    account       LowCardinality(String) COMMENT 'AWS account id, 12 digits',
    kind          Enum8('user' = 1, 'group' = 2, 'role' = 3, 'policy' = 4) COMMENT 'Kind of IAM entity',
    entity_id     String COMMENT 'IAM unique id' CODEC(ZSTD(3)),
    version       String COMMENT 'Version of the entity''s content' CODEC(ZSTD(3)),
    service       LowCardinality(String) COMMENT 'Service prefix',
    list_bound    UInt16 COMMENT 'List actions allowed on named resources only' CODEC(T64, ZSTD(1)),
    read_bound    UInt16 COMMENT 'Read actions allowed on named resources only' CODEC(T64, ZSTD(1)),
    tagging_bound UInt16 COMMENT 'Tagging actions allowed on named resources only' CODEC(T64, ZSTD(1)),
    write_bound   UInt16 COMMENT 'Write actions allowed on named resources only' CODEC(T64, ZSTD(1)),
    permissions_management_bound UInt16 COMMENT 'Permissions management actions allowed on named resources only' CODEC(T64, ZSTD(1)),
    list_unbound  UInt16 COMMENT 'List actions allowed on every resource' CODEC(T64, ZSTD(1)),
    read_unbound  UInt16 COMMENT 'Read actions allowed on every resource' CODEC(T64, ZSTD(1)),
    tagging_unbound UInt16 COMMENT 'Tagging actions allowed on every resource' CODEC(T64, ZSTD(1)),
    write_unbound UInt16 COMMENT 'Write actions allowed on every resource' CODEC(T64, ZSTD(1)),
    permissions_management_unbound UInt16 COMMENT 'Permissions management actions allowed on every resource' CODEC(T64, ZSTD(1)),
    risk_tags     Array(LowCardinality(String)) COMMENT 'Risk tags of the allowed actions',
    catalog_date  DateTime('UTC') COMMENT 'Date of the catalog that judged it'
)
ENGINE = ReplacingMergeTree(catalog_date)
ORDER BY (account, kind, entity_id, version, service)
COMMENT 'Effective grants, one row per version of an entity and service'
