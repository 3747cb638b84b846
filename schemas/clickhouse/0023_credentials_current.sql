CREATE VIEW IF NOT EXISTS credentials_current AS
SELECT *
FROM credentials FINAL
WHERE (account, day, run_id) IN (SELECT account, day, run_id FROM latest_runs)
COMMENT 'Credential report of the latest complete run of each account'
