CREATE VIEW IF NOT EXISTS scores_current AS
SELECT *
FROM scores FINAL
WHERE (account, day, run_id, judge) IN (SELECT account, day, run_id, judge FROM latest_judged_runs)
COMMENT 'Judgements of the latest complete and judged run of each account'
