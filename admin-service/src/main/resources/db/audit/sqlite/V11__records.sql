-- In which order entries became visible: the numbers are given in the transaction that stores them, under the lock of the
-- one row of audit_position, so that whoever has read up to a number has missed nothing below it.
ALTER TABLE audit_log ADD COLUMN position BIGINT;
UPDATE audit_log SET position = numbered.position
    FROM (SELECT node, seq, ROW_NUMBER() OVER (ORDER BY received_at, node, seq) AS position FROM audit_log) AS numbered
    WHERE audit_log.node = numbered.node AND audit_log.seq = numbered.seq;
CREATE UNIQUE INDEX audit_log_position ON audit_log (position);
CREATE TABLE audit_position (
    id INTEGER PRIMARY KEY,
    last BIGINT NOT NULL
);
INSERT INTO audit_position (id, last) SELECT 1, COALESCE(MAX(position), 0) FROM audit_log;

-- Up to here entries of the node may have been deleted for their age; one that comes again is not stored again.
ALTER TABLE audit_node ADD COLUMN pruned_through BIGINT NOT NULL DEFAULT 0;
CREATE INDEX audit_begin_received ON audit_begin (received_at);

-- Under which sealing key this store is sealed: one row, a value derived from the key.
CREATE TABLE audit_sealing (
    id INTEGER PRIMARY KEY,
    fingerprint BLOB NOT NULL
);

-- One row where entries were stored before entries were sealed.
CREATE TABLE audit_unsealed (
    id INTEGER PRIMARY KEY
);
INSERT INTO audit_unsealed (id)
    SELECT 1 WHERE EXISTS (SELECT 1 FROM audit_log) OR EXISTS (SELECT 1 FROM audit_begin);

-- A key per subject and month (counted from 1970-01 UTC). tag is a keyed hash of the subject; wrapped holds the key, sealed.
-- An erased subject's rows keep neither.
CREATE TABLE audit_subject (
    key_id BLOB PRIMARY KEY,
    kind TEXT NOT NULL,
    month INTEGER NOT NULL,
    tag BLOB UNIQUE,
    wrapped BLOB,
    created_at BIGINT NOT NULL,
    erased_at BIGINT,
    erasure BLOB
);
CREATE INDEX audit_subject_month ON audit_subject (month);
CREATE INDEX audit_subject_erasure ON audit_subject (erasure) WHERE erasure IS NOT NULL;

-- Entries whose text names a subject that is neither their actor nor their client.
CREATE TABLE audit_mention (
    key_id BLOB NOT NULL,
    node TEXT NOT NULL,
    seq BIGINT NOT NULL,
    PRIMARY KEY (key_id, node, seq)
) WITHOUT ROWID;

-- Erasures under way: the keys are destroyed, entries up to through are still to be cleaned. subject is sealed.
CREATE TABLE audit_erasure (
    id BLOB PRIMARY KEY,
    subject BLOB NOT NULL,
    erased_at BIGINT NOT NULL,
    through BIGINT NOT NULL,
    entries BIGINT NOT NULL
);

-- Work that one admin-service at a time does, and until when it may. Times here and below: UTC microseconds since 1970.
CREATE TABLE work_lease (
    name TEXT PRIMARY KEY,
    holder TEXT NOT NULL,
    until BIGINT NOT NULL
);

-- Up to which position a sink has taken over the log.
CREATE TABLE export_cursor (
    sink TEXT PRIMARY KEY,
    position BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

-- Sums over ended requests per minute (counted from 1970 UTC) and project, for alerts; those without project have ''.
CREATE TABLE alert_minute (
    minute BIGINT NOT NULL,
    project_id TEXT NOT NULL,
    requests BIGINT NOT NULL,
    failed BIGINT NOT NULL,
    cost_micro_usd BIGINT NOT NULL,
    PRIMARY KEY (minute, project_id)
) WITHOUT ROWID;

-- What fires or has fired. scope: what of, such as a project or a node; labels: a JSON object.
CREATE TABLE alert (
    id TEXT PRIMARY KEY,
    rule TEXT NOT NULL,
    scope TEXT NOT NULL,
    severity TEXT NOT NULL,
    summary TEXT NOT NULL,
    labels TEXT NOT NULL,
    since BIGINT NOT NULL,
    resolved_at BIGINT
);
CREATE UNIQUE INDEX alert_firing ON alert (rule, scope) WHERE resolved_at IS NULL;
CREATE INDEX alert_since ON alert (since);

-- Messages to webhooks that are not delivered yet.
CREATE TABLE alert_delivery (
    id TEXT PRIMARY KEY,
    webhook TEXT NOT NULL,
    body TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    next_at BIGINT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX alert_delivery_next ON alert_delivery (next_at);
