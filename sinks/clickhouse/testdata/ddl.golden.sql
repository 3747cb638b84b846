CREATE VIEW leastwise.account_daily
(
    `account` LowCardinality(String),
    `day` Date,
    `run_id` String,
    `observed_at` DateTime('UTC'),
    `users` UInt32,
    `groups` UInt32,
    `roles` UInt32,
    `customer_policies` UInt32,
    `aws_policies` UInt32,
    `principals` UInt64,
    `principals_none` UInt32,
    `principals_list` UInt32,
    `principals_read` UInt32,
    `principals_tagging` UInt32,
    `principals_write` UInt32,
    `principals_permissions_management` UInt32,
    `admins` UInt64,
    `principals_privilege_escalation` UInt64,
    `principals_credentials` UInt64,
    `principals_data` UInt64,
    `roles_public_or_cross_account_trust` UInt64,
    `roles_unused_90_days` UInt32,
    `users_without_mfa` UInt32,
    `console_users_without_mfa` UInt32,
    `root_without_mfa` UInt32,
    `active_access_keys` UInt32
)
COMMENT 'Counts per account and day, from the latest complete run of that day'
AS SELECT
    account,
    day,
    run_id,
    observed_at,
    users,
    groups,
    roles,
    customer_policies,
    aws_policies,
    users + roles AS principals,
    principals_none,
    principals_list,
    principals_read,
    principals_tagging,
    principals_write,
    principals_permissions_management,
    risk_tags['admin'] AS admins,
    risk_tags['privilege-escalation'] AS principals_privilege_escalation,
    risk_tags['credentials'] AS principals_credentials,
    risk_tags['data'] AS principals_data,
    risk_tags['public-or-cross-account-trust'] AS roles_public_or_cross_account_trust,
    roles_unused_90_days,
    users_without_mfa,
    console_users_without_mfa,
    root_without_mfa,
    active_access_keys
FROM leastwise.run_status
WHERE status = 'complete'
ORDER BY
    observed_at DESC,
    started_at DESC,
    run_id DESC
LIMIT 1 BY
    account,
    day

CREATE VIEW leastwise.account_risk_daily
(
    `account` LowCardinality(String),
    `day` Date,
    `run_id` String,
    `judge` LowCardinality(String),
    `observed_at` DateTime('UTC'),
    `score` Nullable(Float32),
    `critical` UInt32,
    `high` UInt32,
    `medium` UInt32,
    `low` UInt32,
    `info` UInt32,
    `excluded` UInt32,
    `principals` UInt64,
    `escalating` UInt32
)
COMMENT 'Score and findings per account and day, from the latest complete and judged run of that day'
AS SELECT
    account,
    day,
    run_id,
    judge,
    observed_at,
    score,
    critical,
    high,
    medium,
    low,
    info,
    excluded,
    users + roles AS principals,
    escalating
FROM leastwise.run_status
WHERE (status = 'complete') AND is_judged
ORDER BY
    observed_at DESC,
    started_at DESC,
    run_id DESC
LIMIT 1 BY
    account,
    day

CREATE TABLE leastwise.accounts
(
    `account` LowCardinality(String) COMMENT 'AWS account id, 12 digits',
    `day` Date COMMENT 'Day of observed_at, UTC' CODEC(DoubleDelta, ZSTD(1)),
    `run_id` String COMMENT 'Run that saw it' CODEC(ZSTD(3)),
    `observed_at` DateTime('UTC') COMMENT 'Time that the run was scheduled for' CODEC(DoubleDelta, ZSTD(1)),
    `name` String COMMENT 'Name in the organization; empty when unknown',
    `partition` LowCardinality(String) COMMENT 'AWS partition: aws, aws-cn, aws-us-gov',
    `aliases` Array(String) COMMENT 'Account aliases',
    `joined_at` Nullable(DateTime('UTC')) COMMENT 'When it joined the organization',
    `summary` Map(LowCardinality(String), Int64) COMMENT 'IAM GetAccountSummary: entity counts and quotas',
    `organization_id` LowCardinality(String) COMMENT 'Organization that the account belongs to; empty when the source does not say',
    `management_account` LowCardinality(String) COMMENT 'Management account of the organization',
    `controls_state` LowCardinality(String) COMMENT 'Whether the service control policies are known: ok, or how reading them ended',
    `controls_reason` String COMMENT 'Why they are not known',
    `controls.level` Array(UInt8) COMMENT 'Service control policies: level, 0 for the root and on to the account',
    `controls.name` Array(String) COMMENT 'Service control policies: name',
    `controls.arn` Array(String) COMMENT 'Service control policies: ARN',
    `controls.document` Array(String) COMMENT 'Service control policies: document hash'
)
ENGINE = ReplacingMergeTree
ORDER BY (account, day, run_id)
SETTINGS index_granularity = 8192
COMMENT 'Accounts, one row per account and run'

CREATE VIEW leastwise.accounts_current
(
    `account` LowCardinality(String),
    `day` Date,
    `run_id` String,
    `observed_at` DateTime('UTC'),
    `name` String,
    `partition` LowCardinality(String),
    `aliases` Array(String),
    `joined_at` Nullable(DateTime('UTC')),
    `summary` Map(LowCardinality(String), Int64),
    `organization_id` LowCardinality(String),
    `management_account` LowCardinality(String),
    `controls_state` LowCardinality(String),
    `controls_reason` String,
    `controls.level` Array(UInt8),
    `controls.name` Array(String),
    `controls.arn` Array(String),
    `controls.document` Array(String)
)
COMMENT 'Accounts as their latest complete run saw them'
AS SELECT *
FROM leastwise.accounts
FINAL
WHERE (account, day, run_id) IN (
    SELECT
        account,
        day,
        run_id
    FROM leastwise.latest_runs
)

CREATE TABLE leastwise.credentials
(
    `account` LowCardinality(String) COMMENT 'AWS account id, 12 digits',
    `user_id` String COMMENT 'Unique id of the user; root for the root user' CODEC(ZSTD(3)),
    `day` Date COMMENT 'Day of observed_at, UTC' CODEC(DoubleDelta, ZSTD(1)),
    `run_id` String COMMENT 'Run that saw it' CODEC(ZSTD(3)),
    `observed_at` DateTime('UTC') COMMENT 'Time that the run was scheduled for' CODEC(DoubleDelta, ZSTD(1)),
    `user` String COMMENT 'Name of the user' CODEC(ZSTD(3)),
    `arn` String COMMENT 'ARN of the user' CODEC(ZSTD(3)),
    `created_at` Nullable(DateTime('UTC')) COMMENT 'When the user was created',
    `password_enabled` Bool COMMENT 'Whether the user can sign in to the console; false for root, for which IAM does not say',
    `password_last_used_at` Nullable(DateTime('UTC')) COMMENT 'Last sign-in with the password',
    `password_changed_at` Nullable(DateTime('UTC')) COMMENT 'Last change of the password',
    `password_next_rotation` Nullable(DateTime('UTC')) COMMENT 'When the password policy asks for a new one',
    `mfa_active` Bool COMMENT 'Whether an MFA device is enabled',
    `access_keys.slot` Array(UInt8) COMMENT 'Access keys: slot 1 or 2, active, last rotation, last use with region and service',
    `access_keys.active` Array(Bool) COMMENT 'Access keys: slot 1 or 2, active, last rotation, last use with region and service',
    `access_keys.rotated_at` Array(Nullable(DateTime('UTC'))) COMMENT 'Access keys: slot 1 or 2, active, last rotation, last use with region and service',
    `access_keys.last_used_at` Array(Nullable(DateTime('UTC'))) COMMENT 'Access keys: slot 1 or 2, active, last rotation, last use with region and service',
    `access_keys.last_used_region` Array(LowCardinality(String)) COMMENT 'Access keys: slot 1 or 2, active, last rotation, last use with region and service',
    `access_keys.last_used_service` Array(LowCardinality(String)) COMMENT 'Access keys: slot 1 or 2, active, last rotation, last use with region and service',
    `certificates.slot` Array(UInt8) COMMENT 'Signing certificates: slot 1 or 2, active, last rotation',
    `certificates.active` Array(Bool) COMMENT 'Signing certificates: slot 1 or 2, active, last rotation',
    `certificates.rotated_at` Array(Nullable(DateTime('UTC'))) COMMENT 'Signing certificates: slot 1 or 2, active, last rotation'
)
ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMM(day)
ORDER BY (account, user_id, day, run_id)
SETTINGS index_granularity = 8192
COMMENT 'Credential report, one row per user and run'

CREATE VIEW leastwise.credentials_current
(
    `account` LowCardinality(String),
    `user_id` String,
    `day` Date,
    `run_id` String,
    `observed_at` DateTime('UTC'),
    `user` String,
    `arn` String,
    `created_at` Nullable(DateTime('UTC')),
    `password_enabled` Bool,
    `password_last_used_at` Nullable(DateTime('UTC')),
    `password_changed_at` Nullable(DateTime('UTC')),
    `password_next_rotation` Nullable(DateTime('UTC')),
    `mfa_active` Bool,
    `access_keys.slot` Array(UInt8),
    `access_keys.active` Array(Bool),
    `access_keys.rotated_at` Array(Nullable(DateTime('UTC'))),
    `access_keys.last_used_at` Array(Nullable(DateTime('UTC'))),
    `access_keys.last_used_region` Array(LowCardinality(String)),
    `access_keys.last_used_service` Array(LowCardinality(String)),
    `certificates.slot` Array(UInt8),
    `certificates.active` Array(Bool),
    `certificates.rotated_at` Array(Nullable(DateTime('UTC')))
)
COMMENT 'Credential report of the latest complete run of each account'
AS SELECT *
FROM leastwise.credentials
FINAL
WHERE (account, day, run_id) IN (
    SELECT
        account,
        day,
        run_id
    FROM leastwise.latest_runs
)

CREATE TABLE leastwise.dead_letters
(
    `stage` LowCardinality(String) COMMENT 'Stage that gave up',
    `stream` LowCardinality(String) COMMENT 'Stream that the message was in',
    `sequence` UInt64 COMMENT 'Its sequence in that stream',
    `died_at` DateTime('UTC') COMMENT 'When the stage gave up',
    `subject` String COMMENT 'Subject of the message' CODEC(ZSTD(3)),
    `reason` String COMMENT 'Why' CODEC(ZSTD(3)),
    `deliveries` UInt32 COMMENT 'How often it was delivered',
    `headers` Map(String, String) COMMENT 'Its headers' CODEC(ZSTD(3)),
    `payload` String COMMENT 'Its payload' CODEC(ZSTD(6))
)
ENGINE = ReplacingMergeTree
ORDER BY (stage, stream, sequence, died_at)
SETTINGS index_granularity = 8192
COMMENT 'Messages that could not be processed'

