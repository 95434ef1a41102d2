-- Who acts without an id, such as the management token or the system: listed by kind.
CREATE INDEX audit_log_unnamed ON audit_log (actor_kind, occurred_at) WHERE actor_id IS NULL;
