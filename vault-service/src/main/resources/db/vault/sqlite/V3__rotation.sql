-- When a record was last wrapped or encrypted anew without being replaced; null: never.
ALTER TABLE vault_records ADD COLUMN rotated_at BIGINT;

CREATE INDEX vault_records_kek_id ON vault_records (kek_id, record_id);

-- Rotations, at most one of them RUNNING. position is the last record_id that is done; runner works on it until runner_until.
CREATE TABLE vault_rotations (
    id TEXT PRIMARY KEY,
    what TEXT NOT NULL,
    kek_id TEXT NOT NULL,
    state TEXT NOT NULL,
    total BIGINT NOT NULL,
    done BIGINT NOT NULL,
    failed BIGINT NOT NULL,
    pass BIGINT NOT NULL,
    position TEXT NOT NULL,
    reason TEXT NOT NULL,
    started_at BIGINT NOT NULL,
    finished_at BIGINT,
    runner TEXT NOT NULL,
    runner_until BIGINT NOT NULL
);

CREATE UNIQUE INDEX vault_rotations_running ON vault_rotations (state) WHERE state = 'RUNNING';
