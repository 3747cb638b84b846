ALTER TABLE accounts
    ADD COLUMN IF NOT EXISTS organization_id LowCardinality(String) COMMENT 'Organization that the account belongs to; empty when the source does not say',
    ADD COLUMN IF NOT EXISTS management_account LowCardinality(String) COMMENT 'Management account of the organization',
    ADD COLUMN IF NOT EXISTS controls_state LowCardinality(String) COMMENT 'Whether the service control policies are known: ok, or how reading them ended',
    ADD COLUMN IF NOT EXISTS controls_reason String COMMENT 'Why they are not known',
    ADD COLUMN IF NOT EXISTS `controls.level` Array(UInt8) COMMENT 'Service control policies: level, 0 for the root and on to the account',
    ADD COLUMN IF NOT EXISTS `controls.name` Array(String) COMMENT 'Service control policies: name',
    ADD COLUMN IF NOT EXISTS `controls.arn` Array(String) COMMENT 'Service control policies: ARN',
    ADD COLUMN IF NOT EXISTS `controls.document` Array(String) COMMENT 'Service control policies: document hash'
