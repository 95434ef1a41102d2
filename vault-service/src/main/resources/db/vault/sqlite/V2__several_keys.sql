-- An owner may have several keys for one provider, told apart by name, each with its share of the requests.
-- SQLite cannot drop a constraint, so the table is written anew.
CREATE TABLE vault_records_named (
    record_id TEXT PRIMARY KEY,
    owner_kind TEXT NOT NULL,
    owner_id TEXT NOT NULL,
    provider TEXT NOT NULL,
    key_name TEXT NOT NULL DEFAULT 'default',
    weight BIGINT NOT NULL DEFAULT 1,
    version BIGINT NOT NULL,
    kek_id TEXT NOT NULL,
    sealed BLOB NOT NULL,
    fingerprint TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    signed_at_seconds BIGINT,
    expires_at BIGINT,
    ends_at BIGINT,
    UNIQUE (owner_kind, owner_id, provider, key_name)
);

INSERT INTO vault_records_named (
    record_id, owner_kind, owner_id, provider, version, kek_id, sealed, fingerprint,
    created_at, signed_at_seconds, expires_at, ends_at)
SELECT record_id, owner_kind, owner_id, provider, version, kek_id, sealed, fingerprint,
    created_at, signed_at_seconds, expires_at, ends_at
FROM vault_records;

DROP TABLE vault_records;

ALTER TABLE vault_records_named RENAME TO vault_records;

CREATE INDEX vault_records_expires_at ON vault_records (expires_at);
