-- The lifetime of the shared short-lived state that this schema believes in; at most one row.
CREATE TABLE shared_state_epoch (
    singleton   bigint  NOT NULL PRIMARY KEY CHECK (singleton = 1),
    id          text    NOT NULL,
    started_at  bigint  NOT NULL,
    guard_until bigint  NOT NULL
);

-- Nonces and digests that wallets have used, for a process that keeps this state itself.
CREATE TABLE used_nonces (
    wallet  text    NOT NULL,
    nonce   text    NOT NULL,
    seen_at bigint  NOT NULL,
    PRIMARY KEY (wallet, nonce)
);

CREATE INDEX used_nonces_seen ON used_nonces (seen_at);
