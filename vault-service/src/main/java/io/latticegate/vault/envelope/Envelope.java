package io.latticegate.vault.envelope;

import io.latticegate.common.crypto.AesGcm;
import io.latticegate.common.crypto.Hkdf;
import io.latticegate.common.value.Secret;
import io.latticegate.vault.kms.KekRing;
import io.latticegate.vault.kms.KeyEncryptionKey;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Optional;

/**
 * Envelope encryption, key-committing.
 *
 * <p>Each sealing draws a 256-bit data key (DEK). HKDF-SHA256 with the record id as salt and the canonical {@link Binding}
 * as info turns it into an encryption key and a 32-byte commitment. The secret is encrypted with AES-256-GCM under the
 * former; the DEK is wrapped by the active key-encryption key (KEK). Both are bound to the same canonical bytes, the wrapped
 * DEK to the id of its KEK besides, so that another KEK can wrap it without the content being touched ({@link #rewrap}). On
 * opening, the commitment is compared in constant time before anything is decrypted: AES-GCM alone can be made to open
 * under two keys ("salamanders": Dodis, Grubbs, Ristenpart, Woodage, CRYPTO 2018), a hash of the key cannot.
 *
 * <pre>
 * offset  bytes  content
 * 0       1      format, 2 (1 is read as well: its content is bound to the id of its KEK)
 * 1       1      algorithm, 1
 * 2       1      k, length of the KEK id
 * 3       k      KEK id, ASCII
 * 3+k     2      w, length of the wrapped DEK, big-endian
 * 5+k     w      wrapped DEK, as the KEK made it
 * 5+k+w   32     commitment
 * 37+k+w  12     nonce
 * 49+k+w  n+16   ciphertext and tag
 * </pre>
 */
public final class Envelope {
    private static final int FORMAT = 2;

    /** Written before records could be wrapped anew: its content is bound to the key-encryption key as well. */
    private static final int FORMAT_OF_ONE_KEK = 1;

    private static final int ALGORITHM = 1;
    private static final int DEK_BYTES = 32;
    private static final int COMMITMENT_BYTES = 32;
    private static final int WRAPPED_MAX_BYTES = 1_024;

    private final KekRing keks;
    private final SecureRandom random;

    public Envelope(KekRing keks, SecureRandom random) {
        this.keks = keks;
        this.random = random;
    }

    /**
     * A sealed secret.
     *
     * @param kekId which key-encryption key protects it
     * @param bytes the record as laid out above
     */
    public record Sealed(String kekId, byte[] bytes) {}

    /** What became of opening a record. */
    public sealed interface Opening {
        /** @param secret the caller closes it */
        record Opened(Secret secret) implements Opening {}

        record Corrupt(Reason reason) implements Opening {}
    }

    /** Why a record does not open. */
    public enum Reason {
        /** Not laid out as a record of a known format. */
        FORMAT,
        /** Protected by a key-encryption key that is not configured. */
        UNKNOWN_KEK,
        /** The key-encryption key refuses the wrapped data key: changed, or another record's. */
        WRAPPED_KEY,
        /** The data key is not the one that the record was sealed with. */
        COMMITMENT,
        /** The ciphertext or its tag was changed. */
        CIPHERTEXT
    }

    /** Seals {@code secret}, which stays open and with the caller. */
    public Sealed seal(Binding binding, Secret secret) {
        KeyEncryptionKey kek = keks.active();
        byte[] aad = contentAad(binding, FORMAT, kek.id());
        byte[] dek = new byte[DEK_BYTES];
        random.nextBytes(dek);
        try (Keys keys = Keys.derive(dek, binding, aad)) {
            byte[] wrapped = kek.wrap(dek, wrappingAad(binding, FORMAT, kek.id()));
            byte[] nonce = new byte[AesGcm.NONCE_BYTES];
            random.nextBytes(nonce);
            byte[] ciphertext = secret.expose(plaintext -> AesGcm.seal(keys.encryption, nonce, aad, plaintext));
            return new Sealed(kek.id(), layOut(kek.id(), wrapped, keys.commitment, nonce, ciphertext));
        } finally {
            Arrays.fill(dek, (byte) 0);
        }
    }

