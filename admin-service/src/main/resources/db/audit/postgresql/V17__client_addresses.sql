-- From which addresses managers, tokens and wallets were seen to act. subject and address are keyed hashes; token_id is empty but
-- for tokens; node and seq are the entry that told of the address first; first_at: when that was stored, UTC
-- microseconds since 1970; last_day: days
-- since 1970 UTC; is_new: the subject had been seen before, from other addresses only.
CREATE TABLE client_address (
    subject BYTEA NOT NULL,
    address BYTEA NOT NULL,
    kind TEXT NOT NULL,
    token_id TEXT NOT NULL,
    node TEXT NOT NULL,
    seq BIGINT NOT NULL,
    first_at BIGINT NOT NULL,
    last_day BIGINT NOT NULL,
    is_new BOOLEAN NOT NULL,
    PRIMARY KEY (subject, address)
);
CREATE INDEX client_address_new ON client_address (first_at) WHERE is_new;
CREATE INDEX client_address_used ON client_address (last_day, first_at);
CREATE INDEX client_address_address ON client_address (address);

-- Up to which position of the log addresses were looked at: one row.
CREATE TABLE client_address_cursor (
    id INTEGER PRIMARY KEY,
    position BIGINT NOT NULL
);
INSERT INTO client_address_cursor (id, position) SELECT 1, last FROM audit_position WHERE id = 1;
