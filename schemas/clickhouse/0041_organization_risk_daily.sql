-- Sums over the accounts that had a complete and judged run on that day. The score is
-- the mean of the accounts' scores, each weighed by its principals.
CREATE VIEW IF NOT EXISTS organization_risk_daily AS
SELECT
    day,
    count() AS accounts,
    sumIf(d.score * d.principals, d.score IS NOT NULL) / nullIf(sumIf(d.principals, d.score IS NOT NULL), 0) AS score,
    sum(d.critical) AS critical,
    sum(d.high) AS high,
    sum(d.medium) AS medium,
    sum(d.low) AS low,
    sum(d.info) AS info,
    sum(d.excluded) AS excluded,
    sum(d.principals) AS principals,
    sum(d.escalating) AS escalating
FROM account_risk_daily AS d
GROUP BY day
COMMENT 'Score and findings per day over the accounts with a complete and judged run on it'
