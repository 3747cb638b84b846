CREATE VIEW IF NOT EXISTS escalation_paths_current AS
SELECT *
FROM escalation_paths FINAL
WHERE (account, day, run_id, judge) IN (SELECT account, day, run_id, judge FROM latest_judged_runs)
COMMENT 'Shortest ways to administrator, as of the latest complete and judged run of each account'
