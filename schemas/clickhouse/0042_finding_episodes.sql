-- Over which days each finding was there. A finding that a judged run no longer has
-- is resolved; when it comes back, that is another episode. Days on which an account
-- had no complete and judged run interrupt nothing: only runs that looked count. Of
-- several runs of one day the latest counts, as in account_risk_daily.
CREATE VIEW IF NOT EXISTS finding_episodes AS
WITH
    looks AS
    (
        SELECT account, day, run_id, judge, row_number() OVER (PARTITION BY account ORDER BY day) AS look
        FROM account_risk_daily
    ),
    found AS
    (
        SELECT
            o.account AS account, o.kind AS kind, o.entity_id AS entity_id, o.finding_id AS finding_id, any(o.rule) AS rule,
            arraySort(groupArray((l.look, o.day, o.version, o.severity))) AS seen,
            arraySplit((s, gap) -> gap > 1, seen, arrayDifference(seen.1)) AS runs
        FROM finding_observations AS o FINAL
        INNER JOIN looks AS l ON l.account = o.account AND l.day = o.day AND l.run_id = o.run_id AND l.judge = o.judge
        GROUP BY o.account, o.kind, o.entity_id, o.finding_id
    )
SELECT
    f.account AS account,
    f.kind AS kind,
    f.entity_id AS entity_id,
    f.finding_id AS finding_id,
    f.rule AS rule,
    toUInt32(number) AS episode,
    episode_runs[1].2 AS first_day,
    episode_runs[-1].2 AS last_day,
    toUInt32(length(episode_runs)) AS days,
    toBool(n.look > 0) AS is_resolved,
    if(is_resolved, n.day, NULL) AS resolved_day,
    episode_runs[-1].3 AS version,
    episode_runs[-1].4 AS severity
FROM found AS f
ARRAY JOIN f.runs AS episode_runs, arrayEnumerate(f.runs) AS number
LEFT JOIN looks AS n ON n.account = f.account AND n.look = episode_runs[-1].1 + 1
COMMENT 'Over which days each finding was there: first and last day, resolved or not, which time it is'
