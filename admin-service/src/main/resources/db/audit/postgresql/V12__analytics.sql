-- Which values the rows of analytics_rollup are about; what the grouping does not tell apart is empty. id is a hash of them,
-- last_day counts from 1970-01-01 UTC.
CREATE TABLE analytics_key (
    id BYTEA PRIMARY KEY,
    grouped_by SMALLINT NOT NULL,
    last_day INTEGER NOT NULL,
    project_id TEXT NOT NULL,
    token_id TEXT NOT NULL,
    wallet TEXT NOT NULL,
    end_user TEXT NOT NULL,
    model TEXT NOT NULL,
    provider TEXT NOT NULL,
    endpoint TEXT NOT NULL,
    outcome TEXT NOT NULL,
    error_class TEXT NOT NULL
);

CREATE INDEX analytics_key_wallet ON analytics_key (wallet) WHERE wallet <> '';

-- How many keys each grouping has, so that it can be bounded.
CREATE TABLE analytics_grouping (
    grouped_by SMALLINT PRIMARY KEY,
    known INTEGER NOT NULL
);

-- Sums over the requests that ended from start (seconds since 1970 UTC) for a minute, an hour or a day (resolution 1, 2, 3).
-- latency is a histogram; see LatencyHistogram.
CREATE TABLE analytics_rollup (
    resolution SMALLINT NOT NULL,
    grouped_by SMALLINT NOT NULL,
    start BIGINT NOT NULL,
    key_id BYTEA NOT NULL,
    requests BIGINT NOT NULL,
    succeeded BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    tokens_in BIGINT NOT NULL,
    tokens_out BIGINT NOT NULL,
    tokens_cached BIGINT NOT NULL,
    cost_micro_usd BIGINT NOT NULL,
    cache_hits BIGINT NOT NULL,
    saved_micro_usd BIGINT NOT NULL,
    latency BYTEA NOT NULL,
    PRIMARY KEY (resolution, grouped_by, start, key_id)
);

-- The one row that a transaction holds while it changes sums.
CREATE TABLE analytics_turn (
    turn BIGINT NOT NULL
);

INSERT INTO analytics_turn (turn) VALUES (0);
