-- The verdict on every run: what it said it published against what arrived.
-- A run that was never closed is failed once a later run of its account exists.
CREATE VIEW run_status AS
WITH
    received_by_kind AS
    (
        SELECT run_id, mapFromArrays(groupArray(kind), groupArray(events)) AS received
        FROM
        (
            SELECT run_id, toString(kind) AS kind, uniqExact(account, entity_id) AS events
            FROM observations
            GROUP BY run_id, kind
        )
        GROUP BY run_id
    ),
    latest AS
    (
        SELECT account, max((observed_at, started_at)) AS newest
        FROM runs FINAL
        GROUP BY account
    )
SELECT
    r.account AS account,
    r.run_id AS run_id,
    r.observed_at AS observed_at,
    r.day AS day,
    r.source AS source,
    r.started_at AS started_at,
    r.ended_at AS ended_at,
    r.expected AS expected,
    c.received AS received,
    arrayAll((k, n) -> c.received[k] = n, mapKeys(r.expected), mapValues(r.expected))
        AND arrayAll((k, n) -> r.expected[k] = n, mapKeys(c.received), mapValues(c.received)) AS is_whole,
    multiIf(
        NOT r.closed AND (r.observed_at, r.started_at) < l.newest, 'failed',
        NOT r.closed, 'running',
        r.collector_status = 'failed', 'failed',
        r.collector_status = 'complete' AND is_whole, 'complete',
        'partial') AS status,
    multiIf(
        r.reason != '', r.reason,
        NOT r.closed AND status = 'failed', 'the collector never closed this run',
        status = 'partial' AND NOT is_whole, 'received counts differ from expected counts',
        status = 'partial', arrayStringConcat(arrayMap((p, s, n) -> concat(p, ' ', s, ' (', toString(n), ')'), r.`problems.part`, r.`problems.state`, r.`problems.count`), ', '),
        '') AS reason
FROM (SELECT *, day FROM runs FINAL) AS r
LEFT JOIN received_by_kind AS c ON c.run_id = r.run_id
LEFT JOIN latest AS l ON l.account = r.account
COMMENT 'Runs with their verdict: complete, partial, failed or running';
