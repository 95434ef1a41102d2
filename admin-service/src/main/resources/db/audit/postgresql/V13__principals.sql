-- Who manages the gateway. token_hash is the SHA-256 of the token, of 192 random bits; projects holds ids divided by spaces,
-- null: all of them. revision grows with every change and ends the sessions that were begun before it. Times in UTC
-- milliseconds since 1970.
CREATE TABLE principal (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    role TEXT NOT NULL,
    projects TEXT,
    token_hash BYTEA NOT NULL UNIQUE,
    revision BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    last_used_at BIGINT,
    expires_at BIGINT
);

-- Who is signed in to the web interface. key_hash is the SHA-256 of the cookie, of 256 random bits. A session of a principal
-- names its revision; any other is bound to what it was begun with by a MAC under the cookie.
CREATE TABLE admin_session (
    key_hash BYTEA PRIMARY KEY,
    kind TEXT NOT NULL,
    principal_id TEXT REFERENCES principal (id) ON DELETE CASCADE,
    revision BIGINT NOT NULL,
    binding BYTEA,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    used_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);

CREATE INDEX admin_session_owner ON admin_session (kind, name, expires_at);
