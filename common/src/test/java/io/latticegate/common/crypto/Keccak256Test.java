package io.latticegate.common.crypto;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class Keccak256Test {

    @Test
    void hashesLikeEthereumAndNotLikeFips202() {
        assertThat(Keccak256.hash(new byte[0]))
                .hasToString("0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470");
        assertThat(Keccak256.hash("abc"))
                .hasToString("0x4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45");
    }

    @Test
    void hashesARangeLikeItsCopy() {
        assertThat(Keccak256.hash(new byte[] {9, 'a', 'b', 'c', 9}, 1, 3)).isEqualTo(Keccak256.hash("abc"));
    }

    @Test
    void givesTheSameValueFromManyThreads() {
        Hash32 expected = Keccak256.hash("the same text on every thread");
        assertThat(IntStream.range(0, 20_000)
                        .parallel()
                        .mapToObj(_ -> Keccak256.hash("the same text on every thread"))
                        .distinct())
                .containsExactly(expected);
    }
}
