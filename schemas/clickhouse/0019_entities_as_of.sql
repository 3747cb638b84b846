-- entities_current at another time: SELECT … FROM entities_as_of(at = '2026-01-31 12:00:00').
CREATE VIEW IF NOT EXISTS entities_as_of AS
WITH
    latest AS
    (
        SELECT account, day, run_id
        FROM run_status
        WHERE status = 'complete' AND observed_at <= {at:DateTime('UTC')}
        ORDER BY observed_at DESC, started_at DESC, run_id DESC
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
FROM entities AS e FINAL
INNER JOIN (SELECT * FROM observations FINAL WHERE (account, day, run_id) IN latest) AS o
    ON o.account = e.account AND o.kind = e.kind AND o.entity_id = e.entity_id AND o.version = e.version
COMMENT 'Entities as the latest complete run of their account at a time saw them'
