CREATE VIEW IF NOT EXISTS trusts_current AS
SELECT t.*, o.run_id AS run_id, o.observed_at AS observed_at
FROM trusts AS t FINAL
INNER JOIN (SELECT * FROM observations_current WHERE kind = 'role') AS o
    ON o.account = t.account AND o.entity_id = t.entity_id AND o.version = t.version
COMMENT 'Who may take the roles that are there'
