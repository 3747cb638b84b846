-- Which accounts are known can change while a trust policy stays as it is, so that is
-- looked up: the accounts that this warehouse has seen, and the management accounts of
-- their organizations. The findings of the trust rules ask the organization itself,
-- which may have accounts that nobody collects.
CREATE OR REPLACE VIEW trusts_current AS
SELECT
    t.*,
    o.run_id AS run_id,
    o.observed_at AS observed_at,
    toBool(t.principal_account IN (SELECT account FROM accounts UNION DISTINCT SELECT management_account FROM accounts WHERE management_account != '')) AS is_known_account
FROM trusts AS t FINAL
INNER JOIN (SELECT * FROM observations_current WHERE kind = 'role') AS o
    ON o.account = t.account AND o.entity_id = t.entity_id AND o.version = t.version
COMMENT 'Who may take the roles that are there'
