CREATE OR REPLACE VIEW accounts_current AS
SELECT *
FROM accounts FINAL
WHERE (account, day, run_id) IN (SELECT account, day, run_id FROM latest_runs)
COMMENT 'Accounts as their latest complete run saw them'
