-- Ends and events, exactly once by (node, seq). Times are UTC microseconds since 1970; absent text is null.
CREATE TABLE audit_log (
    node TEXT NOT NULL,
    seq BIGINT NOT NULL,
    received_at BIGINT NOT NULL,
    phase TEXT NOT NULL,
    occurred_at BIGINT NOT NULL,
    action TEXT NOT NULL,
    actor_kind TEXT NOT NULL,
    actor_id TEXT,
    request_id TEXT,
    correlation_id TEXT,
    project_id TEXT,
    token_id TEXT,
    client_ip TEXT,
    method TEXT,
    path TEXT,
    user_agent TEXT,
    surface TEXT,
    model TEXT,
    provider TEXT,
    credential_source TEXT,
    key_fingerprint TEXT,
    status INTEGER NOT NULL,
    outcome TEXT NOT NULL,
    reason TEXT,
    tokens_in BIGINT NOT NULL,
    tokens_out BIGINT NOT NULL,
    tokens_cached BIGINT NOT NULL,
    usage_estimated BOOLEAN NOT NULL,
    cost_micro_usd BIGINT NOT NULL,
    attempts INTEGER NOT NULL,
    elapsed_micros BIGINT NOT NULL,
    metadata TEXT,
    payload BYTEA NOT NULL,
    PRIMARY KEY (node, seq)
);

-- Nearly all entries are successes of one action: equality with those reads the times, rare others have an index.
CREATE INDEX audit_log_occurred ON audit_log (occurred_at, node, seq);
CREATE INDEX audit_log_action ON audit_log (action, occurred_at) WHERE action <> 'proxy_request';
CREATE INDEX audit_log_outcome ON audit_log (outcome, occurred_at) WHERE outcome <> 'success';
CREATE INDEX audit_log_client ON audit_log (client_ip, occurred_at) WHERE client_ip IS NOT NULL;
CREATE INDEX audit_log_project ON audit_log (project_id, occurred_at) WHERE project_id IS NOT NULL;
CREATE INDEX audit_log_actor ON audit_log (actor_id, occurred_at) WHERE actor_id IS NOT NULL;
CREATE INDEX audit_log_request ON audit_log (request_id) WHERE request_id IS NOT NULL;
CREATE INDEX audit_log_correlation ON audit_log (correlation_id) WHERE correlation_id IS NOT NULL;

-- What began. Listings show how things ended, so of a beginning only the entry's bytes are kept.
CREATE TABLE audit_begin (
    node TEXT NOT NULL,
    seq BIGINT NOT NULL,
    received_at BIGINT NOT NULL,
    payload BYTEA NOT NULL,
    PRIMARY KEY (node, seq)
);

-- How far each node's journal has been stored. Its row is the lock under which a node's entries are stored.
CREATE TABLE audit_node (
    node TEXT PRIMARY KEY,
    stored_through BIGINT NOT NULL
);

-- Entries that were never delivered, though later ones of the same node were.
CREATE TABLE audit_gap (
    node TEXT NOT NULL,
    from_seq BIGINT NOT NULL,
    to_seq BIGINT NOT NULL,
    detected_at BIGINT NOT NULL,
    PRIMARY KEY (node, from_seq)
);

-- Entries delivered under a sequence number that another entry of the same node already has.
CREATE TABLE audit_conflict (
    node TEXT NOT NULL,
    seq BIGINT NOT NULL,
    digest BYTEA NOT NULL,
    payload BYTEA NOT NULL,
    received_at BIGINT NOT NULL,
    PRIMARY KEY (node, seq, digest)
);

-- Sums over ended requests, kept in the transaction that stores them. day counts from 1970-01-01 UTC.
CREATE TABLE audit_usage (
    scope TEXT NOT NULL,
    id TEXT NOT NULL,
    day INTEGER NOT NULL,
    requests BIGINT NOT NULL,
    succeeded BIGINT NOT NULL,
    tokens_in BIGINT NOT NULL,
    tokens_out BIGINT NOT NULL,
    tokens_cached BIGINT NOT NULL,
    cost_micro_usd BIGINT NOT NULL,
    last_at BIGINT NOT NULL,
    PRIMARY KEY (scope, id, day)
);
