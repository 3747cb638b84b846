-- What a run saw, counted once all of it had arrived: a seal. Counting a year of
-- observations takes seconds, adding up a year of seals milliseconds.
--
-- A seal is a cache. It holds for as long as its received counts equal what its
-- run expects (run_tallies checks that and counts again otherwise), and a run that
-- received what it expects cannot receive more, so when a seal was written makes
-- no difference. TRUNCATE TABLE tallies loses nothing: tallies_seal writes all of
-- it again. That is also how to have runs counted anew by a newer catalog's
-- judgement.
CREATE TABLE IF NOT EXISTS tallies
(
    account       LowCardinality(String) COMMENT 'AWS account id, 12 digits',
    day           Date COMMENT 'Day of the run, UTC' CODEC(DoubleDelta, ZSTD(1)),
    run_id        String COMMENT 'Run' CODEC(ZSTD(3)),
    received      Map(LowCardinality(String), UInt64) COMMENT 'Events received, by kind',
    received_hash UInt64 MATERIALIZED cityHash64(mapSort(received)) COMMENT 'Names the received counts, as expected_hash in runs does the expected ones',
    users         UInt32 COMMENT 'Users' CODEC(T64, ZSTD(1)),
    groups        UInt32 COMMENT 'Groups' CODEC(T64, ZSTD(1)),
    roles         UInt32 COMMENT 'Roles' CODEC(T64, ZSTD(1)),
    customer_policies UInt32 COMMENT 'Managed policies of the account' CODEC(T64, ZSTD(1)),
    aws_policies  UInt32 COMMENT 'Managed policies of AWS that the account uses' CODEC(T64, ZSTD(1)),
    principals_none UInt32 COMMENT 'Users and roles that are granted nothing' CODEC(T64, ZSTD(1)),
    principals_list UInt32 COMMENT 'Users and roles whose highest access level is List' CODEC(T64, ZSTD(1)),
    principals_read UInt32 COMMENT 'Users and roles whose highest access level is Read' CODEC(T64, ZSTD(1)),
    principals_tagging UInt32 COMMENT 'Users and roles whose highest access level is Tagging' CODEC(T64, ZSTD(1)),
    principals_write UInt32 COMMENT 'Users and roles whose highest access level is Write' CODEC(T64, ZSTD(1)),
    principals_permissions_management UInt32 COMMENT 'Users and roles whose highest access level is Permissions management' CODEC(T64, ZSTD(1)),
    risk_tags     Map(LowCardinality(String), UInt64) COMMENT 'Users and roles with each risk tag',
    roles_unused_90_days UInt32 COMMENT 'Roles last used, or if never used created, more than 90 days before' CODEC(T64, ZSTD(1)),
    users_without_mfa UInt32 COMMENT 'Users without an MFA device, root not counted' CODEC(T64, ZSTD(1)),
    console_users_without_mfa UInt32 COMMENT 'Users with a console password and without an MFA device' CODEC(T64, ZSTD(1)),
    root_without_mfa UInt32 COMMENT '1 when the root user has no MFA device' CODEC(T64, ZSTD(1)),
    active_access_keys UInt32 COMMENT 'Active access keys of users and root' CODEC(T64, ZSTD(1)),
    sealed_at     DateTime('UTC') DEFAULT now() COMMENT 'When it was counted'
)
ENGINE = ReplacingMergeTree(sealed_at)
ORDER BY (account, day, run_id)
COMMENT 'What each whole run saw, counted; one row per run'
