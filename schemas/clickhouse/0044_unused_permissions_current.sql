-- A value held from its first to its last run, as in last_accessed_current.
CREATE VIEW IF NOT EXISTS unused_permissions_current AS
SELECT
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
FROM (SELECT * FROM unused_permissions FINAL) AS u
INNER JOIN latest_judged_runs AS r ON r.account = u.account AND r.judge = u.judge
WHERE u.first_seen_at <= r.observed_at AND u.last_seen_at >= r.observed_at
ORDER BY u.account, u.kind, u.entity_id, u.service, u.first_seen_at DESC, u.last_accessed_at DESC
LIMIT 1 BY u.account, u.kind, u.entity_id, u.service
COMMENT 'Services that are granted and were not used, as of the latest complete and judged run of each account'
