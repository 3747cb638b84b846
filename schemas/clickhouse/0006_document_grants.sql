-- What one document alone allows in one service, before any other document,
-- boundary or deny has its say. A row whose catalog_date is older than the
-- document's is of an earlier judgement: a newer catalog may know fewer services.
CREATE TABLE IF NOT EXISTS document_grants
(
    document      String COMMENT 'Document hash' CODEC(ZSTD(1)),
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
ORDER BY (document, service)
COMMENT 'What a document allows, one row per document and service'
