-- A value held from its first to its last report. Where two values' spans hold the
-- latest complete run (an access that fell out of IAM's tracking period brings back
-- an old "never"), the one that began later is the current one; where two attempts
-- at the same run saw two values, the later access.
CREATE VIEW IF NOT EXISTS last_accessed_current AS
SELECT
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
FROM (SELECT * FROM last_accessed FINAL) AS a
INNER JOIN (SELECT account, observed_at FROM latest_runs) AS r ON r.account = a.account
WHERE a.first_seen_at <= r.observed_at AND a.last_seen_at >= r.observed_at
ORDER BY a.account, a.kind, a.entity_id, a.service, a.action, a.first_seen_at DESC, a.last_accessed_at DESC
LIMIT 1 BY a.account, a.kind, a.entity_id, a.service, a.action
COMMENT 'Last access per entity and service or action; NULL: none in the tracking period'
