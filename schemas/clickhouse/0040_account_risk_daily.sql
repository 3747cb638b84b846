-- A day on which no run of an account was complete and judged has no row for it.
CREATE VIEW IF NOT EXISTS account_risk_daily AS
SELECT
    account, day, run_id, judge, observed_at, score,
    critical, high, medium, low, info, excluded,
    users + roles AS principals,
    escalating
FROM run_status
WHERE status = 'complete' AND is_judged
ORDER BY observed_at DESC, started_at DESC, run_id DESC
LIMIT 1 BY account, day
COMMENT 'Score and findings per account and day, from the latest complete and judged run of that day'
