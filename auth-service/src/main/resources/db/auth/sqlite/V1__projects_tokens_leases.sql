-- Times are UTC milliseconds since 1970; NULL in a limit or a block means without limit.

CREATE TABLE projects (
    id             text    NOT NULL PRIMARY KEY,
    name           text    NOT NULL,
    active         integer NOT NULL,
    deactivated_at integer,
    created_at     integer NOT NULL,
    updated_at     integer NOT NULL
) STRICT;

CREATE TABLE tokens (
    id                 text    NOT NULL PRIMARY KEY,
    digest             blob    NOT NULL UNIQUE,
    obfuscated         text    NOT NULL,
    project_id         text    NOT NULL REFERENCES projects (id),
    expires_at         integer NOT NULL,
    active             integer NOT NULL,
    limit_requests     integer,
    limit_tokens       integer,
    limit_micro_usd    integer,
    spent_requests     integer NOT NULL DEFAULT 0 CHECK (spent_requests >= 0),
    spent_tokens       integer NOT NULL DEFAULT 0 CHECK (spent_tokens >= 0),
    spent_micro_usd    integer NOT NULL DEFAULT 0 CHECK (spent_micro_usd >= 0),
    reserved_requests  integer NOT NULL DEFAULT 0 CHECK (reserved_requests >= 0),
    reserved_tokens    integer NOT NULL DEFAULT 0 CHECK (reserved_tokens >= 0),
    reserved_micro_usd integer NOT NULL DEFAULT 0 CHECK (reserved_micro_usd >= 0),
    created_at         integer NOT NULL,
    last_used_at       integer
) STRICT;

CREATE INDEX tokens_by_project ON tokens (project_id, id);

CREATE TABLE leases (
    id                text    NOT NULL PRIMARY KEY,
    token_id          text    NOT NULL REFERENCES tokens (id),
    node              text    NOT NULL,
    state             text    NOT NULL CHECK (state IN ('open', 'ended', 'lost')),
    block_requests    integer,
    block_tokens      integer,
    block_micro_usd   integer,
    settled_requests  integer NOT NULL DEFAULT 0,
    settled_tokens    integer NOT NULL DEFAULT 0,
    settled_micro_usd integer NOT NULL DEFAULT 0,
    granted_at        integer NOT NULL,
    lost_after        integer NOT NULL,
    closed_at         integer
) STRICT;

CREATE INDEX leases_open ON leases (lost_after) WHERE state = 'open';
CREATE INDEX leases_closed ON leases (closed_at) WHERE state <> 'open';
