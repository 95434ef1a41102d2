package io.latticegate.common.config;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The key-encryption keys of vault-service.
 *
 * @param keys empty where this configuration is not that of vault-service
 * @param active id of the key that wraps new data keys; empty where there are no keys
 */
public record EncryptionConfig(List<EncryptionKey> keys, String active) {
    private static final int KEYS_MAX = 16;

    public EncryptionConfig {
        keys = List.copyOf(keys);
        IllegalSetting.unless(keys.size() <= KEYS_MAX, "keys", "holds more than " + KEYS_MAX + " keys");
        Set<String> ids = new HashSet<>();
        for (EncryptionKey key : keys) {
            IllegalSetting.unless(ids.add(key.id()), "keys", "holds the id " + key.id() + " twice");
        }
        IllegalSetting.unless(
                keys.isEmpty() ? active.isEmpty() : ids.contains(active),
                "active",
                keys.isEmpty() ? "names a key, but encryption.keys is empty" : "must name one of " + ids);
    }

    static EncryptionConfig from(ConfigNode node) {
        List<EncryptionKey> keys = node.items("keys", EncryptionKey::from);
        @Nullable
        String active = node.find(
                "active", SettingType.TEXT, "Id of the key that wraps new data keys; may be left out with one key");
        IllegalSetting.unless(
                node.get("required", SettingType.FLAG, true, "Only true: provider keys are never stored unencrypted"),
                "required",
                "is false, but provider keys are never stored unencrypted");
        if (active == null) {
            IllegalSetting.unless(keys.size() < 2, "active", "must name one of several keys");
            active = keys.isEmpty() ? "" : keys.getFirst().id();
        }
        return new EncryptionConfig(keys, active);
    }
}
