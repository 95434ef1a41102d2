-- An owner may have several keys for one provider, told apart by name, each with its share of the requests.
ALTER TABLE vault_records ADD COLUMN key_name TEXT NOT NULL DEFAULT 'default';
ALTER TABLE vault_records ADD COLUMN weight BIGINT NOT NULL DEFAULT 1;
ALTER TABLE vault_records DROP CONSTRAINT vault_records_owner_kind_owner_id_provider_key;
ALTER TABLE vault_records ADD UNIQUE (owner_kind, owner_id, provider, key_name);
