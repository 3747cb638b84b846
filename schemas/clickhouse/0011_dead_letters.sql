-- The DEAD stream forgets; this table does not.
CREATE TABLE IF NOT EXISTS dead_letters
(
    stage         LowCardinality(String) COMMENT 'Stage that gave up',
    stream        LowCardinality(String) COMMENT 'Stream that the message was in',
    sequence      UInt64 COMMENT 'Its sequence in that stream',
    died_at       DateTime('UTC') COMMENT 'When the stage gave up',
    subject       String COMMENT 'Subject of the message' CODEC(ZSTD(3)),
    reason        String COMMENT 'Why' CODEC(ZSTD(3)),
    deliveries    UInt32 COMMENT 'How often it was delivered',
    headers       Map(String, String) COMMENT 'Its headers' CODEC(ZSTD(3)),
    payload       String COMMENT 'Its payload' CODEC(ZSTD(6))
)
ENGINE = ReplacingMergeTree
ORDER BY (stage, stream, sequence, died_at)
COMMENT 'Messages that could not be processed'
