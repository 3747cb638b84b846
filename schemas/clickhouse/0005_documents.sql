-- A policy document is stored once, however many entities carry it.
CREATE TABLE IF NOT EXISTS documents
(
    hash          String COMMENT 'SHA-256 of the content, hex' CODEC(ZSTD(1)),
    content       String COMMENT 'The document: JSON without white space' CODEC(ZSTD(6)),
    statements    UInt32 COMMENT 'Number of statements',
    risk_tags     Array(LowCardinality(String)) COMMENT 'Risk tags of what it allows',
    condition_keys Array(LowCardinality(String)) COMMENT 'Condition keys it uses',
    unknown_actions Array(String) COMMENT 'Action patterns that the catalog does not know',
    problems      Array(String) COMMENT 'What is wrong with the document',
    catalog       LowCardinality(String) COMMENT 'Version of the catalog that judged it',
    catalog_date  DateTime('UTC') COMMENT 'Date of that catalog'
)
ENGINE = ReplacingMergeTree(catalog_date)
ORDER BY hash
COMMENT 'Policy documents by content'
