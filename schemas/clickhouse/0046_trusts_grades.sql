ALTER TABLE trusts
    ADD COLUMN IF NOT EXISTS grade LowCardinality(String) COMMENT 'What the conditions look at: none, weak, mfa, external-id, federation, principal …; empty: not judged yet',
    ADD COLUMN IF NOT EXISTS has_subject Bool COMMENT 'Identity provider: whether conditions demand to know whom it vouches for',
    ADD COLUMN IF NOT EXISTS has_audience Bool COMMENT 'Identity provider: whether conditions demand to know whom its token is for'