    /** Opens a record as what {@code binding} says it is. */
    public Opening open(Binding binding, byte[] sealed) {
        Optional<Parts> parsed = parse(sealed);
        if (parsed.isEmpty()) {
            return new Opening.Corrupt(Reason.FORMAT);
        }
        Parts parts = parsed.get();
        return switch (unwrap(binding, parts)) {
            case Unwrapping.Failed(Reason reason) -> new Opening.Corrupt(reason);
            case Unwrapping.Dek(byte[] dek) ->
                openWith(dek, binding, contentAad(binding, parts.format(), parts.kekId()), parts);
        };
    }

    /** What became of sealing a record anew. */
    public sealed interface Renewal {
        record Renewed(Sealed sealed) implements Renewal {}

        record Corrupt(Reason reason) implements Renewal {}
    }

    /**
     * The record with its data key wrapped by the active key-encryption key. The content stays as it is and is not decrypted,
     * but for records of format 1, which get a new data key.
     */
    public Renewal rewrap(Binding binding, byte[] sealed) {
        Optional<Parts> parsed = parse(sealed);
        if (parsed.isEmpty()) {
            return new Renewal.Corrupt(Reason.FORMAT);
        }
        Parts parts = parsed.get();
        if (parts.format() == FORMAT_OF_ONE_KEK) {
            return renew(binding, sealed, binding);
        }
        return switch (unwrap(binding, parts)) {
            case Unwrapping.Failed(Reason reason) -> new Renewal.Corrupt(reason);
            case Unwrapping.Dek(byte[] dek) -> rewrapped(dek, binding, parts);
        };
    }

    private Renewal rewrapped(byte[] dek, Binding binding, Parts parts) {
        KeyEncryptionKey kek = keks.active();
        try (Keys keys = Keys.derive(dek, binding, contentAad(binding, parts.format(), parts.kekId()))) {
            if (!MessageDigest.isEqual(keys.commitment, parts.commitment())) {
                return new Renewal.Corrupt(Reason.COMMITMENT);
            }
            byte[] wrapped = kek.wrap(dek, wrappingAad(binding, FORMAT, kek.id()));
            return new Renewal.Renewed(new Sealed(
                    kek.id(), layOut(kek.id(), wrapped, parts.commitment(), parts.nonce(), parts.ciphertext())));
        } finally {
            Arrays.fill(dek, (byte) 0);
        }
    }

    /**
     * The record under a new data key.
     *
     * @param after what it is bound to from now on
     */
    public Renewal renew(Binding binding, byte[] sealed, Binding after) {
        return switch (open(binding, sealed)) {
            case Opening.Corrupt(Reason reason) -> new Renewal.Corrupt(reason);
            case Opening.Opened(Secret secret) -> {
                try (secret) {
                    yield new Renewal.Renewed(seal(after, secret));
                }
            }
        };
    }

    /** What became of unwrapping a data key. */
    private sealed interface Unwrapping {
        /** @param dek the one who asked wipes it */
        record Dek(byte[] dek) implements Unwrapping {}

        record Failed(Reason reason) implements Unwrapping {}
    }

    private Unwrapping unwrap(Binding binding, Parts parts) {
        Optional<KeyEncryptionKey> kek = keks.find(parts.kekId());
        if (kek.isEmpty()) {
            return new Unwrapping.Failed(Reason.UNKNOWN_KEK);
        }
        return kek.get()
                .unwrap(parts.wrapped(), wrappingAad(binding, parts.format(), parts.kekId()))
                .<Unwrapping>map(Unwrapping.Dek::new)
                .orElseGet(() -> new Unwrapping.Failed(Reason.WRAPPED_KEY));
    }

    private static byte[] wrappingAad(Binding binding, int format, String kekId) {
        return binding.canonical(format, ALGORITHM, kekId);
    }

    private static byte[] contentAad(Binding binding, int format, String kekId) {
        return binding.canonical(format, ALGORITHM, format == FORMAT_OF_ONE_KEK ? kekId : "");
    }

