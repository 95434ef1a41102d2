-- What readers of an index have spent of its privacy budget. Times are UTC milliseconds since 1970; epsilons are millionths;
-- budget, cost and spent are units of the composition (sum: millionths of epsilon; zcdp: 10^-12 of rho).
CREATE TABLE privacy_accounts (
    project TEXT NOT NULL,
    index_name TEXT NOT NULL,
    generation BIGINT NOT NULL,
    epsilon_per_query BIGINT NOT NULL,
    epsilon_budget BIGINT NOT NULL,
    delta REAL NOT NULL,
    composition TEXT NOT NULL,
    budget BIGINT NOT NULL,
    cost BIGINT NOT NULL,
    spent BIGINT NOT NULL,
    queries BIGINT NOT NULL,
    opened_at BIGINT NOT NULL,
    PRIMARY KEY (project, index_name),
    CHECK (cost > 0 AND spent >= 0 AND spent <= budget)
);

-- One search each. A reservation that is not refunded is spent, whether anything was released or not.
CREATE TABLE privacy_events (
    request_id TEXT PRIMARY KEY,
    project TEXT NOT NULL,
    index_name TEXT NOT NULL,
    generation BIGINT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('reserved', 'released', 'refunded')),
    cost BIGINT NOT NULL,
    reserved_at BIGINT NOT NULL,
    settled_at BIGINT
);

CREATE INDEX privacy_events_account ON privacy_events (project, index_name, generation);

-- Accounts as they were when an administrator closed them.
CREATE TABLE privacy_resets (
    project TEXT NOT NULL,
    index_name TEXT NOT NULL,
    generation BIGINT NOT NULL,
    epsilon_per_query BIGINT NOT NULL,
    epsilon_budget BIGINT NOT NULL,
    delta REAL NOT NULL,
    composition TEXT NOT NULL,
    spent BIGINT NOT NULL,
    queries BIGINT NOT NULL,
    opened_at BIGINT NOT NULL,
    reset_at BIGINT NOT NULL,
    request_id TEXT NOT NULL UNIQUE,
    PRIMARY KEY (project, index_name, generation)
);
