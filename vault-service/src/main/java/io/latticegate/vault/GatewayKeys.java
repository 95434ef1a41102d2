package io.latticegate.vault;

import io.latticegate.common.config.ConfiguredSecret;
import io.latticegate.common.config.ProviderConfig;
import io.latticegate.common.contract.VaultApi;
import io.latticegate.common.contract.VaultApi.KeyDescription;
import io.latticegate.common.contract.VaultApi.Owner;
import io.latticegate.common.value.Secret;
import io.latticegate.vault.record.KeyVault;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The gateway's own keys for one provider, as the configuration lists them. A provider for which it lists none keeps those
 * that are in the vault; otherwise the vault has exactly the listed ones.
 */
final class GatewayKeys {
    private static final Owner GATEWAY = Owner.gateway();

    private final KeyVault vault;
    private final ProviderConfig provider;
    private final List<KeyDescription> stored;
    private final Set<String> listed = new HashSet<>();
    private boolean changed;

    GatewayKeys(KeyVault vault, ProviderConfig provider) {
        this.vault = vault;
        this.provider = provider;
        this.stored = vault.describe(GATEWAY).stream()
                .filter(key -> key.provider().equals(provider.name()))
                .toList();
    }

    /**
     * Stores what is new, removes what is no longer listed, and wipes the secrets of the configuration; whether the vault
     * changed.
     *
     * @throws IllegalStateException where a key cannot be one
     */
    boolean importChanged() {
        put("api_key", VaultApi.DEFAULT_KEY, 1, provider.apiKey());
        for (ProviderConfig.NamedKey key : provider.apiKeys()) {
            put("api_keys." + key.name(), key.name(), key.weight(), key.key());
        }
        if (!listed.isEmpty()) {
            for (KeyDescription key : stored) {
                if (!listed.contains(key.name())) {
                    changed |= vault.delete(GATEWAY, provider.name(), key.name());
                }
            }
        }
        return changed;
    }

    private void put(String setting, String name, int weight, ConfiguredSecret configured) {
        if (!configured.isSet()) {
            return;
        }
        listed.add(name);
        try (Secret key = configured.require()) {
            if (!KeyVault.plausible(key)) {
                throw new IllegalStateException(
                        "providers." + provider.name() + "." + setting + " must be visible ASCII without spaces");
            }
            String print = vault.fingerprintOf(key);
            boolean known = stored.stream()
                    .anyMatch(one -> one.name().equals(name)
                            && one.weight() == weight
                            && one.fingerprint().equals(print));
            if (!known) {
                KeyVault.Storing storing = vault.store(GATEWAY, provider.name(), name, weight, key, null);
                if (storing instanceof KeyVault.Storing.TooMany) {
                    throw new IllegalStateException("the vault holds " + VaultApi.KEYS_MAX + " keys of the gateway for "
                            + provider.name() + " already, so " + setting + " does not fit; delete old ones");
                }
                changed = true;
            }
        }
    }
}
