-- The transparency log over audit_log and audit_begin (RFC 9162): one leaf per stored entry, idx dense from 0 in the order of
-- commits, hash = SHA-256(0x00 || leaf data).
CREATE TABLE audit_leaf (
    idx INTEGER PRIMARY KEY,
    node TEXT NOT NULL,
    seq BIGINT NOT NULL,
    hash BLOB NOT NULL,
    UNIQUE (node, seq)
);

-- Its one row is the lock under which leaves get their index. While backfilled is false, entries that were stored before
-- the log existed are being taken in, and audit_backfill says how far.
CREATE TABLE audit_tree (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    size BIGINT NOT NULL,
    backfilled BOOLEAN NOT NULL
);
INSERT INTO audit_tree (id, size, backfilled)
    SELECT 1, 0, NOT EXISTS (SELECT 1 FROM audit_node WHERE stored_through > 0);

CREATE TABLE audit_backfill (
    node TEXT PRIMARY KEY,
    through BIGINT NOT NULL
);

-- Heads of full subtrees of 256 leaves (level 1), 65,536 leaves (level 2) and so on: the hashes of C2SP tiles above level 0.
CREATE TABLE audit_subtree (
    level INTEGER NOT NULL,
    idx BIGINT NOT NULL,
    hash BLOB NOT NULL,
    PRIMARY KEY (level, idx)
) WITHOUT ROWID;

-- The last signed head. Its one row is the lock under which heads are signed. peaks holds the heads of the full subtrees
-- that make up the tree, largest first; note is empty before the first signature. signed_at in UTC microseconds since 1970.
CREATE TABLE audit_checkpoint (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    size BIGINT NOT NULL,
    root BLOB NOT NULL,
    peaks BLOB NOT NULL,
    note TEXT NOT NULL,
    signed_at BIGINT NOT NULL
);
INSERT INTO audit_checkpoint (id, size, root, peaks, note, signed_at)
    VALUES (1, 0, x'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', x'', '', 0);

-- The key pairs that sign heads; the private keys are sealed under a secret that lies outside of the database.
CREATE TABLE audit_signing_key (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    origin TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    p256_public BLOB NOT NULL,
    mldsa_public BLOB NOT NULL,
    sealed BLOB NOT NULL
);
