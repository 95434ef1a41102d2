-- Identifiers are compared and paged byte by byte, whatever the collation of the database.
-- Times are UTC milliseconds since 1970; NULL in a limit or a block means without limit.

CREATE TABLE projects (
    id                 text COLLATE "C" NOT NULL PRIMARY KEY,
    name               text NOT NULL,
    active             boolean NOT NULL,
    deactivated_at     bigint,
    created_at         bigint NOT NULL,
    updated_at         bigint NOT NULL
);

CREATE TABLE tokens (
    id                 text COLLATE "C" NOT NULL PRIMARY KEY,
    digest             bytea NOT NULL UNIQUE,
    obfuscated         text NOT NULL,
    project_id         text NOT NULL REFERENCES projects (id),
    expires_at         bigint NOT NULL,
    active             boolean NOT NULL,
    limit_requests     bigint,
    limit_tokens       bigint,
    limit_micro_usd    bigint,
    spent_requests     bigint NOT NULL DEFAULT 0 CHECK (spent_requests >= 0),
    spent_tokens       bigint NOT NULL DEFAULT 0 CHECK (spent_tokens >= 0),
    spent_micro_usd    bigint NOT NULL DEFAULT 0 CHECK (spent_micro_usd >= 0),
    reserved_requests  bigint NOT NULL DEFAULT 0 CHECK (reserved_requests >= 0),
    reserved_tokens    bigint NOT NULL DEFAULT 0 CHECK (reserved_tokens >= 0),
    reserved_micro_usd bigint NOT NULL DEFAULT 0 CHECK (reserved_micro_usd >= 0),
    created_at         bigint NOT NULL,
    last_used_at       bigint
) WITH (fillfactor = 70);

CREATE INDEX tokens_by_project ON tokens (project_id, id);

CREATE TABLE leases (
    id                 text COLLATE "C" NOT NULL PRIMARY KEY,
    token_id           text NOT NULL REFERENCES tokens (id),
    node               text NOT NULL,
    state              text NOT NULL CHECK (state IN ('open', 'ended', 'lost')),
    block_requests     bigint,
    block_tokens       bigint,
    block_micro_usd    bigint,
    settled_requests   bigint NOT NULL DEFAULT 0,
    settled_tokens     bigint NOT NULL DEFAULT 0,
    settled_micro_usd  bigint NOT NULL DEFAULT 0,
    granted_at         bigint NOT NULL,
    lost_after         bigint NOT NULL,
    closed_at          bigint
);

CREATE INDEX leases_open ON leases (lost_after) WHERE state = 'open';
CREATE INDEX leases_closed ON leases (closed_at) WHERE state <> 'open';
