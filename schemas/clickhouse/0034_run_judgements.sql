-- The judgement that holds for each run, and how much of it has arrived. Where a
-- seal says that all of it has, nothing is counted.
CREATE VIEW IF NOT EXISTS run_judgements AS
WITH
    holding AS
    (
        SELECT *
        FROM judgements FINAL
        ORDER BY catalog_date DESC, judged_at DESC, judge DESC
        LIMIT 1 BY account, day, run_id
    ),
    unsealed AS
    (
        SELECT account, day, run_id, judge
        FROM holding
        WHERE (account, day, run_id, judge, judgements) NOT IN (SELECT account, day, run_id, judge, received FROM judgement_seals FINAL)
    ),
    counted AS
    (
        SELECT account, day, run_id, judge, toUInt32(count()) AS received
        FROM scores FINAL
        WHERE (account, day, run_id, judge) IN unsealed
        GROUP BY account, day, run_id, judge
    )
SELECT
    h.*,
    (h.account, h.day, h.run_id, h.judge) NOT IN unsealed AS is_sealed,
    if(is_sealed, h.judgements, c.received) AS received
FROM holding AS h
LEFT JOIN counted AS c ON c.account = h.account AND c.day = h.day AND c.run_id = h.run_id AND c.judge = h.judge
COMMENT 'What the risk rules say of each run, and how much of it arrived'