    private static Opening openWith(byte[] dek, Binding binding, byte[] aad, Parts parts) {
        try (Keys keys = Keys.derive(dek, binding, aad)) {
            if (!MessageDigest.isEqual(keys.commitment, parts.commitment())) {
                return new Opening.Corrupt(Reason.COMMITMENT);
            }
            return AesGcm.open(keys.encryption, parts.nonce(), aad, parts.ciphertext())
                    .<Opening>map(plaintext -> new Opening.Opened(Secret.owning(plaintext)))
                    .orElseGet(() -> new Opening.Corrupt(Reason.CIPHERTEXT));
        } finally {
            Arrays.fill(dek, (byte) 0);
        }
    }

    private static byte[] layOut(String kekId, byte[] wrapped, byte[] commitment, byte[] nonce, byte[] ciphertext) {
        byte[] id = kekId.getBytes(StandardCharsets.US_ASCII);
        if (wrapped.length < 1 || wrapped.length > WRAPPED_MAX_BYTES) {
            throw new IllegalStateException("the key-encryption key " + kekId + " wrapped 32 bytes to " + wrapped.length
                    + ", of which a record holds 1 to " + WRAPPED_MAX_BYTES);
        }
        return ByteBuffer.allocate(
                        5 + id.length + wrapped.length + commitment.length + nonce.length + ciphertext.length)
                .put((byte) FORMAT)
                .put((byte) ALGORITHM)
                .put((byte) id.length)
                .put(id)
                .putShort((short) wrapped.length)
                .put(wrapped)
                .put(commitment)
                .put(nonce)
                .put(ciphertext)
                .array();
    }

    private static Optional<Parts> parse(byte[] sealed) {
        ByteBuffer bytes = ByteBuffer.wrap(sealed);
        if (bytes.remaining() < 3) {
            return Optional.empty();
        }
        int format = bytes.get();
        if (format < FORMAT_OF_ONE_KEK || format > FORMAT || bytes.get() != ALGORITHM) {
            return Optional.empty();
        }
        int idLength = Byte.toUnsignedInt(bytes.get());
        if (idLength < 1 || idLength > KeyEncryptionKey.ID_MAX_LENGTH || bytes.remaining() < idLength + 2) {
            return Optional.empty();
        }
        String kekId = new String(take(bytes, idLength), StandardCharsets.US_ASCII);
        int wrappedLength = Short.toUnsignedInt(bytes.getShort());
        int ciphertextLength =
                bytes.remaining() - wrappedLength - COMMITMENT_BYTES - AesGcm.NONCE_BYTES - AesGcm.TAG_BYTES;
        if (wrappedLength < 1
                || wrappedLength > WRAPPED_MAX_BYTES
                || ciphertextLength < 1
                || ciphertextLength > Secret.MAX_BYTES) {
            return Optional.empty();
        }
        return Optional.of(new Parts(
                format,
                kekId,
                take(bytes, wrappedLength),
                take(bytes, COMMITMENT_BYTES),
                take(bytes, AesGcm.NONCE_BYTES),
                take(bytes, bytes.remaining())));
    }

    private static byte[] take(ByteBuffer bytes, int length) {
        byte[] taken = new byte[length];
        bytes.get(taken);
        return taken;
    }

    private record Parts(
            int format, String kekId, byte[] wrapped, byte[] commitment, byte[] nonce, byte[] ciphertext) {}

    /** The two keys that a DEK yields for one record; wiped on close. */
    private static final class Keys implements AutoCloseable {
        private final byte[] encryption;
        private final byte[] commitment;

        private Keys(byte[] both) {
            this.encryption = Arrays.copyOf(both, AesGcm.KEY_BYTES);
            this.commitment = Arrays.copyOfRange(both, AesGcm.KEY_BYTES, both.length);
        }

        static Keys derive(byte[] dek, Binding binding, byte[] aad) {
            byte[] both = Hkdf.derive(dek, Binding.text(binding.recordId()), aad, AesGcm.KEY_BYTES + COMMITMENT_BYTES);
            try {
                return new Keys(both);
            } finally {
                Arrays.fill(both, (byte) 0);
            }
        }

        @Override
        public void close() {
            Arrays.fill(encryption, (byte) 0);
            Arrays.fill(commitment, (byte) 0);
        }
    }
}