CREATE TABLE leastwise.document_grants
(
    `document` String COMMENT 'Document hash' CODEC(ZSTD(1)),
    `service` LowCardinality(String) COMMENT 'Service prefix',
    `list_bound` UInt16 COMMENT 'List actions allowed on named resources only' CODEC(T64, ZSTD(1)),
    `read_bound` UInt16 COMMENT 'Read actions allowed on named resources only' CODEC(T64, ZSTD(1)),
    `tagging_bound` UInt16 COMMENT 'Tagging actions allowed on named resources only' CODEC(T64, ZSTD(1)),
    `write_bound` UInt16 COMMENT 'Write actions allowed on named resources only' CODEC(T64, ZSTD(1)),
    `permissions_management_bound` UInt16 COMMENT 'Permissions management actions allowed on named resources only' CODEC(T64, ZSTD(1)),
    `list_unbound` UInt16 COMMENT 'List actions allowed on every resource' CODEC(T64, ZSTD(1)),
    `read_unbound` UInt16 COMMENT 'Read actions allowed on every resource' CODEC(T64, ZSTD(1)),
    `tagging_unbound` UInt16 COMMENT 'Tagging actions allowed on every resource' CODEC(T64, ZSTD(1)),
    `write_unbound` UInt16 COMMENT 'Write actions allowed on every resource' CODEC(T64, ZSTD(1)),
    `permissions_management_unbound` UInt16 COMMENT 'Permissions management actions allowed on every resource' CODEC(T64, ZSTD(1)),
    `risk_tags` Array(LowCardinality(String)) COMMENT 'Risk tags of the allowed actions',
    `catalog_date` DateTime('UTC') COMMENT 'Date of the catalog that judged it'
)
ENGINE = ReplacingMergeTree(catalog_date)
ORDER BY (document, service)
SETTINGS index_granularity = 8192
COMMENT 'What a document allows, one row per document and service'

CREATE TABLE leastwise.documents
(
    `hash` String COMMENT 'SHA-256 of the content, hex' CODEC(ZSTD(1)),
    `content` String COMMENT 'The document: JSON without white space' CODEC(ZSTD(6)),
    `statements` UInt32 COMMENT 'Number of statements',
    `risk_tags` Array(LowCardinality(String)) COMMENT 'Risk tags of what it allows',
    `condition_keys` Array(LowCardinality(String)) COMMENT 'Condition keys it uses',
    `unknown_actions` Array(String) COMMENT 'Action patterns that the catalog does not know',
    `problems` Array(String) COMMENT 'What is wrong with the document',
    `catalog` LowCardinality(String) COMMENT 'Version of the catalog that judged it',
    `catalog_date` DateTime('UTC') COMMENT 'Date of that catalog'
)
ENGINE = ReplacingMergeTree(catalog_date)
ORDER BY hash
SETTINGS index_granularity = 8192
COMMENT 'Policy documents by content'

CREATE TABLE leastwise.entities
(
    `account` LowCardinality(String) COMMENT 'AWS account id, 12 digits',
    `kind` Enum8('user' = 1, 'group' = 2, 'role' = 3, 'policy' = 4) COMMENT 'Kind of IAM entity',
    `entity_id` String COMMENT 'IAM unique id (AIDA…, AGPA…, AROA…, ANPA…)' CODEC(ZSTD(3)),
    `version` String COMMENT 'Name of this content: 16 hex digits over everything but usage' CODEC(ZSTD(3)),
    `name` String COMMENT 'Name' CODEC(ZSTD(3)),
    `path` LowCardinality(String) COMMENT 'IAM path',
    `arn` String COMMENT 'ARN; IAM may give it to another entity later' CODEC(ZSTD(3)),
    `created_at` Nullable(DateTime('UTC')) COMMENT 'When IAM says that it was created; NULL when it does not say',
    `tags` Map(LowCardinality(String), String) COMMENT 'Tags' CODEC(ZSTD(3)),
    `policies.source` Array(LowCardinality(String)) COMMENT 'Policies it carries: managed or inline, name, ARN, document hash (empty: document not to be had)',
    `policies.name` Array(String) COMMENT 'Policies it carries: managed or inline, name, ARN, document hash (empty: document not to be had)',
    `policies.arn` Array(String) COMMENT 'Policies it carries: managed or inline, name, ARN, document hash (empty: document not to be had)',
    `policies.document` Array(String) COMMENT 'Policies it carries: managed or inline, name, ARN, document hash (empty: document not to be had)',
    `groups` Array(String) COMMENT 'Groups that a user is in',
    `boundary_arn` String COMMENT 'ARN of the permissions boundary; empty when none' CODEC(ZSTD(3)),
    `boundary_document` String COMMENT 'Document hash of the boundary' CODEC(ZSTD(3)),
    `trust_document` String COMMENT 'Document hash of a role\'s trust policy' CODEC(ZSTD(3)),
    `instance_profiles` Array(String) COMMENT 'Instance profiles of a role',
    `owner` LowCardinality(String) COMMENT 'customer or aws, for a policy',
    `updated_at` Nullable(DateTime('UTC')) COMMENT 'When IAM says that a policy was last changed',
    `attachable` Bool COMMENT 'Whether a policy can be attached',
    `document` String COMMENT 'Document hash of a policy\'s default version' CODEC(ZSTD(3)),
    `default_version` LowCardinality(String) COMMENT 'Default version id of a policy',
    `versions.id` Array(LowCardinality(String)) COMMENT 'Versions of a policy that IAM keeps: id, default or not, creation, document hash',
    `versions.is_default` Array(Bool) COMMENT 'Versions of a policy that IAM keeps: id, default or not, creation, document hash',
    `versions.created_at` Array(Nullable(DateTime('UTC'))) COMMENT 'Versions of a policy that IAM keeps: id, default or not, creation, document hash',
    `versions.document` Array(String) COMMENT 'Versions of a policy that IAM keeps: id, default or not, creation, document hash',
    `access_level` Enum8('None' = 0, 'List' = 1, 'Read' = 2, 'Tagging' = 3, 'Write' = 4, 'Permissions management' = 5) COMMENT 'Highest access level of any action it grants',
    `risk_tags` Array(LowCardinality(String)) COMMENT 'Risk tags of its grants and of its trust policy',
    `unknown_actions` Array(String) COMMENT 'Action patterns that the catalog does not know',
    `missing_documents` Array(String) COMMENT 'Policies that it carries whose documents were not to be had',
    `catalog` LowCardinality(String) COMMENT 'Version of the catalog that judged it',
    `catalog_date` DateTime('UTC') COMMENT 'Date of that catalog'
)
ENGINE = ReplacingMergeTree(catalog_date)
ORDER BY (account, kind, entity_id, version)
SETTINGS index_granularity = 8192
COMMENT 'Versions of users, groups, roles and policies'

CREATE VIEW leastwise.entities_as_of
COMMENT 'Entities as the latest complete run of their account at a time saw them'
AS WITH
    latest AS
    (
        SELECT
            account,
            day,
            run_id
        FROM leastwise.run_status
        WHERE (status = 'complete') AND (observed_at <= {at:DateTime('UTC')})
        ORDER BY
            observed_at DESC,
            started_at DESC,
            run_id DESC
        LIMIT 1 BY account
    )
SELECT
    e.*,
    o.run_id AS run_id,
    o.observed_at AS observed_at,
    o.last_used_at AS last_used_at,
    o.last_used_region AS last_used_region,
    o.attachments AS attachments,
    o.boundary_uses AS boundary_uses
FROM leastwise.entities AS e
FINAL
INNER JOIN
(
    SELECT *
    FROM leastwise.observations
    FINAL
    WHERE (account, day, run_id) IN (latest)
) AS o ON (o.account = e.account) AND (o.kind = e.kind) AND (o.entity_id = e.entity_id) AND (o.version = e.version)

CREATE VIEW leastwise.entities_current
(
    `account` LowCardinality(String),
    `kind` Enum8('user' = 1, 'group' = 2, 'role' = 3, 'policy' = 4),
    `entity_id` String,
    `version` String,
    `name` String,
    `path` LowCardinality(String),
    `arn` String,
    `created_at` Nullable(DateTime('UTC')),
    `tags` Map(LowCardinality(String), String),
    `policies.source` Array(LowCardinality(String)),
    `policies.name` Array(String),
    `policies.arn` Array(String),
    `policies.document` Array(String),
    `groups` Array(String),
    `boundary_arn` String,
    `boundary_document` String,
    `trust_document` String,
    `instance_profiles` Array(String),
    `owner` LowCardinality(String),
    `updated_at` Nullable(DateTime('UTC')),
    `attachable` Bool,
    `document` String,
    `default_version` LowCardinality(String),
    `versions.id` Array(LowCardinality(String)),
    `versions.is_default` Array(Bool),
    `versions.created_at` Array(Nullable(DateTime('UTC'))),
    `versions.document` Array(String),
    `access_level` Enum8('None' = 0, 'List' = 1, 'Read' = 2, 'Tagging' = 3, 'Write' = 4, 'Permissions management' = 5),
    `risk_tags` Array(LowCardinality(String)),
    `unknown_actions` Array(String),
    `missing_documents` Array(String),
    `catalog` LowCardinality(String),
    `catalog_date` DateTime('UTC'),
    `run_id` String,
    `observed_at` DateTime('UTC'),
    `last_used_at` Nullable(DateTime('UTC')),
    `last_used_region` LowCardinality(String),
    `attachments` UInt32,
    `boundary_uses` UInt32
)
COMMENT 'Entities as the latest complete run of their account saw them'
AS SELECT
    e.*,
    o.run_id AS run_id,
    o.observed_at AS observed_at,
    o.last_used_at AS last_used_at,
    o.last_used_region AS last_used_region,
    o.attachments AS attachments,
    o.boundary_uses AS boundary_uses
FROM leastwise.entities AS e
FINAL
INNER JOIN leastwise.observations_current AS o ON (o.account = e.account) AND (o.kind = e.kind) AND (o.entity_id = e.entity_id) AND (o.version = e.version)

CREATE TABLE leastwise.escalation_paths
(
    `account` LowCardinality(String) COMMENT 'AWS account id, 12 digits',
    `kind` Enum8('user' = 1, 'group' = 2, 'role' = 3, 'policy' = 4, 'account' = 5) COMMENT 'Kind of the principal; account: it is not of this account',
    `entity_id` String COMMENT 'IAM unique id of the principal; the account id for one of another account' CODEC(ZSTD(3)),
    `source` String COMMENT 'ARN of the principal; from outside also an account id, an identity provider or *' CODEC(ZSTD(3)),
    `day` Date COMMENT 'Day of observed_at, UTC' CODEC(DoubleDelta, ZSTD(1)),
    `run_id` String COMMENT 'Run that was judged' CODEC(ZSTD(3)),
    `judge` LowCardinality(String) COMMENT 'Names catalog, rules, exclusions and options that judged',
    `observed_at` DateTime('UTC') COMMENT 'Time that the run was scheduled for' CODEC(DoubleDelta, ZSTD(1)),
    `target` String COMMENT 'ARN of the administrator that it becomes' CODEC(ZSTD(3)),
    `length` UInt8 COMMENT 'Number of steps; an administrator needs none' CODEC(T64, ZSTD(1)),
    `is_conditional` Bool COMMENT 'Whether some step needs conditions to be met',
    `steps.from` Array(String) COMMENT 'The steps, one after the other: who becomes whom, by which rule, with which actions, the statements that allow it as JSON, whether it needs conditions to be met, what it takes for granted',
    `steps.to` Array(String) COMMENT 'The steps, one after the other: who becomes whom, by which rule, with which actions, the statements that allow it as JSON, whether it needs conditions to be met, what it takes for granted',
    `steps.method` Array(LowCardinality(String)) COMMENT 'The steps, one after the other: who becomes whom, by which rule, with which actions, the statements that allow it as JSON, whether it needs conditions to be met, what it takes for granted',
    `steps.actions` Array(Array(LowCardinality(String))) COMMENT 'The steps, one after the other: who becomes whom, by which rule, with which actions, the statements that allow it as JSON, whether it needs conditions to be met, what it takes for granted',
    `steps.evidence` Array(String) COMMENT 'The steps, one after the other: who becomes whom, by which rule, with which actions, the statements that allow it as JSON, whether it needs conditions to be met, what it takes for granted',
    `steps.is_conditional` Array(Bool) COMMENT 'The steps, one after the other: who becomes whom, by which rule, with which actions, the statements that allow it as JSON, whether it needs conditions to be met, what it takes for granted',
    `steps.note` Array(String) COMMENT 'The steps, one after the other: who becomes whom, by which rule, with which actions, the statements that allow it as JSON, whether it needs conditions to be met, what it takes for granted'
)
ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMM(day)
ORDER BY (account, kind, entity_id, source, day, run_id, judge)
SETTINGS index_granularity = 8192
COMMENT 'Shortest ways to administrator, one row per run, principal and judge'

