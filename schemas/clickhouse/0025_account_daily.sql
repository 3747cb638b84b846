-- A day on which no run of an account was complete has no row for it.
CREATE VIEW IF NOT EXISTS account_daily AS
SELECT
    account, day, run_id, observed_at,
    users, groups, roles, customer_policies, aws_policies,
    users + roles AS principals,
    principals_none, principals_list, principals_read, principals_tagging, principals_write, principals_permissions_management,
    risk_tags['admin'] AS admins,
    risk_tags['privilege-escalation'] AS principals_privilege_escalation,
    risk_tags['credentials'] AS principals_credentials,
    risk_tags['data'] AS principals_data,
    risk_tags['public-or-cross-account-trust'] AS roles_public_or_cross_account_trust,
    roles_unused_90_days,
    users_without_mfa, console_users_without_mfa, root_without_mfa,
    active_access_keys
FROM run_status
WHERE status = 'complete'
ORDER BY observed_at DESC, started_at DESC, run_id DESC
LIMIT 1 BY account, day
COMMENT 'Counts per account and day, from the latest complete run of that day'
