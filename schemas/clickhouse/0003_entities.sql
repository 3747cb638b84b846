-- What an entity was, once per version. When it was that is in observations.
-- A newer catalog's judgement of the same version replaces an older one's.
-- What a user's groups carry is in the rows of those groups.
CREATE TABLE IF NOT EXISTS entities
(
    account       LowCardinality(String) COMMENT 'AWS account id, 12 digits',
    kind          Enum8('user' = 1, 'group' = 2, 'role' = 3, 'policy' = 4) COMMENT 'Kind of IAM entity',
    entity_id     String COMMENT 'IAM unique id (AIDA…, AGPA…, AROA…, ANPA…)' CODEC(ZSTD(3)),
    version       String COMMENT 'Name of this content: 16 hex digits over everything but usage' CODEC(ZSTD(3)),
    name          String COMMENT 'Name' CODEC(ZSTD(3)),
    path          LowCardinality(String) COMMENT 'IAM path',
    arn           String COMMENT 'ARN; IAM may give it to another entity later' CODEC(ZSTD(3)),
    created_at    Nullable(DateTime('UTC')) COMMENT 'When IAM says that it was created; NULL when it does not say',
    tags          Map(LowCardinality(String), String) COMMENT 'Tags' CODEC(ZSTD(3)),
    policies      Nested(
        source    LowCardinality(String),
        name      String,
        arn       String,
        document  String
    ) COMMENT 'Policies it carries: managed or inline, name, ARN, document hash (empty: document not to be had)',
    groups        Array(String) COMMENT 'Groups that a user is in',
    boundary_arn  String COMMENT 'ARN of the permissions boundary; empty when none' CODEC(ZSTD(3)),
    boundary_document String COMMENT 'Document hash of the boundary' CODEC(ZSTD(3)),
    trust_document String COMMENT 'Document hash of a role''s trust policy' CODEC(ZSTD(3)),
    instance_profiles Array(String) COMMENT 'Instance profiles of a role',
    owner         LowCardinality(String) COMMENT 'customer or aws, for a policy',
    updated_at    Nullable(DateTime('UTC')) COMMENT 'When IAM says that a policy was last changed',
    attachable    Bool COMMENT 'Whether a policy can be attached',
    document      String COMMENT 'Document hash of a policy''s default version' CODEC(ZSTD(3)),
    default_version LowCardinality(String) COMMENT 'Default version id of a policy',
    versions      Nested(
        id          LowCardinality(String),
        is_default  Bool,
        created_at  Nullable(DateTime('UTC')),
        document    String
    ) COMMENT 'Versions of a policy that IAM keeps: id, default or not, creation, document hash',
    access_level  Enum8('None' = 0, 'List' = 1, 'Read' = 2, 'Tagging' = 3, 'Write' = 4, 'Permissions management' = 5) COMMENT 'Highest access level of any action it grants',
    risk_tags     Array(LowCardinality(String)) COMMENT 'Risk tags of its grants and of its trust policy',
    unknown_actions Array(String) COMMENT 'Action patterns that the catalog does not know',
    missing_documents Array(String) COMMENT 'Policies that it carries whose documents were not to be had',
    catalog       LowCardinality(String) COMMENT 'Version of the catalog that judged it',
    catalog_date  DateTime('UTC') COMMENT 'Date of that catalog'
)
ENGINE = ReplacingMergeTree(catalog_date)
ORDER BY (account, kind, entity_id, version)
COMMENT 'Versions of users, groups, roles and policies'