CREATE VIEW leastwise.escalation_paths_current
(
    `account` LowCardinality(String),
    `kind` Enum8('user' = 1, 'group' = 2, 'role' = 3, 'policy' = 4, 'account' = 5),
    `entity_id` String,
    `source` String,
    `day` Date,
    `run_id` String,
    `judge` LowCardinality(String),
    `observed_at` DateTime('UTC'),
    `target` String,
    `length` UInt8,
    `is_conditional` Bool,
    `steps.from` Array(String),
    `steps.to` Array(String),
    `steps.method` Array(LowCardinality(String)),
    `steps.actions` Array(Array(LowCardinality(String))),
    `steps.evidence` Array(String),
    `steps.is_conditional` Array(Bool),
    `steps.note` Array(String)
)
COMMENT 'Shortest ways to administrator, as of the latest complete and judged run of each account'
AS SELECT *
FROM leastwise.escalation_paths
FINAL
WHERE (account, day, run_id, judge) IN (
    SELECT
        account,
        day,
        run_id,
        judge
    FROM leastwise.latest_judged_runs
)

CREATE VIEW leastwise.finding_episodes
(
    `account` LowCardinality(String),
    `kind` Enum8('user' = 1, 'group' = 2, 'role' = 3, 'policy' = 4, 'account' = 5),
    `entity_id` String,
    `finding_id` String,
    `rule` String,
    `episode` UInt32,
    `first_day` Date,
    `last_day` Date,
    `days` UInt32,
    `is_resolved` Bool,
    `resolved_day` Nullable(Date),
    `version` String,
    `severity` Enum8('info' = 1, 'low' = 2, 'medium' = 3, 'high' = 4, 'critical' = 5)
)
COMMENT 'Over which days each finding was there: first and last day, resolved or not, which time it is'
AS WITH
    looks AS
    (
        SELECT
            account,
            day,
            run_id,
            judge,
            row_number() OVER (PARTITION BY account ORDER BY day ASC) AS look
        FROM leastwise.account_risk_daily
    ),
    found AS
    (
        SELECT
            o.account AS account,
            o.kind AS kind,
            o.entity_id AS entity_id,
            o.finding_id AS finding_id,
            any(o.rule) AS rule,
            arraySort(groupArray((l.look, o.day, o.version, o.severity))) AS seen,
            arraySplit((s, gap) -> (gap > 1), seen, arrayDifference(seen.1)) AS runs
        FROM leastwise.finding_observations AS o
        FINAL
        INNER JOIN looks AS l ON (l.account = o.account) AND (l.day = o.day) AND (l.run_id = o.run_id) AND (l.judge = o.judge)
        GROUP BY
            o.account,
            o.kind,
            o.entity_id,
            o.finding_id
    )
SELECT
    f.account AS account,
    f.kind AS kind,
    f.entity_id AS entity_id,
    f.finding_id AS finding_id,
    f.rule AS rule,
    toUInt32(number) AS episode,
    (episode_runs[1]).2 AS first_day,
    (episode_runs[-1]).2 AS last_day,
    toUInt32(length(episode_runs)) AS days,
    toBool(n.look > 0) AS is_resolved,
    if(is_resolved, n.day, NULL) AS resolved_day,
    (episode_runs[-1]).3 AS version,
    (episode_runs[-1]).4 AS severity
FROM found AS f
ARRAY JOIN
    f.runs AS episode_runs,
    arrayEnumerate(f.runs) AS number
LEFT JOIN looks AS n ON (n.account = f.account) AND (n.look = (((episode_runs[-1]).1) + 1))

CREATE TABLE leastwise.finding_observations
(
    `account` LowCardinality(String) COMMENT 'AWS account id, 12 digits',
    `kind` Enum8('user' = 1, 'group' = 2, 'role' = 3, 'policy' = 4, 'account' = 5) COMMENT 'Kind of the entity',
    `entity_id` String COMMENT 'IAM unique id; account id for the account' CODEC(ZSTD(3)),
    `finding_id` String COMMENT 'Finding' CODEC(ZSTD(3)),
    `day` Date COMMENT 'Day of observed_at, UTC' CODEC(DoubleDelta, ZSTD(1)),
    `run_id` String COMMENT 'Run that was judged' CODEC(ZSTD(3)),
    `judge` LowCardinality(String) COMMENT 'Names catalog, rules, exclusions and options that judged',
    `observed_at` DateTime('UTC') COMMENT 'Time that the run was scheduled for' CODEC(DoubleDelta, ZSTD(1)),
    `version` String COMMENT 'Version of the finding\'s content' CODEC(ZSTD(3)),
    `rule` LowCardinality(String) COMMENT 'Id of the rule',
    `severity` Enum8('info' = 1, 'low' = 2, 'medium' = 3, 'high' = 4, 'critical' = 5) COMMENT 'How urgent it is'
)
ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMM(day)
ORDER BY (account, kind, entity_id, finding_id, day, run_id, judge)
SETTINGS index_granularity = 8192
COMMENT 'Findings by run, one row per run, finding and judge'

CREATE TABLE leastwise.findings
(
    `account` LowCardinality(String) COMMENT 'AWS account id, 12 digits',
    `kind` Enum8('user' = 1, 'group' = 2, 'role' = 3, 'policy' = 4, 'account' = 5) COMMENT 'Kind of the entity',
    `entity_id` String COMMENT 'IAM unique id; account id for the account' CODEC(ZSTD(3)),
    `finding_id` String COMMENT 'Names the finding over time: 16 hex digits over rule, entity and discriminator' CODEC(ZSTD(3)),
    `version` String COMMENT 'Names this content: 16 hex digits' CODEC(ZSTD(3)),
    `name` String COMMENT 'Name of the entity' CODEC(ZSTD(3)),
    `arn` String COMMENT 'ARN of the entity; empty for the account' CODEC(ZSTD(3)),
    `rule` LowCardinality(String) COMMENT 'Id of the rule',
    `category` LowCardinality(String) COMMENT 'Category of the rule',
    `severity` Enum8('info' = 1, 'low' = 2, 'medium' = 3, 'high' = 4, 'critical' = 5) COMMENT 'How urgent it is',
    `title` LowCardinality(String) COMMENT 'Title of the rule',
    `actions` Array(LowCardinality(String)) COMMENT 'Actions that make the rule hold, the first few',
    `action_count` UInt32 COMMENT 'How many actions make the rule hold' CODEC(T64, ZSTD(1)),
    `scope` LowCardinality(String) COMMENT 'Width of the resources',
    `is_conditional` Bool COMMENT 'Whether it holds only under conditions of statements',
    `is_partly_denied` Bool COMMENT 'Whether what it needs is denied on some resources or under conditions',
    `evidence.document` Array(String) COMMENT 'Statements that it rests on, or that lessen it: document hash, policy ARN or name, how the entity comes by it, index and Sid of the statement, what it says; conditions as JSON',
    `evidence.policy` Array(String) COMMENT 'Statements that it rests on, or that lessen it: document hash, policy ARN or name, how the entity comes by it, index and Sid of the statement, what it says; conditions as JSON',
    `evidence.source` Array(LowCardinality(String)) COMMENT 'Statements that it rests on, or that lessen it: document hash, policy ARN or name, how the entity comes by it, index and Sid of the statement, what it says; conditions as JSON',
    `evidence.group` Array(String) COMMENT 'Statements that it rests on, or that lessen it: document hash, policy ARN or name, how the entity comes by it, index and Sid of the statement, what it says; conditions as JSON',
    `evidence.statement` Array(UInt16) COMMENT 'Statements that it rests on, or that lessen it: document hash, policy ARN or name, how the entity comes by it, index and Sid of the statement, what it says; conditions as JSON',
    `evidence.sid` Array(String) COMMENT 'Statements that it rests on, or that lessen it: document hash, policy ARN or name, how the entity comes by it, index and Sid of the statement, what it says; conditions as JSON',
    `evidence.effect` Array(LowCardinality(String)) COMMENT 'Statements that it rests on, or that lessen it: document hash, policy ARN or name, how the entity comes by it, index and Sid of the statement, what it says; conditions as JSON',
    `evidence.actions` Array(Array(LowCardinality(String))) COMMENT 'Statements that it rests on, or that lessen it: document hash, policy ARN or name, how the entity comes by it, index and Sid of the statement, what it says; conditions as JSON',
    `evidence.scope` Array(LowCardinality(String)) COMMENT 'Statements that it rests on, or that lessen it: document hash, policy ARN or name, how the entity comes by it, index and Sid of the statement, what it says; conditions as JSON',
    `evidence.resources` Array(Array(String)) COMMENT 'Statements that it rests on, or that lessen it: document hash, policy ARN or name, how the entity comes by it, index and Sid of the statement, what it says; conditions as JSON',
    `evidence.not_resources` Array(Array(String)) COMMENT 'Statements that it rests on, or that lessen it: document hash, policy ARN or name, how the entity comes by it, index and Sid of the statement, what it says; conditions as JSON',
    `evidence.conditions` Array(String) COMMENT 'Statements that it rests on, or that lessen it: document hash, policy ARN or name, how the entity comes by it, index and Sid of the statement, what it says; conditions as JSON',
    `evidence.grade` Array(LowCardinality(String)) COMMENT 'Statements that it rests on, or that lessen it: document hash, policy ARN or name, how the entity comes by it, index and Sid of the statement, what it says; conditions as JSON',
    `evidence.note` Array(String) COMMENT 'Statements that it rests on, or that lessen it: document hash, policy ARN or name, how the entity comes by it, index and Sid of the statement, what it says; conditions as JSON',
    `target_needs` LowCardinality(String) COMMENT 'What must be there already for it to be of use: role, user, group, policy, function, instance; empty: nothing',
    `target_resolved` Bool COMMENT 'Whether the account\'s own entities decided that',
    `target_candidates` Array(String) COMMENT 'ARNs within reach, the first few' CODEC(ZSTD(3)),
    `target_count` UInt32 COMMENT 'How many are within reach' CODEC(T64, ZSTD(1)),
    `includes` Array(LowCardinality(String)) COMMENT 'Rules that hold too and say no more than this one',
    `known_to` Array(LowCardinality(String)) COMMENT 'Names that public tools have for it, tool:name',
    `reason` LowCardinality(String) COMMENT 'What somebody can do with it, one sentence',
    `remedy` LowCardinality(String) COMMENT 'What to do about it, one sentence',
    `discriminator` String COMMENT 'Tells apart findings of one rule on one entity: the trusted principal, for example' CODEC(ZSTD(3))
)
ENGINE = ReplacingMergeTree
ORDER BY (account, kind, entity_id, finding_id, version)
SETTINGS index_granularity = 8192
COMMENT 'Risk rules that held for an entity, with their evidence, one row per version'

