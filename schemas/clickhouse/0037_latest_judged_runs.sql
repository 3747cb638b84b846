-- What the *_current views of findings, scores, unused permissions and paths mean by
-- now: the latest complete run of each account of which all judgements are there.
CREATE VIEW IF NOT EXISTS latest_judged_runs AS
SELECT account, day, run_id, judge, observed_at, started_at
FROM run_status
WHERE status = 'complete' AND is_judged
ORDER BY observed_at DESC, started_at DESC, run_id DESC
LIMIT 1 BY account
COMMENT 'Latest complete and judged run of each account'
