-- What was applied to this database. The runner applies this file every time,
-- before it reads the table. The hash is part of the key, so that two programs
-- that applied different files under one number both leave their trace.
CREATE TABLE IF NOT EXISTS schema_migrations
(
    number        UInt32 COMMENT 'Number of the file',
    name          String COMMENT 'Name of the file, without number and extension',
    sha256        String COMMENT 'SHA-256 of the file''s content, hex',
    applied_at    DateTime('UTC') DEFAULT now() COMMENT 'When it was applied'
)
ENGINE = ReplacingMergeTree
ORDER BY (number, sha256)
COMMENT 'Files of schemas/clickhouse that this database has, one row each'