CREATE VIEW leastwise.findings_as_of
COMMENT 'Findings of the latest complete and judged run of each account at a time'
AS WITH
    latest AS
    (
        SELECT
            account,
            day,
            run_id,
            judge
        FROM leastwise.run_status
        WHERE (status = 'complete') AND is_judged AND (observed_at <= {at:DateTime('UTC')})
        ORDER BY
            observed_at DESC,
            started_at DESC,
            run_id DESC
        LIMIT 1 BY account
    )
SELECT
    f.*,
    o.run_id AS run_id,
    o.observed_at AS observed_at
FROM leastwise.findings AS f
FINAL
INNER JOIN
(
    SELECT
        account,
        kind,
        entity_id,
        finding_id,
        version,
        run_id,
        observed_at
    FROM leastwise.finding_observations
    FINAL
    WHERE (account, day, run_id, judge) IN (latest)
) AS o ON (o.account = f.account) AND (o.kind = f.kind) AND (o.entity_id = f.entity_id) AND (o.finding_id = f.finding_id) AND (o.version = f.version)

CREATE VIEW leastwise.findings_current
(
    `account` LowCardinality(String),
    `kind` Enum8('user' = 1, 'group' = 2, 'role' = 3, 'policy' = 4, 'account' = 5),
    `entity_id` String,
    `finding_id` String,
    `version` String,
    `name` String,
    `arn` String,
    `rule` LowCardinality(String),
    `category` LowCardinality(String),
    `severity` Enum8('info' = 1, 'low' = 2, 'medium' = 3, 'high' = 4, 'critical' = 5),
    `title` LowCardinality(String),
    `actions` Array(LowCardinality(String)),
    `action_count` UInt32,
    `scope` LowCardinality(String),
    `is_conditional` Bool,
    `is_partly_denied` Bool,
    `evidence.document` Array(String),
    `evidence.policy` Array(String),
    `evidence.source` Array(LowCardinality(String)),
    `evidence.group` Array(String),
    `evidence.statement` Array(UInt16),
    `evidence.sid` Array(String),
    `evidence.effect` Array(LowCardinality(String)),
    `evidence.actions` Array(Array(LowCardinality(String))),
    `evidence.scope` Array(LowCardinality(String)),
    `evidence.resources` Array(Array(String)),
    `evidence.not_resources` Array(Array(String)),
    `evidence.conditions` Array(String),
    `evidence.grade` Array(LowCardinality(String)),
    `evidence.note` Array(String),
    `target_needs` LowCardinality(String),
    `target_resolved` Bool,
    `target_candidates` Array(String),
    `target_count` UInt32,
    `includes` Array(LowCardinality(String)),
    `known_to` Array(LowCardinality(String)),
    `reason` LowCardinality(String),
    `remedy` LowCardinality(String),
    `discriminator` String,
    `run_id` String,
    `observed_at` DateTime('UTC')
)
COMMENT 'Findings of the latest complete and judged run of each account'
AS SELECT
    f.*,
    o.run_id AS run_id,
    o.observed_at AS observed_at
FROM leastwise.findings AS f
FINAL
INNER JOIN
(
    SELECT
        account,
        kind,
        entity_id,
        finding_id,
        version,
        run_id,
        observed_at
    FROM leastwise.finding_observations
    FINAL
    WHERE (account, day, run_id, judge) IN (
        SELECT
            account,
            day,
            run_id,
            judge
        FROM leastwise.latest_judged_runs
    )
) AS o ON (o.account = f.account) AND (o.kind = f.kind) AND (o.entity_id = f.entity_id) AND (o.finding_id = f.finding_id) AND (o.version = f.version)

CREATE TABLE leastwise.grants
(
    `account` LowCardinality(String) COMMENT 'AWS account id, 12 digits',
    `kind` Enum8('user' = 1, 'group' = 2, 'role' = 3, 'policy' = 4) COMMENT 'Kind of IAM entity',
    `entity_id` String COMMENT 'IAM unique id' CODEC(ZSTD(3)),
    `version` String COMMENT 'Version of the entity\'s content' CODEC(ZSTD(3)),
    `service` LowCardinality(String) COMMENT 'Service prefix',
    `list_bound` UInt16 COMMENT 'List actions allowed on named resources only' CODEC(T64, ZSTD(1)),
    `read_bound` UInt16 COMMENT 'Read actions allowed on named resources only' CODEC(T64, ZSTD(1)),
    `tagging_bound` UInt16 COMMENT 'Tagging actions allowed on named resources only' CODEC(T64, ZSTD(1)),
    `write_bound` UInt16 COMMENT 'Write actions allowed on named resources only' CODEC(T64, ZSTD(1)),
    `permissions_management_bound` UInt16 COMMENT 'Permissions management actions allowed on named resources only' CODEC(T64, ZSTD(1)),
    `list_unbound` UInt16 COMMENT 'List actions allowed on every resource' CODEC(T64, ZSTD(1)),
    `read_unbound` UInt16 COMMENT 'Read actions allowed on every resource' CODEC(T64, ZSTD(1)),
    `tagging_unbound` UInt16 COMMENT 'Tagging actions allowed on every resource' CODEC(T64, ZSTD(1)),
    `write_unbound` UInt16 COMMENT 'Write actions allowed on every resource' CODEC(T64, ZSTD(1)),
    `permissions_management_unbound` UInt16 COMMENT 'Permissions management actions allowed on every resource' CODEC(T64, ZSTD(1)),
    `risk_tags` Array(LowCardinality(String)) COMMENT 'Risk tags of the allowed actions',
    `catalog_date` DateTime('UTC') COMMENT 'Date of the catalog that judged it'
)
ENGINE = ReplacingMergeTree(catalog_date)
ORDER BY (account, kind, entity_id, version, service)
SETTINGS index_granularity = 8192
COMMENT 'Effective grants, one row per version of an entity and service'

CREATE VIEW leastwise.grants_current
(
    `account` LowCardinality(String),
    `kind` Enum8('user' = 1, 'group' = 2, 'role' = 3, 'policy' = 4),
    `entity_id` String,
    `version` String,
    `service` LowCardinality(String),
    `list_bound` UInt16,
    `read_bound` UInt16,
    `tagging_bound` UInt16,
    `write_bound` UInt16,
    `permissions_management_bound` UInt16,
    `list_unbound` UInt16,
    `read_unbound` UInt16,
    `tagging_unbound` UInt16,
    `write_unbound` UInt16,
    `permissions_management_unbound` UInt16,
    `risk_tags` Array(LowCardinality(String)),
    `catalog_date` DateTime('UTC'),
    `run_id` String,
    `observed_at` DateTime('UTC')
)
COMMENT 'Effective grants of the entities that are there'
AS SELECT
    g.*,
    e.run_id AS run_id,
    e.observed_at AS observed_at
FROM leastwise.grants AS g
FINAL
INNER JOIN
(
    SELECT
        o.account AS account,
        o.kind AS kind,
        o.entity_id AS entity_id,
        o.version AS version,
        o.run_id AS run_id,
        o.observed_at AS observed_at,
        e.catalog_date AS catalog_date
    FROM
    (
        SELECT
            account,
            kind,
            entity_id,
            version,
            catalog_date
        FROM leastwise.entities
        FINAL
    ) AS e
    INNER JOIN leastwise.observations_current AS o ON (o.account = e.account) AND (o.kind = e.kind) AND (o.entity_id = e.entity_id) AND (o.version = e.version)
) AS e ON (e.account = g.account) AND (e.kind = g.kind) AND (e.entity_id = g.entity_id) AND (e.version = g.version) AND (e.catalog_date = g.catalog_date)

CREATE TABLE leastwise.judgement_seals
(
    `account` LowCardinality(String) COMMENT 'AWS account id, 12 digits',
    `day` Date COMMENT 'Day of the run, UTC' CODEC(DoubleDelta, ZSTD(1)),
    `run_id` String COMMENT 'Run' CODEC(ZSTD(3)),
    `judge` LowCardinality(String) COMMENT 'Who judged it',
    `received` UInt32 COMMENT 'Judgements received' CODEC(T64, ZSTD(1)),
    `sealed_at` DateTime('UTC') DEFAULT now() COMMENT 'When they were counted'
)
ENGINE = ReplacingMergeTree(sealed_at)
ORDER BY (account, day, run_id, judge)
SETTINGS index_granularity = 8192
COMMENT 'Judgements of runs, counted; one row per run and judge'

CREATE MATERIALIZED VIEW leastwise.judgement_seals_seal
REFRESH EVERY 1 MINUTE APPEND TO leastwise.judgement_seals
(
    `account` LowCardinality(String),
    `day` Date,
    `run_id` String,
    `judge` LowCardinality(String),
    `received` UInt32
)
DEFINER = … SQL SECURITY DEFINER
COMMENT 'Seals the judgements of runs that have arrived'
AS SELECT
    account,
    day,
    run_id,
    judge,
    received
FROM leastwise.run_judgements
WHERE (NOT is_sealed) AND (received = judgements)

CREATE TABLE leastwise.judgements
(
    `account` LowCardinality(String) COMMENT 'AWS account id, 12 digits',
    `day` Date COMMENT 'Day of observed_at, UTC' CODEC(DoubleDelta, ZSTD(1)),
    `run_id` String COMMENT 'Run that was judged' CODEC(ZSTD(3)),
    `judge` LowCardinality(String) COMMENT 'Names catalog, rules, exclusions and options that judged: 16 hex digits',
    `observed_at` DateTime('UTC') COMMENT 'Time that the run was scheduled for' CODEC(DoubleDelta, ZSTD(1)),
    `judged_at` DateTime('UTC') COMMENT 'When it was judged',
    `catalog` LowCardinality(String) COMMENT 'Version of the catalog that judged it',
    `catalog_date` DateTime('UTC') COMMENT 'Date of that catalog',
    `judgements` UInt32 COMMENT 'Judgements of the run: one per user, group, role and policy, and the account\'s' CODEC(T64, ZSTD(1)),
    `score` Nullable(Float32) COMMENT 'Least-privilege score of the account, 0 to 100; NULL where it is not known what was used' CODEC(ZSTD(1)),
    `critical` UInt32 COMMENT 'Critical findings in the account' CODEC(T64, ZSTD(1)),
    `high` UInt32 COMMENT 'Findings of high severity' CODEC(T64, ZSTD(1)),
    `medium` UInt32 COMMENT 'Findings of medium severity' CODEC(T64, ZSTD(1)),
    `low` UInt32 COMMENT 'Findings of low severity' CODEC(T64, ZSTD(1)),
    `info` UInt32 COMMENT 'Findings that only inform' CODEC(T64, ZSTD(1)),
    `excluded` UInt32 COMMENT 'Findings that are excluded from judgement' CODEC(T64, ZSTD(1)),
    `escalating` UInt32 COMMENT 'Users and roles that can make themselves administrator' CODEC(T64, ZSTD(1))
)
ENGINE = ReplacingMergeTree(judged_at)
ORDER BY (account, day, run_id, judge)
SETTINGS index_granularity = 8192
COMMENT 'What the risk rules say of each run, one row per run and judge'

