-- Provider keys, sealed. Times are UTC milliseconds since 1970; expires_at is null where a key does not expire.
CREATE TABLE vault_records (
    record_id TEXT PRIMARY KEY,
    owner_kind TEXT NOT NULL,
    owner_id TEXT NOT NULL,
    provider TEXT NOT NULL,
    version BIGINT NOT NULL,
    kek_id TEXT NOT NULL,
    sealed BYTEA NOT NULL,
    fingerprint TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    signed_at_seconds BIGINT,
    expires_at BIGINT,
    ends_at BIGINT,
    UNIQUE (owner_kind, owner_id, provider)
);

CREATE INDEX vault_records_expires_at ON vault_records (expires_at);

-- The vault's own keys, sealed like records: one per purpose, shared by all instances.
CREATE TABLE vault_service_keys (
    purpose TEXT PRIMARY KEY,
    key_id TEXT NOT NULL,
    kek_id TEXT NOT NULL,
    sealed BYTEA NOT NULL,
    created_at BIGINT NOT NULL
);
