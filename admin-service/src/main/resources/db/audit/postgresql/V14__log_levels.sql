-- Log levels that operators have set at run time, as JSON; the highest version is in force. changed_at: UTC microseconds since 1970.
CREATE TABLE log_levels (
    version BIGINT PRIMARY KEY,
    levels TEXT NOT NULL,
    changed_at BIGINT NOT NULL
);