CREATE TABLE leastwise.last_accessed
(
    `account` LowCardinality(String) COMMENT 'AWS account id, 12 digits',
    `kind` Enum8('user' = 1, 'group' = 2, 'role' = 3, 'policy' = 4) COMMENT 'Kind of IAM entity',
    `entity_id` String COMMENT 'IAM unique id' CODEC(ZSTD(3)),
    `service` LowCardinality(String) COMMENT 'Service prefix',
    `action` LowCardinality(String) COMMENT 'Action; empty for the service as a whole',
    `last_accessed_at` DateTime('UTC') COMMENT 'Last attempt that IAM saw; 1970-01-01 00:00:00 when none in its tracking period' CODEC(Delta(4), ZSTD(1)),
    `region` SimpleAggregateFunction(max, LowCardinality(String)) COMMENT 'Region of that attempt',
    `accessed_by` SimpleAggregateFunction(max, String) COMMENT 'ARN of who attempted it, for a group or a policy' CODEC(ZSTD(3)),
    `entities` SimpleAggregateFunction(max, UInt32) COMMENT 'Entities that attempted it, for a group or a policy; 0 for an action' CODEC(T64, ZSTD(1)),
    `first_seen_at` SimpleAggregateFunction(min, DateTime('UTC')) COMMENT 'First run that reported this value',
    `last_seen_at` SimpleAggregateFunction(max, DateTime('UTC')) COMMENT 'Last run that reported this value'
)
ENGINE = AggregatingMergeTree
ORDER BY (account, kind, entity_id, service, action, last_accessed_at)
SETTINGS index_granularity = 8192
COMMENT 'Last access per entity and service or action, one row per value'

CREATE VIEW leastwise.last_accessed_current
(
    `account` LowCardinality(String),
    `kind` Enum8('user' = 1, 'group' = 2, 'role' = 3, 'policy' = 4),
    `entity_id` String,
    `service` LowCardinality(String),
    `action` LowCardinality(String),
    `last_accessed_at` Nullable(DateTime('UTC')),
    `region` SimpleAggregateFunction(max, LowCardinality(String)),
    `accessed_by` SimpleAggregateFunction(max, String),
    `entities` SimpleAggregateFunction(max, UInt32),
    `first_seen_at` SimpleAggregateFunction(min, DateTime('UTC')),
    `last_seen_at` SimpleAggregateFunction(max, DateTime('UTC'))
)
COMMENT 'Last access per entity and service or action; NULL: none in the tracking period'
AS SELECT
    a.account AS account,
    a.kind AS kind,
    a.entity_id AS entity_id,
    a.service AS service,
    a.action AS action,
    if(a.last_accessed_at = toDateTime(0, 'UTC'), NULL, a.last_accessed_at) AS last_accessed_at,
    a.region AS region,
    a.accessed_by AS accessed_by,
    a.entities AS entities,
    a.first_seen_at AS first_seen_at,
    a.last_seen_at AS last_seen_at
FROM
(
    SELECT *
    FROM leastwise.last_accessed
    FINAL
) AS a
INNER JOIN
(
    SELECT
        account,
        observed_at
    FROM leastwise.latest_runs
) AS r ON r.account = a.account
WHERE (a.first_seen_at <= r.observed_at) AND (a.last_seen_at >= r.observed_at)
ORDER BY
    a.account ASC,
    a.kind ASC,
    a.entity_id ASC,
    a.service ASC,
    a.action ASC,
    a.first_seen_at DESC,
    a.last_accessed_at DESC
LIMIT 1 BY
    a.account,
    a.kind,
    a.entity_id,
    a.service,
    a.action

CREATE VIEW leastwise.latest_judged_runs
(
    `account` LowCardinality(String),
    `day` Date,
    `run_id` String,
    `judge` LowCardinality(String),
    `observed_at` DateTime('UTC'),
    `started_at` DateTime('UTC')
)
COMMENT 'Latest complete and judged run of each account'
AS SELECT
    account,
    day,
    run_id,
    judge,
    observed_at,
    started_at
FROM leastwise.run_status
WHERE (status = 'complete') AND is_judged
ORDER BY
    observed_at DESC,
    started_at DESC,
    run_id DESC
LIMIT 1 BY account

CREATE VIEW leastwise.latest_runs
(
    `account` LowCardinality(String),
    `day` Date,
    `run_id` String,
    `observed_at` DateTime('UTC'),
    `source` LowCardinality(String),
    `started_at` DateTime('UTC'),
    `ended_at` Nullable(DateTime('UTC')),
    `received` Map(String, UInt64),
    `calls` Map(LowCardinality(String), UInt64)
)
COMMENT 'Latest complete run of each account'
AS SELECT
    account,
    day,
    run_id,
    observed_at,
    source,
    started_at,
    ended_at,
    received,
    calls
FROM leastwise.run_status
WHERE status = 'complete'
ORDER BY
    observed_at DESC,
    started_at DESC,
    run_id DESC
LIMIT 1 BY account

CREATE TABLE leastwise.observations
(
    `account` LowCardinality(String) COMMENT 'AWS account id, 12 digits',
    `kind` Enum8('user' = 1, 'group' = 2, 'role' = 3, 'policy' = 4, 'account' = 5, 'access' = 6, 'credential' = 7) COMMENT 'Kind of event',
    `entity_id` String COMMENT 'IAM unique id; account id for an account; root for the root user\'s credentials' CODEC(ZSTD(3)),
    `day` Date COMMENT 'Day of observed_at, UTC' CODEC(DoubleDelta, ZSTD(1)),
    `run_id` String COMMENT 'Run that saw it' CODEC(ZSTD(3)),
    `observed_at` DateTime('UTC') COMMENT 'Time that the run was scheduled for' CODEC(DoubleDelta, ZSTD(1)),
    `version` String COMMENT 'Version of the entity\'s content; empty for other kinds' CODEC(ZSTD(3)),
    `created_at` Nullable(DateTime('UTC')) COMMENT 'When the entity was created; NULL when IAM does not say' CODEC(ZSTD(1)),
    `owner` LowCardinality(String) COMMENT 'customer or aws, for a policy',
    `access_level` Enum8('None' = 0, 'List' = 1, 'Read' = 2, 'Tagging' = 3, 'Write' = 4, 'Permissions management' = 5) COMMENT 'Highest access level of any action it grants',
    `risk_tags` Array(LowCardinality(String)) COMMENT 'Risk tags' CODEC(ZSTD(3)),
    `last_used_at` Nullable(DateTime('UTC')) COMMENT 'Role: last use. Credential: last use of password or key. NULL: none known' CODEC(ZSTD(1)),
    `last_used_region` LowCardinality(String) COMMENT 'Role: region of its last use',
    `attachments` UInt32 COMMENT 'Policy: number of entities it is attached to' CODEC(T64, ZSTD(1)),
    `boundary_uses` UInt32 COMMENT 'Policy: number of entities it is the permissions boundary of' CODEC(T64, ZSTD(1)),
    `granularity` LowCardinality(String) COMMENT 'Access: SERVICE_LEVEL or ACTION_LEVEL',
    `state` LowCardinality(String) COMMENT 'Access: how the report ended (ok, failed, timed_out, throttled, truncated, access_denied, not_collected)',
    `reason` String COMMENT 'Access: why it did not end well' CODEC(ZSTD(3)),
    `catalog_date` DateTime('UTC') COMMENT 'Date of the catalog that judged it; 1970-01-01 for what no catalog judges' CODEC(DoubleDelta, ZSTD(1))
)
ENGINE = ReplacingMergeTree(catalog_date)
PARTITION BY toYYYYMM(day)
ORDER BY (account, kind, entity_id, day, run_id)
SETTINGS index_granularity = 8192
COMMENT 'What each run saw, one row per run and entity'

CREATE VIEW leastwise.observations_current
(
    `account` LowCardinality(String),
    `kind` Enum8('user' = 1, 'group' = 2, 'role' = 3, 'policy' = 4, 'account' = 5, 'access' = 6, 'credential' = 7),
    `entity_id` String,
    `day` Date,
    `run_id` String,
    `observed_at` DateTime('UTC'),
    `version` String,
    `created_at` Nullable(DateTime('UTC')),
    `owner` LowCardinality(String),
    `access_level` Enum8('None' = 0, 'List' = 1, 'Read' = 2, 'Tagging' = 3, 'Write' = 4, 'Permissions management' = 5),
    `risk_tags` Array(LowCardinality(String)),
    `last_used_at` Nullable(DateTime('UTC')),
    `last_used_region` LowCardinality(String),
    `attachments` UInt32,
    `boundary_uses` UInt32,
    `granularity` LowCardinality(String),
    `state` LowCardinality(String),
    `reason` String,
    `catalog_date` DateTime('UTC')
)
COMMENT 'Observations of the latest complete run of each account'
AS SELECT *
FROM leastwise.observations
FINAL
WHERE (account, day, run_id) IN (
    SELECT
        account,
        day,
        run_id
    FROM leastwise.latest_runs
)

CREATE VIEW leastwise.organization_daily
(
    `day` Date,
    `accounts` UInt64,
    `accounts_incomplete` UInt64,
    `users` UInt64,
    `groups` UInt64,
    `roles` UInt64,
    `customer_policies` UInt64,
    `aws_policies` UInt64,
    `principals` UInt64,
    `principals_none` UInt64,
    `principals_list` UInt64,
    `principals_read` UInt64,
    `principals_tagging` UInt64,
    `principals_write` UInt64,
    `principals_permissions_management` UInt64,
    `admins` UInt64,
    `principals_privilege_escalation` UInt64,
    `principals_credentials` UInt64,
    `principals_data` UInt64,
    `roles_public_or_cross_account_trust` UInt64,
    `roles_unused_90_days` UInt64,
    `users_without_mfa` UInt64,
    `console_users_without_mfa` UInt64,
    `roots_without_mfa` UInt64,
    `active_access_keys` UInt64
)
COMMENT 'Counts per day over the accounts with a complete run on it'
AS SELECT
    day,
    countIf(complete) AS accounts,
    countIf(NOT complete) AS accounts_incomplete,
    sumIf(users, complete) AS users,
    sumIf(groups, complete) AS groups,
    sumIf(roles, complete) AS roles,
    sumIf(customer_policies, complete) AS customer_policies,
    sumIf(aws_policies, complete) AS aws_policies,
    users + roles AS principals,
    sumIf(principals_none, complete) AS principals_none,
    sumIf(principals_list, complete) AS principals_list,
    sumIf(principals_read, complete) AS principals_read,
    sumIf(principals_tagging, complete) AS principals_tagging,
    sumIf(principals_write, complete) AS principals_write,
    sumIf(principals_permissions_management, complete) AS principals_permissions_management,
    sumIf(risk_tags['admin'], complete) AS admins,
    sumIf(risk_tags['privilege-escalation'], complete) AS principals_privilege_escalation,
    sumIf(risk_tags['credentials'], complete) AS principals_credentials,
    sumIf(risk_tags['data'], complete) AS principals_data,
    sumIf(risk_tags['public-or-cross-account-trust'], complete) AS roles_public_or_cross_account_trust,
    sumIf(roles_unused_90_days, complete) AS roles_unused_90_days,
    sumIf(users_without_mfa, complete) AS users_without_mfa,
    sumIf(console_users_without_mfa, complete) AS console_users_without_mfa,
    sumIf(root_without_mfa, complete) AS roots_without_mfa,
    sumIf(active_access_keys, complete) AS active_access_keys
FROM
(
    SELECT
        *,
        status = 'complete' AS complete
    FROM leastwise.run_status
    ORDER BY
        complete DESC,
        observed_at DESC,
        started_at DESC,
        run_id DESC
    LIMIT 1 BY
        account,
        day
)
GROUP BY day

