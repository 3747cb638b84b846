-- A trust policy is part of its role's version, so these rows never change.
CREATE TABLE IF NOT EXISTS trusts
(
    account       LowCardinality(String) COMMENT 'AWS account id of the role, 12 digits',
    entity_id     String COMMENT 'Unique id of the role' CODEC(ZSTD(3)),
    version       String COMMENT 'Version of the role''s content' CODEC(ZSTD(3)),
    statement     UInt16 COMMENT 'Index of the statement in the trust policy, from 0',
    principal_kind LowCardinality(String) COMMENT 'AWS, Service, Federated, CanonicalUser or *',
    principal     String COMMENT 'The principal as written' CODEC(ZSTD(3)),
    principal_account String COMMENT 'Account that the principal names; empty when none',
    effect        LowCardinality(String) COMMENT 'Allow or Deny',
    actions       Array(LowCardinality(String)) COMMENT 'Actions as written',
    condition_keys Array(LowCardinality(String)) COMMENT 'Condition keys of the statement',
    external_id   Bool COMMENT 'Whether a condition asks for an ExternalId',
    is_public     Bool COMMENT 'Whether anyone at all may take the role',
    is_cross_account Bool COMMENT 'Whether the principal is of another account',
    is_excluded   Bool COMMENT 'Whether the statement is for everyone but this principal (NotPrincipal)',
    is_deleted    Bool COMMENT 'Whether the principal is the unique id of a deleted user or role'
)
ENGINE = ReplacingMergeTree
ORDER BY (account, entity_id, version, statement, principal_kind, principal)
COMMENT 'Who may take a role, one row per statement and principal of its trust policy'
