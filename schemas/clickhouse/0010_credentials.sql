-- The credential report, one row per user and run. Times are NULL where IAM says
-- N/A, no_information or not_supported.
CREATE TABLE IF NOT EXISTS credentials
(
    account       LowCardinality(String) COMMENT 'AWS account id, 12 digits',
    user_id       String COMMENT 'Unique id of the user; root for the root user' CODEC(ZSTD(3)),
    day           Date COMMENT 'Day of observed_at, UTC' CODEC(DoubleDelta, ZSTD(1)),
    run_id        String COMMENT 'Run that saw it' CODEC(ZSTD(3)),
    observed_at   DateTime('UTC') COMMENT 'Time that the run was scheduled for' CODEC(DoubleDelta, ZSTD(1)),
    user          String COMMENT 'Name of the user' CODEC(ZSTD(3)),
    arn           String COMMENT 'ARN of the user' CODEC(ZSTD(3)),
    created_at    Nullable(DateTime('UTC')) COMMENT 'When the user was created',
    password_enabled Bool COMMENT 'Whether the user can sign in to the console; false for root, for which IAM does not say',
    password_last_used_at Nullable(DateTime('UTC')) COMMENT 'Last sign-in with the password',
    password_changed_at Nullable(DateTime('UTC')) COMMENT 'Last change of the password',
    password_next_rotation Nullable(DateTime('UTC')) COMMENT 'When the password policy asks for a new one',
    mfa_active    Bool COMMENT 'Whether an MFA device is enabled',
    access_keys   Nested(
        slot             UInt8,
        active           Bool,
        rotated_at       Nullable(DateTime('UTC')),
        last_used_at     Nullable(DateTime('UTC')),
        last_used_region LowCardinality(String),
        last_used_service LowCardinality(String)
    ) COMMENT 'Access keys: slot 1 or 2, active, last rotation, last use with region and service',
    certificates  Nested(
        slot       UInt8,
        active     Bool,
        rotated_at Nullable(DateTime('UTC'))
    ) COMMENT 'Signing certificates: slot 1 or 2, active, last rotation'
)
ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMM(day)
ORDER BY (account, user_id, day, run_id)
COMMENT 'Credential report, one row per user and run'