CREATE VIEW leastwise.organization_risk_daily
(
    `day` Date,
    `accounts` UInt64,
    `score` Nullable(Float64),
    `critical` UInt64,
    `high` UInt64,
    `medium` UInt64,
    `low` UInt64,
    `info` UInt64,
    `excluded` UInt64,
    `principals` UInt64,
    `escalating` UInt64
)
COMMENT 'Score and findings per day over the accounts with a complete and judged run on it'
AS SELECT
    day,
    count() AS accounts,
    sumIf(d.score * d.principals, d.score IS NOT NULL) / nullIf(sumIf(d.principals, d.score IS NOT NULL), 0) AS score,
    sum(d.critical) AS critical,
    sum(d.high) AS high,
    sum(d.medium) AS medium,
    sum(d.low) AS low,
    sum(d.info) AS info,
    sum(d.excluded) AS excluded,
    sum(d.principals) AS principals,
    sum(d.escalating) AS escalating
FROM leastwise.account_risk_daily AS d
GROUP BY day

CREATE VIEW leastwise.run_judgements
(
    `account` LowCardinality(String),
    `day` Date,
    `run_id` String,
    `judge` LowCardinality(String),
    `observed_at` DateTime('UTC'),
    `judged_at` DateTime('UTC'),
    `catalog` LowCardinality(String),
    `catalog_date` DateTime('UTC'),
    `judgements` UInt32,
    `score` Nullable(Float32),
    `critical` UInt32,
    `high` UInt32,
    `medium` UInt32,
    `low` UInt32,
    `info` UInt32,
    `excluded` UInt32,
    `escalating` UInt32,
    `is_sealed` UInt8,
    `received` UInt32
)
COMMENT 'What the risk rules say of each run, and how much of it arrived'
AS WITH
    holding AS
    (
        SELECT *
        FROM leastwise.judgements
        FINAL
        ORDER BY
            catalog_date DESC,
            judged_at DESC,
            judge DESC
        LIMIT 1 BY
            account,
            day,
            run_id
    ),
    unsealed AS
    (
        SELECT
            account,
            day,
            run_id,
            judge
        FROM holding
        WHERE (account, day, run_id, judge, judgements) NOT IN (
            SELECT
                account,
                day,
                run_id,
                judge,
                received
            FROM leastwise.judgement_seals
            FINAL
        )
    ),
    counted AS
    (
        SELECT
            account,
            day,
            run_id,
            judge,
            toUInt32(count()) AS received
        FROM leastwise.scores
        FINAL
        WHERE (account, day, run_id, judge) IN (unsealed)
        GROUP BY
            account,
            day,
            run_id,
            judge
    )
SELECT
    h.*,
    (h.account, h.day, h.run_id, h.judge) NOT IN (unsealed) AS is_sealed,
    if(is_sealed, h.judgements, c.received) AS received
FROM holding AS h
LEFT JOIN counted AS c ON (c.account = h.account) AND (c.day = h.day) AND (c.run_id = h.run_id) AND (c.judge = h.judge)

CREATE VIEW leastwise.run_status
(
    `account` LowCardinality(String),
    `day` Date,
    `run_id` String,
    `observed_at` DateTime('UTC'),
    `status` String,
    `reason` String,
    `source` LowCardinality(String),
    `started_at` DateTime('UTC'),
    `ended_at` Nullable(DateTime('UTC')),
    `expected` Map(LowCardinality(String), UInt64),
    `received` Map(String, UInt64),
    `is_whole` UInt8,
    `problems.part` Array(LowCardinality(String)),
    `problems.state` Array(LowCardinality(String)),
    `problems.reason` Array(String),
    `problems.count` Array(UInt64),
    `calls` Map(LowCardinality(String), UInt64),
    `users` UInt32,
    `groups` UInt32,
    `roles` UInt32,
    `customer_policies` UInt32,
    `aws_policies` UInt32,
    `principals_none` UInt32,
    `principals_list` UInt32,
    `principals_read` UInt32,
    `principals_tagging` UInt32,
    `principals_write` UInt32,
    `principals_permissions_management` UInt32,
    `risk_tags` Map(String, UInt64),
    `roles_unused_90_days` UInt32,
    `users_without_mfa` UInt32,
    `console_users_without_mfa` UInt32,
    `root_without_mfa` UInt32,
    `active_access_keys` UInt32,
    `is_judged` Bool,
    `judge` LowCardinality(String),
    `judgements` UInt32,
    `judgements_received` UInt32,
    `score` Nullable(Float32),
    `critical` UInt32,
    `high` UInt32,
    `medium` UInt32,
    `low` UInt32,
    `info` UInt32,
    `excluded` UInt32,
    `escalating` UInt32
)
COMMENT 'Runs with their verdict (complete, partial, failed or running), what they saw, and whether it was judged'
AS WITH
    newest AS
    (
        SELECT
            account,
            max((started_at, run_id)) AS started
        FROM leastwise.runs
        FINAL
        GROUP BY account
    )
SELECT
    r.account AS account,
    r.day AS day,
    r.run_id AS run_id,
    r.observed_at AS observed_at,
    multiIf((NOT r.closed) AND ((r.started_at, r.run_id) < n.started), 'failed', (NOT r.closed) AND (r.started_at < (now('UTC') - toIntervalDay(2))), 'failed', NOT r.closed, 'running', r.collector_status = 'failed', 'failed', (r.collector_status = 'complete') AND is_whole, 'complete', 'partial') AS status,
    multiIf(r.reason != '', r.reason, (NOT r.closed) AND (status = 'failed'), 'the collector never closed this run', r.closed AND (NOT is_whole), 'received counts differ from expected counts', arrayStringConcat(arrayMap((part, state, count) -> concat(part, ' ', state, ' (', toString(count), ')'), r.problems.part, r.problems.state, r.problems.count), ', ')) AS reason,
    r.source AS source,
    r.started_at AS started_at,
    r.ended_at AS ended_at,
    r.expected AS expected,
    t.received AS received,
    r.expected_hash = cityHash64(t.received) AS is_whole,
    r.problems.part AS `problems.part`,
    r.problems.state AS `problems.state`,
    r.problems.reason AS `problems.reason`,
    r.problems.count AS `problems.count`,
    r.calls AS calls,
    t.* EXCEPT (account, day, run_id, received, is_sealed),
    toBool(r.closed AND (j.received = j.judgements) AND (j.judgements = (((((r.expected['user']) + (r.expected['group'])) + (r.expected['role'])) + (r.expected['policy'])) + 1))) AS is_judged,
    j.judge AS judge,
    j.judgements AS judgements,
    j.received AS judgements_received,
    j.score AS score,
    j.critical AS critical,
    j.high AS high,
    j.medium AS medium,
    j.low AS low,
    j.info AS info,
    j.excluded AS excluded,
    j.escalating AS escalating
FROM
(
    SELECT
        *,
        expected_hash
    FROM leastwise.runs
    FINAL
) AS r
LEFT JOIN leastwise.run_tallies AS t ON (t.account = r.account) AND (t.day = r.day) AND (t.run_id = r.run_id)
LEFT JOIN newest AS n ON n.account = r.account
LEFT JOIN leastwise.run_judgements AS j ON (j.account = r.account) AND (j.day = r.day) AND (j.run_id = r.run_id)

CREATE VIEW leastwise.run_tallies
(
    `account` LowCardinality(String),
    `day` Date,
    `run_id` String,
    `is_sealed` Bool,
    `received` Map(String, UInt64),
    `users` UInt32,
    `groups` UInt32,
    `roles` UInt32,
    `customer_policies` UInt32,
    `aws_policies` UInt32,
    `principals_none` UInt32,
    `principals_list` UInt32,
    `principals_read` UInt32,
    `principals_tagging` UInt32,
    `principals_write` UInt32,
    `principals_permissions_management` UInt32,
    `risk_tags` Map(String, UInt64),
    `roles_unused_90_days` UInt32,
    `users_without_mfa` UInt32,
    `console_users_without_mfa` UInt32,
    `root_without_mfa` UInt32,
    `active_access_keys` UInt32
)
COMMENT 'What every run saw, counted; a run that nothing arrived for is absent'
AS WITH
    newest AS
    (
        SELECT
            account,
            argMax(run_id, (started_at, run_id))
        FROM leastwise.runs
        FINAL
        GROUP BY account
    ),
    unsealed AS
    (
        SELECT
            account,
            day,
            run_id
        FROM leastwise.runs
        FINAL
        WHERE ((closed AND (expected_events > 0)) OR ((NOT closed) AND ((account, run_id) IN (newest)))) AND ((account, day, run_id, expected_hash) NOT IN (
            SELECT
                account,
                day,
                run_id,
                received_hash
            FROM leastwise.tallies
            FINAL
        ))
    ),
    seen AS
    (
        SELECT
            account,
            day,
            run_id,
            mapSort(sumMap(map(toLowCardinality(toString(kind)), toUInt64(1)))) AS received,
            toUInt32(countIf(kind = 'user')) AS users,
            toUInt32(countIf(kind = 'group')) AS groups,
            toUInt32(countIf(kind = 'role')) AS roles,
            toUInt32(countIf((kind = 'policy') AND (owner = 'customer'))) AS customer_policies,
            toUInt32(countIf((kind = 'policy') AND (owner = 'aws'))) AS aws_policies,
            toUInt32(countIf((kind IN ('user', 'role')) AND (access_level = 'None'))) AS principals_none,
            toUInt32(countIf((kind IN ('user', 'role')) AND (access_level = 'List'))) AS principals_list,
            toUInt32(countIf((kind IN ('user', 'role')) AND (access_level = 'Read'))) AS principals_read,
            toUInt32(countIf((kind IN ('user', 'role')) AND (access_level = 'Tagging'))) AS principals_tagging,
            toUInt32(countIf((kind IN ('user', 'role')) AND (access_level = 'Write'))) AS principals_write,
            toUInt32(countIf((kind IN ('user', 'role')) AND (access_level = 'Permissions management'))) AS principals_permissions_management,
            mapSort(sumMapIf(mapFromArrays(risk_tags, arrayMap(tag -> toUInt64(1), risk_tags)), (kind IN ('user', 'role')))) AS risk_tags,
            toUInt32(countIf((kind = 'role') AND (coalesce(last_used_at, created_at) < (observed_at - toIntervalDay(90))))) AS roles_unused_90_days
        FROM leastwise.observations
        FINAL
        WHERE (account, day, run_id) IN (unsealed)
        GROUP BY
            account,
            day,
            run_id
    ),
    secured AS
    (
        SELECT
            account,
            day,
            run_id,
            toUInt32(countIf((user_id != 'root') AND (NOT mfa_active))) AS users_without_mfa,
            toUInt32(countIf((user_id != 'root') AND password_enabled AND (NOT mfa_active))) AS console_users_without_mfa,
            toUInt32(countIf((user_id = 'root') AND (NOT mfa_active))) AS root_without_mfa,
            toUInt32(sum(arrayCount(access_keys.active))) AS active_access_keys
        FROM leastwise.credentials
        FINAL
        WHERE (account, day, run_id) IN (unsealed)
        GROUP BY
            account,
            day,
            run_id
    )
SELECT
    account,
    day,
    run_id,
    true AS is_sealed,
    received,
    users,
    groups,
    roles,
    customer_policies,
    aws_policies,
    principals_none,
    principals_list,
    principals_read,
    principals_tagging,
    principals_write,
    principals_permissions_management,
    risk_tags,
    roles_unused_90_days,
    users_without_mfa,
    console_users_without_mfa,
    root_without_mfa,
    active_access_keys
