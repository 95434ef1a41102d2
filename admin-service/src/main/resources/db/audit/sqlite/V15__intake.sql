-- Leaves of entries that follow one another in one journal lie in one row: hashes holds theirs, 32 bytes each, of the leaves
-- from first_idx on, which are the entries from first_seq on.
CREATE TABLE audit_leaves (
    first_idx INTEGER PRIMARY KEY,
    node TEXT NOT NULL,
    first_seq BIGINT NOT NULL,
    hashes BLOB NOT NULL,
    UNIQUE (node, first_seq)
);
INSERT INTO audit_leaves (first_idx, node, first_seq, hashes) SELECT idx, node, seq, hash FROM audit_leaf;
DROP TABLE audit_leaf;

-- A request of a client that names no correlation is its own, and is found by its request id.
DROP INDEX audit_log_correlation;
CREATE INDEX audit_log_correlation ON audit_log (correlation_id) WHERE correlation_id <> request_id;

-- Up to which position of the log the sums reach; the rest is added to them in the turn of whoever comes next.
ALTER TABLE analytics_turn ADD COLUMN through BIGINT NOT NULL DEFAULT 0;
UPDATE analytics_turn SET through = (SELECT last FROM audit_position WHERE id = 1);
