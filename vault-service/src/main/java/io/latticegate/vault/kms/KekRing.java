package io.latticegate.vault.kms;

import io.latticegate.common.config.EncryptionConfig;
import java.security.SecureRandom;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** The key-encryption keys that this vault can use: the active one wraps, the others only unwrap older records. */
public final class KekRing {
    /** Most keys at a time. */
    public static final int KEYS_MAX = 64;

    private final KeyEncryptionKey active;
    private final Map<String, KeyEncryptionKey> byId;

    /** @param previous keys that protect records written before {@code active} became active */
    public KekRing(KeyEncryptionKey active, List<? extends KeyEncryptionKey> previous) {
        if (previous.size() >= KEYS_MAX) {
            throw new IllegalArgumentException(
                    "at most " + KEYS_MAX + " key-encryption keys, not " + (previous.size() + 1));
        }
        this.active = active;
        Map<String, KeyEncryptionKey> keys = new LinkedHashMap<>();
        keys.put(checked(active), active);
        for (KeyEncryptionKey key : previous) {
            if (keys.putIfAbsent(checked(key), key) != null) {
                throw new IllegalArgumentException("the key-encryption key " + key.id() + " is given twice");
            }
        }
        this.byId = Map.copyOf(keys);
    }

    /**
     * The ring that the configuration names.
     *
     * @throws IllegalStateException when it names no key, or one that cannot be read here
     */
    public static KekRing configured(EncryptionConfig config, SecureRandom random) {
        if (config.keys().isEmpty()) {
            throw new IllegalStateException(
                    "vault-service does not start without a key-encryption key: set VAULT_KEY_PATH"
                            + " (a file), VAULT_KEY or encryption.keys to 32 bytes in base64; `openssl rand -base64 32` makes them");
        }
        Map<Boolean, List<StaticKek>> keys = config.keys().stream()
                .map(key -> StaticKek.of(key.id(), key.material().require().copy(), random))
                .collect(Collectors.partitioningBy(kek -> kek.id().equals(config.active())));
        return new KekRing(Objects.requireNonNull(keys.get(true)).getFirst(), Objects.requireNonNull(keys.get(false)));
    }

    public KeyEncryptionKey active() {
        return active;
    }

    public Optional<KeyEncryptionKey> find(String id) {
        return Optional.ofNullable(byId.get(id));
    }

    public Set<String> ids() {
        return byId.keySet();
    }

    private static String checked(KeyEncryptionKey key) {
        if (!key.id().matches("[A-Za-z0-9._:-]{1," + KeyEncryptionKey.ID_MAX_LENGTH + "}")) {
            throw new IllegalArgumentException("not an id of a key-encryption key: " + key.id());
        }
        return key.id();
    }
}
