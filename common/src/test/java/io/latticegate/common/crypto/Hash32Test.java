package io.latticegate.common.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.math.BigInteger;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class Hash32Test {

    @Test
    void ordersAndSpellsLikeAnUnsignedBigEndianNumber() {
        long seed = 0x5eed_3232L;
        Random random = new Random(seed);
        byte[] one = new byte[32];
        byte[] other = new byte[32];
        for (int i = 0; i < 10_000; i++) {
            random.nextBytes(one);
            random.nextBytes(other);
            System.arraycopy(one, 0, other, 0, random.nextInt(33));
            Hash32 left = Hash32.of(one, 0);
            Hash32 right = Hash32.of(other, 0);
            int expected = new BigInteger(1, one).compareTo(new BigInteger(1, other));
            assertThat(Integer.signum(left.compareTo(right)))
                    .as("seed %d, round %d", seed, i)
                    .isEqualTo(expected);
            assertThat(Hash32.parse(left.toString())).isEqualTo(left);
            assertThat(left.toBytes()).isEqualTo(one);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "0x", "0x00", "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a47000"})
    void refusesEverythingButSixtyFourDigits(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> Hash32.parse(text));
    }
}