FROM leastwise.tallies
FINAL
WHERE (account, day, run_id, received_hash) IN (
    SELECT
        account,
        day,
        run_id,
        expected_hash
    FROM leastwise.runs
    FINAL
)
UNION ALL
WITH
    newest AS
    (
        SELECT
            account,
            argMax(run_id, (started_at, run_id))
        FROM leastwise.runs
        FINAL
        GROUP BY account
    ),
    unsealed AS
    (
        SELECT
            account,
            day,
            run_id
        FROM leastwise.runs
        FINAL
        WHERE ((closed AND (expected_events > 0)) OR ((NOT closed) AND ((account, run_id) IN (newest)))) AND ((account, day, run_id, expected_hash) NOT IN (
            SELECT
                account,
                day,
                run_id,
                received_hash
            FROM leastwise.tallies
            FINAL
        ))
    ),
    seen AS
    (
        SELECT
            account,
            day,
            run_id,
            mapSort(sumMap(map(toLowCardinality(toString(kind)), toUInt64(1)))) AS received,
            toUInt32(countIf(kind = 'user')) AS users,
            toUInt32(countIf(kind = 'group')) AS groups,
            toUInt32(countIf(kind = 'role')) AS roles,
            toUInt32(countIf((kind = 'policy') AND (owner = 'customer'))) AS customer_policies,
            toUInt32(countIf((kind = 'policy') AND (owner = 'aws'))) AS aws_policies,
            toUInt32(countIf((kind IN ('user', 'role')) AND (access_level = 'None'))) AS principals_none,
            toUInt32(countIf((kind IN ('user', 'role')) AND (access_level = 'List'))) AS principals_list,
            toUInt32(countIf((kind IN ('user', 'role')) AND (access_level = 'Read'))) AS principals_read,
            toUInt32(countIf((kind IN ('user', 'role')) AND (access_level = 'Tagging'))) AS principals_tagging,
            toUInt32(countIf((kind IN ('user', 'role')) AND (access_level = 'Write'))) AS principals_write,
            toUInt32(countIf((kind IN ('user', 'role')) AND (access_level = 'Permissions management'))) AS principals_permissions_management,
            mapSort(sumMapIf(mapFromArrays(risk_tags, arrayMap(tag -> toUInt64(1), risk_tags)), (kind IN ('user', 'role')))) AS risk_tags,
            toUInt32(countIf((kind = 'role') AND (coalesce(last_used_at, created_at) < (observed_at - toIntervalDay(90))))) AS roles_unused_90_days
        FROM leastwise.observations
        FINAL
        WHERE (account, day, run_id) IN (unsealed)
        GROUP BY
            account,
            day,
            run_id
    ),
    secured AS
    (
        SELECT
            account,
            day,
            run_id,
            toUInt32(countIf((user_id != 'root') AND (NOT mfa_active))) AS users_without_mfa,
            toUInt32(countIf((user_id != 'root') AND password_enabled AND (NOT mfa_active))) AS console_users_without_mfa,
            toUInt32(countIf((user_id = 'root') AND (NOT mfa_active))) AS root_without_mfa,
            toUInt32(sum(arrayCount(access_keys.active))) AS active_access_keys
        FROM leastwise.credentials
        FINAL
        WHERE (account, day, run_id) IN (unsealed)
        GROUP BY
            account,
            day,
            run_id
    )
SELECT
    o.account,
    o.day,
    o.run_id,
    false,
    o.received,
    o.users,
    o.groups,
    o.roles,
    o.customer_policies,
    o.aws_policies,
    o.principals_none,
    o.principals_list,
    o.principals_read,
    o.principals_tagging,
    o.principals_write,
    o.principals_permissions_management,
    o.risk_tags,
    o.roles_unused_90_days,
    c.users_without_mfa,
    c.console_users_without_mfa,
    c.root_without_mfa,
    c.active_access_keys
FROM seen AS o
LEFT JOIN secured AS c ON (c.account = o.account) AND (c.day = o.day) AND (c.run_id = o.run_id)

CREATE TABLE leastwise.runs
(
    `account` LowCardinality(String) COMMENT 'AWS account id, 12 digits',
    `day` Date COMMENT 'Day of observed_at, UTC' CODEC(DoubleDelta, ZSTD(1)),
    `run_id` String COMMENT 'Run id: <time>-<account>-<attempt>[-<nonce>]' CODEC(ZSTD(3)),
    `observed_at` DateTime('UTC') COMMENT 'Time that the run was scheduled for' CODEC(DoubleDelta, ZSTD(1)),
    `closed` Bool COMMENT 'Whether the collector closed the run',
    `collector_status` Enum8('running' = 0, 'complete' = 1, 'partial' = 2, 'failed' = 3) COMMENT 'What the collector says of its own run; run_status has the verdict',
    `source` LowCardinality(String) COMMENT 'aws, or import for a saved export',
    `started_at` DateTime('UTC') COMMENT 'When the collector began',
    `ended_at` Nullable(DateTime('UTC')) COMMENT 'When the collector closed the run',
    `reason` String COMMENT 'Why the run failed, one sentence; empty otherwise',
    `expected` Map(LowCardinality(String), UInt64) COMMENT 'Events that the collector published, by kind',
    `expected_events` UInt64 MATERIALIZED arraySum(mapValues(expected)) COMMENT 'Sum of the expected counts',
    `expected_hash` UInt64 MATERIALIZED cityHash64(mapSort(mapFilter((k, n) -> (n > 0), expected))) COMMENT 'Names the expected counts, zeros left out; a seal in tallies has the same',
    `problems.part` Array(LowCardinality(String)) COMMENT 'Parts that did not end well: AWS API action, state, first reason, how often',
    `problems.state` Array(LowCardinality(String)) COMMENT 'Parts that did not end well: AWS API action, state, first reason, how often',
    `problems.reason` Array(String) COMMENT 'Parts that did not end well: AWS API action, state, first reason, how often',
    `problems.count` Array(UInt64) COMMENT 'Parts that did not end well: AWS API action, state, first reason, how often',
    `calls` Map(LowCardinality(String), UInt64) COMMENT 'AWS API calls that the run made, by action'
)
ENGINE = ReplacingMergeTree(closed)
ORDER BY (account, day, run_id)
SETTINGS index_granularity = 8192
COMMENT 'Collection passes, one row per run'

CREATE TABLE leastwise.schema_migrations
(
    `number` UInt32 COMMENT 'Number of the file',
    `name` String COMMENT 'Name of the file, without number and extension',
    `sha256` String COMMENT 'SHA-256 of the file\'s content, hex',
    `applied_at` DateTime('UTC') DEFAULT now() COMMENT 'When it was applied'
)
ENGINE = ReplacingMergeTree
ORDER BY (number, sha256)
SETTINGS index_granularity = 8192
COMMENT 'Files of schemas/clickhouse that this database has, one row each'

CREATE TABLE leastwise.scores
(
    `account` LowCardinality(String) COMMENT 'AWS account id, 12 digits',
    `kind` Enum8('user' = 1, 'group' = 2, 'role' = 3, 'policy' = 4, 'account' = 5) COMMENT 'Kind of what was judged',
    `entity_id` String COMMENT 'IAM unique id; account id for the account' CODEC(ZSTD(3)),
    `day` Date COMMENT 'Day of observed_at, UTC' CODEC(DoubleDelta, ZSTD(1)),
    `run_id` String COMMENT 'Run that was judged' CODEC(ZSTD(3)),
    `judge` LowCardinality(String) COMMENT 'Names catalog, rules, exclusions and options that judged',
    `observed_at` DateTime('UTC') COMMENT 'Time that the run was scheduled for' CODEC(DoubleDelta, ZSTD(1)),
    `name` String COMMENT 'Name of the entity' CODEC(ZSTD(3)),
    `is_service_linked` Bool COMMENT 'Whether the role belongs to an AWS service',
    `score` Nullable(Float32) COMMENT 'Least-privilege score, 0 to 100; NULL where it is not known what was used' CODEC(ZSTD(1)),
    `critical` UInt16 COMMENT 'Critical findings' CODEC(T64, ZSTD(1)),
    `high` UInt16 COMMENT 'Findings of high severity' CODEC(T64, ZSTD(1)),
    `medium` UInt16 COMMENT 'Findings of medium severity' CODEC(T64, ZSTD(1)),
    `low` UInt16 COMMENT 'Findings of low severity' CODEC(T64, ZSTD(1)),
    `info` UInt16 COMMENT 'Findings that only inform' CODEC(T64, ZSTD(1)),
    `excluded` UInt16 COMMENT 'Findings that are excluded from judgement' CODEC(T64, ZSTD(1)),
    `unused_services` UInt16 COMMENT 'Services of which something is granted and was not used' CODEC(T64, ZSTD(1)),
    `steps_to_admin` Nullable(UInt8) COMMENT 'Steps on the shortest path to administrator; NULL: there is none' CODEC(ZSTD(1))
)
ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMM(day)
ORDER BY (account, kind, entity_id, day, run_id, judge)
SETTINGS index_granularity = 8192
COMMENT 'What each run\'s judgement of an entity comes to, one row per run, entity and judge'

CREATE VIEW leastwise.scores_current
(
    `account` LowCardinality(String),
    `kind` Enum8('user' = 1, 'group' = 2, 'role' = 3, 'policy' = 4, 'account' = 5),
    `entity_id` String,
    `day` Date,
    `run_id` String,
    `judge` LowCardinality(String),
    `observed_at` DateTime('UTC'),
    `name` String,
    `is_service_linked` Bool,
    `score` Nullable(Float32),
    `critical` UInt16,
    `high` UInt16,
    `medium` UInt16,
    `low` UInt16,
    `info` UInt16,
    `excluded` UInt16,
    `unused_services` UInt16,
    `steps_to_admin` Nullable(UInt8)
)
COMMENT 'Judgements of the latest complete and judged run of each account'
AS SELECT *
FROM leastwise.scores
FINAL
WHERE (account, day, run_id, judge) IN (
    SELECT
        account,
        day,
        run_id,
        judge
    FROM leastwise.latest_judged_runs
)

CREATE TABLE leastwise.tallies
(
    `account` LowCardinality(String) COMMENT 'AWS account id, 12 digits',
    `day` Date COMMENT 'Day of the run, UTC' CODEC(DoubleDelta, ZSTD(1)),
    `run_id` String COMMENT 'Run' CODEC(ZSTD(3)),
    `received` Map(LowCardinality(String), UInt64) COMMENT 'Events received, by kind',
    `received_hash` UInt64 MATERIALIZED cityHash64(mapSort(received)) COMMENT 'Names the received counts, as expected_hash in runs does the expected ones',
    `users` UInt32 COMMENT 'Users' CODEC(T64, ZSTD(1)),
    `groups` UInt32 COMMENT 'Groups' CODEC(T64, ZSTD(1)),
    `roles` UInt32 COMMENT 'Roles' CODEC(T64, ZSTD(1)),
    `customer_policies` UInt32 COMMENT 'Managed policies of the account' CODEC(T64, ZSTD(1)),
    `aws_policies` UInt32 COMMENT 'Managed policies of AWS that the account uses' CODEC(T64, ZSTD(1)),
    `principals_none` UInt32 COMMENT 'Users and roles that are granted nothing' CODEC(T64, ZSTD(1)),
    `principals_list` UInt32 COMMENT 'Users and roles whose highest access level is List' CODEC(T64, ZSTD(1)),
    `principals_read` UInt32 COMMENT 'Users and roles whose highest access level is Read' CODEC(T64, ZSTD(1)),
    `principals_tagging` UInt32 COMMENT 'Users and roles whose highest access level is Tagging' CODEC(T64, ZSTD(1)),
    `principals_write` UInt32 COMMENT 'Users and roles whose highest access level is Write' CODEC(T64, ZSTD(1)),
    `principals_permissions_management` UInt32 COMMENT 'Users and roles whose highest access level is Permissions management' CODEC(T64, ZSTD(1)),
    `risk_tags` Map(LowCardinality(String), UInt64) COMMENT 'Users and roles with each risk tag',
    `roles_unused_90_days` UInt32 COMMENT 'Roles last used, or if never used created, more than 90 days before' CODEC(T64, ZSTD(1)),
    `users_without_mfa` UInt32 COMMENT 'Users without an MFA device, root not counted' CODEC(T64, ZSTD(1)),
    `console_users_without_mfa` UInt32 COMMENT 'Users with a console password and without an MFA device' CODEC(T64, ZSTD(1)),
    `root_without_mfa` UInt32 COMMENT '1 when the root user has no MFA device' CODEC(T64, ZSTD(1)),
    `active_access_keys` UInt32 COMMENT 'Active access keys of users and root' CODEC(T64, ZSTD(1)),
    `sealed_at` DateTime('UTC') DEFAULT now() COMMENT 'When it was counted'
)
ENGINE = ReplacingMergeTree(sealed_at)
ORDER BY (account, day, run_id)
SETTINGS index_granularity = 8192
COMMENT 'What each whole run saw, counted; one row per run'

