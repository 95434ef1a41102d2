package io.latticegate.common.config;

import io.latticegate.common.value.Secret;
import java.util.Arrays;
import java.util.Base64;

/**
 * A key-encryption key of 256 bits.
 *
 * @param id names the key in records and reports; never reused for another key
 * @param source {@code file:/path} or {@code env:NAME}
 * @param material the 32 bytes, or why this process cannot have them
 */
public record EncryptionKey(String id, String source, ConfiguredSecret material) {
    private static final int KEY_BYTES = 32;
    private static final String NOT_A_KEY = "must hold 32 bytes in base64, such as `openssl rand -base64 32` prints";

    public EncryptionKey {
        IllegalSetting.unless(
                id.matches("[A-Za-z0-9._-]{1,64}"), "id", "must be 1 to 64 letters, digits, dots, dashes, underscores");
        IllegalSetting.unless(
                material.find().map(key -> key.length() == KEY_BYTES).orElse(true), "source", "must hold 32 bytes");
    }

    static EncryptionKey from(ConfigNode node) {
        String id = node.raw("id", "Names the key in records and reports; never reused for another key");
        String source =
                node.raw("source", "file:/path or env:NAME of 32 bytes in base64 (a file may also hold them raw)");
        if (id == null || source == null) {
            throw new IllegalSetting(id == null ? "id" : "source", "is missing; a key has an id and a source");
        }
        return new EncryptionKey(id, source, material(node.references(), source));
    }

    /**
     * The 32 bytes at {@code source}, or why this process cannot have them.
     *
     * @throws IllegalSetting at {@code source} where it names no key
     */
    static ConfiguredSecret material(References references, String source) {
        try {
            if (source.startsWith("file:")) {
                return key(references.fileBytes(source), true);
            }
            if (source.startsWith("env:")) {
                Secret written = references
                        .environmentSecret(source.substring("env:".length()))
                        .require();
                return written.expose(text -> key(text.clone(), false));
            }
        } catch (References.Unresolved unresolved) {
            return ConfiguredSecret.unavailable(String.valueOf(unresolved.getMessage()));
        } catch (IllegalSetting refused) {
            throw refused;
        } catch (IllegalArgumentException malformed) {
            throw new IllegalSetting("source", String.valueOf(malformed.getMessage()));
        }
        throw new IllegalSetting(
                "source",
                source.matches("(kms|pkcs11|transit|aws):.*")
                        ? "uses " + source.substring(0, source.indexOf(':') + 1)
                                + ", which is not available in this version"
                        : "must begin with file: or env:");
    }

    /**
     * Decodes 43 or 44 characters of base64, in either alphabet.
     *
     * @param written wiped here
     * @param raw whether 32 bytes are taken as they are
     */
    private static ConfiguredSecret key(byte[] written, boolean raw) {
        if (raw && written.length == KEY_BYTES) {
            return ConfiguredSecret.of(Secret.owning(written));
        }
        byte[] standard = Arrays.copyOf(written, References.withoutNewline(written));
        Arrays.fill(written, (byte) 0);
        for (int index = 0; index < standard.length; index++) {
            standard[index] = switch (standard[index]) {
                case '-' -> '+';
                case '_' -> '/';
                default -> standard[index];
            };
        }
        try {
            byte[] decoded = Base64.getDecoder().decode(standard);
            if (decoded.length == KEY_BYTES) {
                return ConfiguredSecret.of(Secret.owning(decoded));
            }
            Arrays.fill(decoded, (byte) 0);
        } catch (IllegalArgumentException malformed) {
            throw new IllegalSetting("source", NOT_A_KEY);
        } finally {
            Arrays.fill(standard, (byte) 0);
        }
        throw new IllegalSetting("source", NOT_A_KEY);
    }
}
