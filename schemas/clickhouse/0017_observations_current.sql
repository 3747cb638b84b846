-- What the latest complete run of each account saw. Whatever it did not see is
-- gone. The other *_current views are joins with this one.
CREATE VIEW IF NOT EXISTS observations_current AS
SELECT *
FROM observations FINAL
WHERE (account, day, run_id) IN (SELECT account, day, run_id FROM latest_runs)
COMMENT 'Observations of the latest complete run of each account'