CREATE MATERIALIZED VIEW leastwise.tallies_seal
REFRESH EVERY 1 MINUTE APPEND TO leastwise.tallies
(
    `account` LowCardinality(String),
    `day` Date,
    `run_id` String,
    `received` Map(String, UInt64),
    `users` UInt32,
    `groups` UInt32,
    `roles` UInt32,
    `customer_policies` UInt32,
    `aws_policies` UInt32,
    `principals_none` UInt32,
    `principals_list` UInt32,
    `principals_read` UInt32,
    `principals_tagging` UInt32,
    `principals_write` UInt32,
    `principals_permissions_management` UInt32,
    `risk_tags` Map(String, UInt64),
    `roles_unused_90_days` UInt32,
    `users_without_mfa` UInt32,
    `console_users_without_mfa` UInt32,
    `root_without_mfa` UInt32,
    `active_access_keys` UInt32
)
DEFINER = … SQL SECURITY DEFINER
COMMENT 'Seals runs that are whole'
AS SELECT t.* EXCEPT is_sealed
FROM leastwise.run_tallies AS t
INNER JOIN
(
    SELECT
        account,
        day,
        run_id,
        expected_hash
    FROM leastwise.runs
    FINAL
    WHERE closed
) AS r ON (r.account = t.account) AND (r.day = t.day) AND (r.run_id = t.run_id)
WHERE (NOT t.is_sealed) AND (cityHash64(t.received) = r.expected_hash)

CREATE TABLE leastwise.trusts
(
    `account` LowCardinality(String) COMMENT 'AWS account id of the role, 12 digits',
    `entity_id` String COMMENT 'Unique id of the role' CODEC(ZSTD(3)),
    `version` String COMMENT 'Version of the role\'s content' CODEC(ZSTD(3)),
    `statement` UInt16 COMMENT 'Index of the statement in the trust policy, from 0',
    `principal_kind` LowCardinality(String) COMMENT 'AWS, Service, Federated, CanonicalUser or *',
    `principal` String COMMENT 'The principal as written' CODEC(ZSTD(3)),
    `principal_account` String COMMENT 'Account that the principal names; empty when none',
    `effect` LowCardinality(String) COMMENT 'Allow or Deny',
    `actions` Array(LowCardinality(String)) COMMENT 'Actions as written',
    `condition_keys` Array(LowCardinality(String)) COMMENT 'Condition keys of the statement',
    `external_id` Bool COMMENT 'Whether a condition asks for an ExternalId',
    `is_public` Bool COMMENT 'Whether anyone at all may take the role',
    `is_cross_account` Bool COMMENT 'Whether the principal is of another account',
    `is_excluded` Bool COMMENT 'Whether the statement is for everyone but this principal (NotPrincipal)',
    `is_deleted` Bool COMMENT 'Whether the principal is the unique id of a deleted user or role',
    `grade` LowCardinality(String) COMMENT 'What the conditions look at: none, weak, mfa, external-id, federation, principal …; empty: not judged yet',
    `has_subject` Bool COMMENT 'Identity provider: whether conditions demand to know whom it vouches for',
    `has_audience` Bool COMMENT 'Identity provider: whether conditions demand to know whom its token is for'
)
ENGINE = ReplacingMergeTree
ORDER BY (account, entity_id, version, statement, principal_kind, principal)
SETTINGS index_granularity = 8192
COMMENT 'Who may take a role, one row per statement and principal of its trust policy'

CREATE VIEW leastwise.trusts_current
(
    `account` LowCardinality(String),
    `entity_id` String,
    `version` String,
    `statement` UInt16,
    `principal_kind` LowCardinality(String),
    `principal` String,
    `principal_account` String,
    `effect` LowCardinality(String),
    `actions` Array(LowCardinality(String)),
    `condition_keys` Array(LowCardinality(String)),
    `external_id` Bool,
    `is_public` Bool,
    `is_cross_account` Bool,
    `is_excluded` Bool,
    `is_deleted` Bool,
    `grade` LowCardinality(String),
    `has_subject` Bool,
    `has_audience` Bool,
    `run_id` String,
    `observed_at` DateTime('UTC'),
    `is_known_account` Bool
)
COMMENT 'Who may take the roles that are there'
AS SELECT
    t.*,
    o.run_id AS run_id,
    o.observed_at AS observed_at,
    toBool(t.principal_account IN (
        SELECT account
        FROM leastwise.accounts
        UNION DISTINCT
        SELECT management_account
        FROM leastwise.accounts
        WHERE management_account != ''
    )) AS is_known_account
FROM leastwise.trusts AS t
FINAL
INNER JOIN
(
    SELECT *
    FROM leastwise.observations_current
    WHERE kind = 'role'
) AS o ON (o.account = t.account) AND (o.entity_id = t.entity_id) AND (o.version = t.version)

CREATE TABLE leastwise.unused_permissions
(
    `account` LowCardinality(String) COMMENT 'AWS account id, 12 digits',
    `kind` Enum8('user' = 1, 'group' = 2, 'role' = 3, 'policy' = 4, 'account' = 5) COMMENT 'Kind of the entity',
    `entity_id` String COMMENT 'IAM unique id' CODEC(ZSTD(3)),
    `service` LowCardinality(String) COMMENT 'Service prefix',
    `judge` LowCardinality(String) COMMENT 'Names catalog, rules, exclusions and options that judged',
    `list_bound` UInt16 COMMENT 'Unused List actions that are granted on named resources only' CODEC(T64, ZSTD(1)),
    `read_bound` UInt16 COMMENT 'Unused Read actions that are granted on named resources only' CODEC(T64, ZSTD(1)),
    `tagging_bound` UInt16 COMMENT 'Unused Tagging actions that are granted on named resources only' CODEC(T64, ZSTD(1)),
    `write_bound` UInt16 COMMENT 'Unused Write actions that are granted on named resources only' CODEC(T64, ZSTD(1)),
    `permissions_management_bound` UInt16 COMMENT 'Unused Permissions management actions that are granted on named resources only' CODEC(T64, ZSTD(1)),
    `list_unbound` UInt16 COMMENT 'Unused List actions that are granted on every resource' CODEC(T64, ZSTD(1)),
    `read_unbound` UInt16 COMMENT 'Unused Read actions that are granted on every resource' CODEC(T64, ZSTD(1)),
    `tagging_unbound` UInt16 COMMENT 'Unused Tagging actions that are granted on every resource' CODEC(T64, ZSTD(1)),
    `write_unbound` UInt16 COMMENT 'Unused Write actions that are granted on every resource' CODEC(T64, ZSTD(1)),
    `permissions_management_unbound` UInt16 COMMENT 'Unused Permissions management actions that are granted on every resource' CODEC(T64, ZSTD(1)),
    `risk_tags` Array(LowCardinality(String)) COMMENT 'Risk tags of these actions',
    `is_partly` Bool COMMENT 'Whether other actions of the service were used',
    `last_accessed_at` DateTime('UTC') COMMENT 'Last access, before the time that counts; 1970-01-01 00:00:00 when none in IAM\'s tracking period' CODEC(Delta(4), ZSTD(1)),
    `first_seen_at` SimpleAggregateFunction(min, DateTime('UTC')) COMMENT 'First run of which this was true',
    `last_seen_at` SimpleAggregateFunction(max, DateTime('UTC')) COMMENT 'Last run of which this was true'
)
ENGINE = AggregatingMergeTree
ORDER BY (account, kind, entity_id, service, judge, list_bound, read_bound, tagging_bound, write_bound, permissions_management_bound, list_unbound, read_unbound, tagging_unbound, write_unbound, permissions_management_unbound, risk_tags, is_partly, last_accessed_at)
SETTINGS index_granularity = 8192
COMMENT 'Services that are granted and were not used, one row per entity, service and value'

CREATE VIEW leastwise.unused_permissions_current
(
    `account` LowCardinality(String),
    `kind` Enum8('user' = 1, 'group' = 2, 'role' = 3, 'policy' = 4, 'account' = 5),
    `entity_id` String,
    `service` LowCardinality(String),
    `list_bound` UInt16,
    `read_bound` UInt16,
    `tagging_bound` UInt16,
    `write_bound` UInt16,
    `permissions_management_bound` UInt16,
    `list_unbound` UInt16,
    `read_unbound` UInt16,
    `tagging_unbound` UInt16,
    `write_unbound` UInt16,
    `permissions_management_unbound` UInt16,
    `risk_tags` Array(LowCardinality(String)),
    `is_partly` Bool,
    `last_accessed_at` Nullable(DateTime('UTC')),
    `first_seen_at` SimpleAggregateFunction(min, DateTime('UTC')),
    `run_id` String,
    `observed_at` DateTime('UTC')
)
COMMENT 'Services that are granted and were not used, as of the latest complete and judged run of each account'
AS SELECT
    u.account AS account,
    u.kind AS kind,
    u.entity_id AS entity_id,
    u.service AS service,
    u.list_bound AS list_bound,
    u.read_bound AS read_bound,
    u.tagging_bound AS tagging_bound,
    u.write_bound AS write_bound,
    u.permissions_management_bound AS permissions_management_bound,
    u.list_unbound AS list_unbound,
    u.read_unbound AS read_unbound,
    u.tagging_unbound AS tagging_unbound,
    u.write_unbound AS write_unbound,
    u.permissions_management_unbound AS permissions_management_unbound,
    u.risk_tags AS risk_tags,
    u.is_partly AS is_partly,
    if(u.last_accessed_at = toDateTime(0, 'UTC'), NULL, u.last_accessed_at) AS last_accessed_at,
    u.first_seen_at AS first_seen_at,
    r.run_id AS run_id,
    r.observed_at AS observed_at
FROM
(
    SELECT *
    FROM leastwise.unused_permissions
    FINAL
) AS u
INNER JOIN leastwise.latest_judged_runs AS r ON (r.account = u.account) AND (r.judge = u.judge)
WHERE (u.first_seen_at <= r.observed_at) AND (u.last_seen_at >= r.observed_at)
ORDER BY
    u.account ASC,
    u.kind ASC,
    u.entity_id ASC,
    u.service ASC,
    u.first_seen_at DESC,
    u.last_accessed_at DESC
LIMIT 1 BY
    u.account,
    u.kind,
    u.entity_id,
    u.service

