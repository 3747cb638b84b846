CREATE VIEW IF NOT EXISTS findings_current AS
SELECT f.*, o.run_id AS run_id, o.observed_at AS observed_at
FROM findings AS f FINAL
INNER JOIN
(
    SELECT account, kind, entity_id, finding_id, version, run_id, observed_at
    FROM finding_observations FINAL
    WHERE (account, day, run_id, judge) IN (SELECT account, day, run_id, judge FROM latest_judged_runs)
) AS o ON o.account = f.account AND o.kind = f.kind AND o.entity_id = f.entity_id AND o.finding_id = f.finding_id AND o.version = f.version
COMMENT 'Findings of the latest complete and judged run of each account'
