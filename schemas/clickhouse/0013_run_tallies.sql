-- What every run saw, counted: from its seal where that holds, and otherwise from
-- the observations themselves, which FINAL frees of what was delivered twice.
-- Conditions on account and day reach the tables' keys, so one account's runs, or
-- one month's, are cheap without seals too. A run that was left open has no row once
-- its account has started another: nobody says what to compare its counts with.
CREATE VIEW IF NOT EXISTS run_tallies AS
WITH
    newest AS (SELECT account, argMax(run_id, (started_at, run_id)) FROM runs FINAL GROUP BY account),
    unsealed AS
    (
        SELECT account, day, run_id
        FROM runs FINAL
        WHERE (closed AND expected_events > 0 OR NOT closed AND (account, run_id) IN newest)
            AND (account, day, run_id, expected_hash) NOT IN (SELECT account, day, run_id, received_hash FROM tallies FINAL)
    ),
    seen AS
    (
        SELECT
            account, day, run_id,
            mapSort(sumMap(map(toLowCardinality(toString(kind)), toUInt64(1)))) AS received,
            toUInt32(countIf(kind = 'user')) AS users,
            toUInt32(countIf(kind = 'group')) AS groups,
            toUInt32(countIf(kind = 'role')) AS roles,
            toUInt32(countIf(kind = 'policy' AND owner = 'customer')) AS customer_policies,
            toUInt32(countIf(kind = 'policy' AND owner = 'aws')) AS aws_policies,
            toUInt32(countIf(kind IN ('user', 'role') AND access_level = 'None')) AS principals_none,
            toUInt32(countIf(kind IN ('user', 'role') AND access_level = 'List')) AS principals_list,
            toUInt32(countIf(kind IN ('user', 'role') AND access_level = 'Read')) AS principals_read,
            toUInt32(countIf(kind IN ('user', 'role') AND access_level = 'Tagging')) AS principals_tagging,
            toUInt32(countIf(kind IN ('user', 'role') AND access_level = 'Write')) AS principals_write,
            toUInt32(countIf(kind IN ('user', 'role') AND access_level = 'Permissions management')) AS principals_permissions_management,
            mapSort(sumMapIf(mapFromArrays(risk_tags, arrayMap(tag -> toUInt64(1), risk_tags)), kind IN ('user', 'role'))) AS risk_tags,
            toUInt32(countIf(kind = 'role' AND coalesce(last_used_at, created_at) < observed_at - INTERVAL 90 DAY)) AS roles_unused_90_days
        FROM observations FINAL
        WHERE (account, day, run_id) IN unsealed
        GROUP BY account, day, run_id
    ),
    secured AS
    (
        SELECT
            account, day, run_id,
            toUInt32(countIf(user_id != 'root' AND NOT mfa_active)) AS users_without_mfa,
            toUInt32(countIf(user_id != 'root' AND password_enabled AND NOT mfa_active)) AS console_users_without_mfa,
            toUInt32(countIf(user_id = 'root' AND NOT mfa_active)) AS root_without_mfa,
            toUInt32(sum(arrayCount(access_keys.active))) AS active_access_keys
        FROM credentials FINAL
        WHERE (account, day, run_id) IN unsealed
        GROUP BY account, day, run_id
    )
SELECT
    account, day, run_id, true AS is_sealed, received,
    users, groups, roles, customer_policies, aws_policies,
    principals_none, principals_list, principals_read, principals_tagging, principals_write, principals_permissions_management,
    risk_tags, roles_unused_90_days, users_without_mfa, console_users_without_mfa, root_without_mfa, active_access_keys
FROM tallies FINAL
WHERE (account, day, run_id, received_hash) IN (SELECT account, day, run_id, expected_hash FROM runs FINAL)
UNION ALL
SELECT
    o.account, o.day, o.run_id, false, o.received,
    o.users, o.groups, o.roles, o.customer_policies, o.aws_policies,
    o.principals_none, o.principals_list, o.principals_read, o.principals_tagging, o.principals_write, o.principals_permissions_management,
    o.risk_tags, o.roles_unused_90_days, c.users_without_mfa, c.console_users_without_mfa, c.root_without_mfa, c.active_access_keys
FROM seen AS o
LEFT JOIN secured AS c ON c.account = o.account AND c.day = o.day AND c.run_id = o.run_id
COMMENT 'What every run saw, counted; a run that nothing arrived for is absent'
