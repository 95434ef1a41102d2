package io.latticegate.proxy.cache.redis;

import io.latticegate.common.crypto.AesGcm;
import io.latticegate.common.crypto.Hkdf;
import io.latticegate.common.value.Secret;
import io.latticegate.proxy.cache.CacheKey;
import io.latticegate.proxy.cache.StoredAnswer;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Encrypts what leaves the process. Thread-safe.
 *
 * <p>HKDF-SHA256 turns the configured key, a random salt and the entry's place (project, generation and the whole
 * {@link CacheKey}) into a key of the entry's own and a 32-byte commitment to it. AES-256-GCM encrypts under the former,
 * with the place as associated data; since no key is used twice, its nonce is zero. The commitment is compared before
 * anything is decrypted, so that no entry opens under two keys. An entry that was moved to another place, changed, or
 * sealed with another key does not open.
 *
 * <pre>
 * offset  bytes  content
 * 0       1      format, 1
 * 1       32     salt
 * 33      32     commitment
 * 65      n+16   ciphertext and tag
 * </pre>
 *
 * <p>The name of an entry is a keyed hash too: whoever reads Redis cannot test a guess of what was asked.
 */
final class AnswerSeal {
    /** What sealing adds. */
    static final int OVERHEAD_BYTES = 1 + 32 + 32 + AesGcm.TAG_BYTES;

    private static final int FORMAT = 1;
    private static final int SALT_BYTES = 32;
    private static final int COMMITMENT_BYTES = 32;
    private static final byte[] ENTRY = ascii("latticegate/cache/entry/v1");
    private static final byte[] NAME = ascii("latticegate/cache/name/v1");
    private static final byte[] NONCE = new byte[AesGcm.NONCE_BYTES];

    private final Secret key;
    private final SecureRandom random;

    /** @param key 32 bytes, owned by the configuration */
    AnswerSeal(Secret key, SecureRandom random) {
        this.key = key;
        this.random = random;
    }

    /**
     * Where an entry belongs.
     *
     * @param generation null in a name, which holds for all generations
     */
    record Place(String projectId, @Nullable String generation, CacheKey key) {
        private byte[] context(byte[] purpose) {
            byte[] project = projectId.getBytes(StandardCharsets.UTF_8);
            byte[] era = generation == null ? new byte[0] : generation.getBytes(StandardCharsets.UTF_8);
            return ByteBuffer.allocate(
                            3 * Integer.BYTES + purpose.length + project.length + era.length + CacheKey.BYTES)
                    .putInt(purpose.length)
                    .put(purpose)
                    .putInt(project.length)
                    .put(project)
                    .putInt(era.length)
                    .put(era)
                    .put(key.toBytes())
                    .array();
        }
    }

    /** 64 hexadecimal digits that name the place to those who have the key. */
    String name(Place place) {
        byte[] hash = key.expose(master -> Hkdf.derive(master, NAME, place.context(NAME), 32));
        return HexFormat.of().formatHex(hash);
    }

    byte[] seal(Place place, StoredAnswer answer) {
        byte[] salt = new byte[SALT_BYTES];
        random.nextBytes(salt);
        byte[] context = place.context(ENTRY);
        byte[] derived = derived(salt, context);
        byte[] own = Arrays.copyOf(derived, AesGcm.KEY_BYTES);
        try {
            byte[] ciphertext = AesGcm.seal(own, NONCE, context, AnswerBytes.write(answer));
            return ByteBuffer.allocate(1 + SALT_BYTES + COMMITMENT_BYTES + ciphertext.length)
                    .put((byte) FORMAT)
                    .put(salt)
                    .put(derived, AesGcm.KEY_BYTES, COMMITMENT_BYTES)
                    .put(ciphertext)
                    .array();
        } finally {
            Arrays.fill(own, (byte) 0);
            Arrays.fill(derived, (byte) 0);
        }
    }

    /** The answer, or nothing where {@code sealed} is not one that was sealed for this place with this key. */
    Optional<StoredAnswer> open(Place place, byte[] sealed) {
        if (sealed.length < OVERHEAD_BYTES || sealed[0] != FORMAT) {
            return Optional.empty();
        }
        byte[] context = place.context(ENTRY);
        byte[] derived = derived(Arrays.copyOfRange(sealed, 1, 1 + SALT_BYTES), context);
        byte[] own = Arrays.copyOf(derived, AesGcm.KEY_BYTES);
        int ciphertext = 1 + SALT_BYTES + COMMITMENT_BYTES;
        try {
            boolean committed = MessageDigest.isEqual(
                    Arrays.copyOfRange(derived, AesGcm.KEY_BYTES, derived.length),
                    Arrays.copyOfRange(sealed, 1 + SALT_BYTES, ciphertext));
            return committed
                    ? AesGcm.open(own, NONCE, context, Arrays.copyOfRange(sealed, ciphertext, sealed.length))
                            .map(AnswerBytes::read)
                    : Optional.empty();
        } finally {
            Arrays.fill(own, (byte) 0);
            Arrays.fill(derived, (byte) 0);
        }
    }

    private byte[] derived(byte[] salt, byte[] context) {
        return key.expose(master -> Hkdf.derive(master, salt, context, AesGcm.KEY_BYTES + COMMITMENT_BYTES));
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
