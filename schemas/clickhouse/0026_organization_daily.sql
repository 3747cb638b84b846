-- Sums over the accounts that had a complete run on that day. How many had runs but
-- no complete one stands beside them, so that a gap is not taken for a decrease.
CREATE VIEW IF NOT EXISTS organization_daily AS
SELECT
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
    SELECT *, status = 'complete' AS complete
    FROM run_status
    ORDER BY complete DESC, observed_at DESC, started_at DESC, run_id DESC
    LIMIT 1 BY account, day
)
GROUP BY day
COMMENT 'Counts per day over the accounts with a complete run on it'
