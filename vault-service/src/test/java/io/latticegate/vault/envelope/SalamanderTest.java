package io.latticegate.vault.envelope;

import static org.assertj.core.api.Assertions.assertThat;

import io.latticegate.common.crypto.AesGcm;
import io.latticegate.common.crypto.Hkdf;
import io.latticegate.vault.envelope.Envelope.Opening.Corrupt;
import io.latticegate.vault.envelope.Envelope.Opening.Opened;
import io.latticegate.vault.envelope.Envelope.Reason;
import io.latticegate.vault.kms.KekRing;
import io.latticegate.vault.kms.KeyEncryptionKey;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import javax.crypto.Cipher;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;

/**
 * Forges one ciphertext that AES-GCM opens under two keys (Dodis, Grubbs, Ristenpart, Woodage, "Fast Message Franking",
 * CRYPTO 2018) and shows that a record with it opens under one of them only.
 */
class SalamanderTest {
    private static final Binding BINDING = new Binding("PROJECT", "p1", "openai", "record-1", 1);
    private static final int BLOCK = 16;

    /** Wraps by doing nothing, so that the forger has what a thief of the KEK would have. */
    private static final class OpenKek implements KeyEncryptionKey {
        @Override
        public String id() {
            return "open";
        }

        @Override
        public byte[] wrap(byte[] dek, byte[] aad) {
            return dek.clone();
        }

        @Override
        public Optional<byte[]> unwrap(byte[] wrapped, byte[] aad) {
            return Optional.of(wrapped.clone());
        }
    }

    private final SecureRandom random = new SecureRandom();
    private final Envelope envelope = new Envelope(new KekRing(new OpenKek(), List.of()), random);

    @Test
    void refusesACiphertextThatGcmOpensUnderTwoKeys() throws GeneralSecurityException {
        byte[] aad = BINDING.canonical(1, 1, "open");
        byte[] firstDek = bytes(32);
        byte[] secondDek = bytes(32);
        byte[] first = derived(firstDek, aad);
        byte[] second = derived(secondDek, aad);
        byte[] nonce = bytes(AesGcm.NONCE_BYTES);
        byte[] forged = forge(Arrays.copyOf(first, 32), Arrays.copyOf(second, 32), nonce, aad);
        assertThat(AesGcm.open(Arrays.copyOf(first, 32), nonce, aad, forged)).isPresent();
        assertThat(AesGcm.open(Arrays.copyOf(second, 32), nonce, aad, forged)).isPresent();

        byte[] commitment = Arrays.copyOfRange(first, 32, 64);
        assertThat(envelope.open(BINDING, record(firstDek, commitment, nonce, forged)))
                .isInstanceOf(Opened.class);
        assertThat(envelope.open(BINDING, record(secondDek, commitment, nonce, forged)))
                .isEqualTo(new Corrupt(Reason.COMMITMENT));
    }

    private static byte[] derived(byte[] dek, byte[] aad) {
        return Hkdf.derive(dek, "record-1".getBytes(StandardCharsets.UTF_8), aad, 64);
    }

    private static byte[] record(byte[] dek, byte[] commitment, byte[] nonce, byte[] ciphertext) {
        return ByteBuffer.allocate(3 + 4 + 2 + 32 + 32 + 12 + ciphertext.length)
                .put(new byte[] {1, 1, 4, 'o', 'p', 'e', 'n', 0, 32})
                .put(dek)
                .put(commitment)
                .put(nonce)
                .put(ciphertext)
                .array();
    }

    /** Two ciphertext blocks, the second chosen so that the tags under both keys are equal, and that tag. */
    private byte[] forge(byte[] one, byte[] two, byte[] nonce, byte[] aad) throws GeneralSecurityException {
        byte[] block = bytes(BLOCK);
        BigInteger lengths = element(ByteBuffer.allocate(BLOCK)
                .putLong(aad.length * 8L)
                .putLong(2L * BLOCK * 8)
                .array());
        byte[] counter = ByteBuffer.allocate(BLOCK).put(nonce).putInt(1).array();
        BigInteger hashKeyOne = element(aes(one, new byte[BLOCK]));
        BigInteger hashKeyTwo = element(aes(two, new byte[BLOCK]));
        BigInteger squareOne = times(hashKeyOne, hashKeyOne);
        BigInteger squareTwo = times(hashKeyTwo, hashKeyTwo);
        BigInteger restOne = times(hashed(hashKeyOne, aad, block), squareOne)
                .xor(times(lengths, hashKeyOne))
                .xor(element(aes(one, counter)));
        BigInteger restTwo = times(hashed(hashKeyTwo, aad, block), squareTwo)
                .xor(times(lengths, hashKeyTwo))
                .xor(element(aes(two, counter)));
        BigInteger chosen = times(restOne.xor(restTwo), inverse(squareOne.xor(squareTwo)));
        BigInteger tag = restOne.xor(times(chosen, squareOne));
        return ByteBuffer.allocate(3 * BLOCK)
                .put(block)
                .put(bytesOf(chosen))
                .put(bytesOf(tag))
                .array();
    }

    /** GHASH of the padded additional data and one block. */
    private static BigInteger hashed(BigInteger hashKey, byte[] aad, byte[] block) {
        byte[] padded = Arrays.copyOf(aad, (aad.length + BLOCK - 1) / BLOCK * BLOCK);
        BigInteger state = BigInteger.ZERO;
        for (int at = 0; at < padded.length; at += BLOCK) {
            state = times(state.xor(element(Arrays.copyOfRange(padded, at, at + BLOCK))), hashKey);
        }
        return times(state.xor(element(block)), hashKey);
    }

    /** Multiplication in GF(2^128) as SP 800-38D, 6.3 defines it; the first bit is the highest. */
    private static BigInteger times(BigInteger left, BigInteger right) {
        BigInteger reduction = BigInteger.valueOf(0xe1).shiftLeft(120);
        BigInteger product = BigInteger.ZERO;
        BigInteger shifted = right;
        for (int bit = 127; bit >= 0; bit--) {
            if (left.testBit(bit)) {
                product = product.xor(shifted);
            }
            shifted = shifted.testBit(0) ? shifted.shiftRight(1).xor(reduction) : shifted.shiftRight(1);
        }
        return product;
    }

    /** The inverse, which is the power 2^128 - 2. */
    private static BigInteger inverse(BigInteger element) {
        BigInteger power = element;
        BigInteger result = BigInteger.ONE.shiftLeft(127);
        for (int i = 0; i < 127; i++) {
            power = times(power, power);
            result = times(result, power);
        }
        return result;
    }

    private static BigInteger element(byte[] bytes) {
        return new BigInteger(1, bytes);
    }

    private static byte[] bytesOf(BigInteger element) {
        byte[] raw = element.toByteArray();
        byte[] block = new byte[BLOCK];
        int length = Math.min(raw.length, BLOCK);
        System.arraycopy(raw, raw.length - length, block, BLOCK - length, length);
        return block;
    }

    private static byte[] aes(byte[] key, byte[] block) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/ECB/NoPadding");
        cipher.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(key, "AES"));
        return cipher.doFinal(block);
    }

    private byte[] bytes(int length) {
        byte[] drawn = new byte[length];
        random.nextBytes(drawn);
        return drawn;
    }
}
