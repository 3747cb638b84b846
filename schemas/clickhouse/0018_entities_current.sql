CREATE VIEW IF NOT EXISTS entities_current AS
SELECT
    e.*,
    o.run_id AS run_id,
    o.observed_at AS observed_at,
    o.last_used_at AS last_used_at,
    o.last_used_region AS last_used_region,
    o.attachments AS attachments,
    o.boundary_uses AS boundary_uses
FROM entities AS e FINAL
INNER JOIN observations_current AS o
    ON o.account = e.account AND o.kind = e.kind AND o.entity_id = e.entity_id AND o.version = e.version
COMMENT 'Entities as the latest complete run of their account saw them'
