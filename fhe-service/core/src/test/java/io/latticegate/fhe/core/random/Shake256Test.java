package io.latticegate.fhe.core.random;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HexFormat;
import java.util.Random;
import org.bouncycastle.crypto.digests.SHAKEDigest;
import org.junit.jupiter.api.Test;

class Shake256Test {
    /** NIST, "SHAKE256 sample of a 0-bit message": the first 64 bytes. */
    @Test
    void givesTheOutputOfNistsEmptyMessage() {
        byte[] out = new byte[64];
        new Shake256().expand(new byte[0], out, 0, out.length);

        assertThat(HexFormat.of().formatHex(out))
                .isEqualTo("46b9dd2b0ba88d13233b3feb743eeb243fcd52ea62b81b82b50c27646ed5762f"
                        + "d75dc4ddd8c0f200cb05019d67b592f6fc821c49479ab48640292eacb3b7c4be");
    }

    @Test
    void agreesWithAnotherImplementationOnEveryMessageLength() {
        Random random = new Random(256);
        Shake256 shake = new Shake256();
        for (int length = 0; length < Shake256.RATE_BYTES; length++) {
            byte[] message = new byte[length];
            random.nextBytes(message);
            byte[] out = new byte[1 + random.nextInt(5000)];
            byte[] expected = new byte[out.length];
            SHAKEDigest other = new SHAKEDigest(256);
            other.update(message, 0, length);
            other.doFinal(expected, 0, expected.length);

            shake.expand(message, out, 0, out.length);
            assertThat(out).as("message of %d bytes", length).isEqualTo(expected);
        }
    }

    @Test
    void refusesAMessageOfAWholeBlock() {
        assertThatThrownBy(() -> new Shake256().expand(new byte[136], new byte[1], 0, 1))
                .hasMessageContaining("136 bytes; allowed: up to 135");
    }
}
