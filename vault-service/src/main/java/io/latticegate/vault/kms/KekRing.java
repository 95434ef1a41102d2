package io.latticegate.vault.kms;

import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The key-encryption keys that this vault can use: the active one wraps, the others only unwrap older records. */
public final class KekRing {
    /** Most keys at a time. */
    public static final int KEYS_MAX = 16;

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
     * The ring of a production start, which has exactly one active key.
     *
     * @param file {@code VAULT_KEY_PATH}
     * @param value {@code VAULT_KEY}
     * @param previous files of older keys
     * @throws IllegalStateException when no key, or more than one, is given
     */
    public static KekRing configured(
            @Nullable Path file, @Nullable String value, List<Path> previous, SecureRandom random) {
        if (file == null && value == null) {
            throw new IllegalStateException(
                    "vault-service does not start without a key-encryption key: give VAULT_KEY_PATH"
                            + " (a file with 32 bytes in base64) or VAULT_KEY; `openssl rand -base64 32` makes one");
        }
        if (file != null && value != null) {
            throw new IllegalStateException(
                    "both VAULT_KEY_PATH and VAULT_KEY are given: which of them protects new records?");
        }
        StaticKek active = file != null
                ? StaticKek.read(file, random)
                : StaticKek.ofBase64(value == null ? "" : value, "VAULT_KEY", random);
        List<StaticKek> older = new ArrayList<>();
        previous.forEach(path -> older.add(StaticKek.read(path, random)));
        return new KekRing(active, older);
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
