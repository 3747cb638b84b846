-- What *_current views mean by now: the run that saw each account last, among
-- those that saw all of it.
CREATE VIEW IF NOT EXISTS latest_runs AS
SELECT account, day, run_id, observed_at, source, started_at, ended_at, received, calls
FROM run_status
WHERE status = 'complete'
ORDER BY observed_at DESC, started_at DESC, run_id DESC
LIMIT 1 BY account
COMMENT 'Latest complete run of each account'
