-- The verdict on every run, what it said it published against what arrived, and
-- what it saw. The warehouse turns complete into partial, never the other way.
-- A run that was never closed has failed once its account has started a later one, or
-- two days after it began: an account that has left its organization starts none. A
-- run takes hours; one that is closed after more than two days counts all the same.
-- Beside the verdict stands whether the run was judged: whether there is a judgement
-- of every user, group, role and policy that it saw and of the account, and all of
-- them arrived. A complete run that is not judged yet is complete all the same.
CREATE OR REPLACE VIEW run_status AS
WITH
    newest AS
    (
        SELECT account, max((started_at, run_id)) AS started
        FROM runs FINAL
        GROUP BY account
    )
SELECT
    r.account AS account,
    r.day AS day,
    r.run_id AS run_id,
    r.observed_at AS observed_at,
    multiIf(
        NOT r.closed AND (r.started_at, r.run_id) < n.started, 'failed',
        NOT r.closed AND r.started_at < now('UTC') - INTERVAL 2 DAY, 'failed',
        NOT r.closed, 'running',
        r.collector_status = 'failed', 'failed',
        r.collector_status = 'complete' AND is_whole, 'complete',
        'partial') AS status,
    multiIf(
        r.reason != '', r.reason,
        NOT r.closed AND status = 'failed', 'the collector never closed this run',
        r.closed AND NOT is_whole, 'received counts differ from expected counts',
        arrayStringConcat(arrayMap((part, state, count) -> concat(part, ' ', state, ' (', toString(count), ')'), r.problems.part, r.problems.state, r.problems.count), ', ')) AS reason,
    r.source AS source,
    r.started_at AS started_at,
    r.ended_at AS ended_at,
    r.expected AS expected,
    t.received AS received,
    r.expected_hash = cityHash64(t.received) AS is_whole,
    r.problems.part AS `problems.part`,
    r.problems.state AS `problems.state`,
    r.problems.reason AS `problems.reason`,
    r.problems.count AS `problems.count`,
    r.calls AS calls,
    t.* EXCEPT (account, day, run_id, received, is_sealed),
    toBool(r.closed AND j.received = j.judgements
        AND j.judgements = r.expected['user'] + r.expected['group'] + r.expected['role'] + r.expected['policy'] + 1) AS is_judged,
    j.judge AS judge,
    j.judgements AS judgements,
    j.received AS judgements_received,
    j.score AS score,
    j.critical AS critical,
    j.high AS high,
    j.medium AS medium,
    j.low AS low,
    j.info AS info,
    j.excluded AS excluded,
    j.escalating AS escalating
FROM (SELECT *, expected_hash FROM runs FINAL) AS r
LEFT JOIN run_tallies AS t ON t.account = r.account AND t.day = r.day AND t.run_id = r.run_id
LEFT JOIN newest AS n ON n.account = r.account
LEFT JOIN run_judgements AS j ON j.account = r.account AND j.day = r.day AND j.run_id = r.run_id
COMMENT 'Runs with their verdict (complete, partial, failed or running), what they saw, and whether it was judged'
