-- What may change at run time, one row per version; the highest is in force. Rows are added and, beyond a bound, the oldest
-- deleted; none is ever changed. created_at in UTC microseconds since 1970.
CREATE TABLE rules_version (
    version BIGINT PRIMARY KEY,
    origin TEXT NOT NULL,
    file_hash TEXT NOT NULL,
    request_id TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    document TEXT NOT NULL
);

-- Where the keys of each provider go: a provider keeps its address until the configuration file gives it another.
CREATE TABLE rules_address (
    provider TEXT PRIMARY KEY,
    address TEXT NOT NULL
);
