-- A finding's content, once per version. When it was found is in
-- finding_observations, and over which days in finding_episodes.
CREATE TABLE IF NOT EXISTS findings
(
    account       LowCardinality(String) COMMENT 'AWS account id, 12 digits',
    kind          Enum8('user' = 1, 'group' = 2, 'role' = 3, 'policy' = 4, 'account' = 5) COMMENT 'Kind of the entity',
    entity_id     String COMMENT 'IAM unique id; account id for the account' CODEC(ZSTD(3)),
    finding_id    String COMMENT 'Names the finding over time: 16 hex digits over rule, entity and discriminator' CODEC(ZSTD(3)),
    version       String COMMENT 'Names this content: 16 hex digits' CODEC(ZSTD(3)),
    name          String COMMENT 'Name of the entity' CODEC(ZSTD(3)),
    arn           String COMMENT 'ARN of the entity; empty for the account' CODEC(ZSTD(3)),
    rule          LowCardinality(String) COMMENT 'Id of the rule',
    category      LowCardinality(String) COMMENT 'Category of the rule',
    severity      Enum8('info' = 1, 'low' = 2, 'medium' = 3, 'high' = 4, 'critical' = 5) COMMENT 'How urgent it is',
    title         LowCardinality(String) COMMENT 'Title of the rule',
    actions       Array(LowCardinality(String)) COMMENT 'Actions that make the rule hold, the first few',
    action_count  UInt32 COMMENT 'How many actions make the rule hold' CODEC(T64, ZSTD(1)),
    scope         LowCardinality(String) COMMENT 'Width of the resources',
    is_conditional Bool COMMENT 'Whether it holds only under conditions of statements',
    is_partly_denied Bool COMMENT 'Whether what it needs is denied on some resources or under conditions',
    evidence      Nested(
        document      String,
        policy        String,
        source        LowCardinality(String),
        group         String,
        statement     UInt16,
        sid           String,
        effect        LowCardinality(String),
        actions       Array(LowCardinality(String)),
        scope         LowCardinality(String),
        resources     Array(String),
        not_resources Array(String),
        conditions    String,
        grade         LowCardinality(String),
        note          String
    ) COMMENT 'Statements that it rests on, or that lessen it: document hash, policy ARN or name, how the entity comes by it, index and Sid of the statement, what it says; conditions as JSON',
    target_needs  LowCardinality(String) COMMENT 'What must be there already for it to be of use: role, user, group, policy, function, instance; empty: nothing',
    target_resolved Bool COMMENT 'Whether the account''s own entities decided that',
    target_candidates Array(String) COMMENT 'ARNs within reach, the first few' CODEC(ZSTD(3)),
    target_count  UInt32 COMMENT 'How many are within reach' CODEC(T64, ZSTD(1)),
    includes      Array(LowCardinality(String)) COMMENT 'Rules that hold too and say no more than this one',
    known_to      Array(LowCardinality(String)) COMMENT 'Names that public tools have for it, tool:name',
    reason        LowCardinality(String) COMMENT 'What somebody can do with it, one sentence',
    remedy        LowCardinality(String) COMMENT 'What to do about it, one sentence',
    discriminator String COMMENT 'Tells apart findings of one rule on one entity: the trusted principal, for example' CODEC(ZSTD(3))
)
ENGINE = ReplacingMergeTree
ORDER BY (account, kind, entity_id, finding_id, version)
COMMENT 'Risk rules that held for an entity, with their evidence, one row per version'
