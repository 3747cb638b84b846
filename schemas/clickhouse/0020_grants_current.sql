-- The entity's own catalog_date keeps out services that only an older catalog knew.
CREATE VIEW IF NOT EXISTS grants_current AS
SELECT g.*, e.run_id AS run_id, e.observed_at AS observed_at
FROM grants AS g FINAL
INNER JOIN
(
    SELECT o.account AS account, o.kind AS kind, o.entity_id AS entity_id, o.version AS version,
        o.run_id AS run_id, o.observed_at AS observed_at, e.catalog_date AS catalog_date
    FROM (SELECT account, kind, entity_id, version, catalog_date FROM entities FINAL) AS e
    INNER JOIN observations_current AS o
        ON o.account = e.account AND o.kind = e.kind AND o.entity_id = e.entity_id AND o.version = e.version
) AS e
    ON e.account = g.account AND e.kind = g.kind AND e.entity_id = g.entity_id AND e.version = g.version AND e.catalog_date = g.catalog_date
COMMENT 'Effective grants of the entities that are there'
