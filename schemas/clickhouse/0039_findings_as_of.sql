-- findings_current at another time: SELECT … FROM findings_as_of(at = '2026-01-31 12:00:00').
CREATE VIEW IF NOT EXISTS findings_as_of AS
WITH
    latest AS
    (
        SELECT account, day, run_id, judge
        FROM run_status
        WHERE status = 'complete' AND is_judged AND observed_at <= {at:DateTime('UTC')}
        ORDER BY observed_at DESC, started_at DESC, run_id DESC
        LIMIT 1 BY account
    )
SELECT f.*, o.run_id AS run_id, o.observed_at AS observed_at
FROM findings AS f FINAL
INNER JOIN
(
    SELECT account, kind, entity_id, finding_id, version, run_id, observed_at
    FROM finding_observations FINAL
    WHERE (account, day, run_id, judge) IN latest
) AS o ON o.account = f.account AND o.kind = f.kind AND o.entity_id = f.entity_id AND o.finding_id = f.finding_id AND o.version = f.version
COMMENT 'Findings of the latest complete and judged run of each account at a time'
