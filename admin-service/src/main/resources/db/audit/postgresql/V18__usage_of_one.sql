-- The keys of one project, token, wallet or end user are found by themselves, so that its usage is not sought among everybody's.
DROP INDEX analytics_key_wallet;
CREATE INDEX analytics_key_project ON analytics_key (grouped_by, project_id);
CREATE INDEX analytics_key_token ON analytics_key (grouped_by, token_id);
CREATE INDEX analytics_key_wallet ON analytics_key (grouped_by, wallet);
CREATE INDEX analytics_key_user ON analytics_key (grouped_by, end_user);
