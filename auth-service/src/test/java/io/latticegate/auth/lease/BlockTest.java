package io.latticegate.auth.lease;

import static io.latticegate.common.value.Allowance.UNLIMITED;
import static org.assertj.core.api.Assertions.assertThat;

import io.latticegate.common.value.Allowance;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class BlockTest {
    @Test
    void lendsAnEighthOfTheRequestsLeftWhilePlentyIsLeft() {
        assertThat(Block.of(new Allowance(800, UNLIMITED, UNLIMITED), new Allowance(1, 500, 20)))
                .contains(new Allowance(100, UNLIMITED, UNLIMITED));
    }

    @Test
    void lendsAtMost256RequestsAndSixteenDemandsOfTokensAndMoney() {
        Allowance remaining = new Allowance(1_000_000, 1_000_000, 1_000_000);
        assertThat(Block.of(remaining, new Allowance(1, 500, 20))).contains(new Allowance(256, 8_000, 320));
    }

    @Test
    void shrinksToTheDemandWhenLittleIsLeft() {
        assertThat(Block.of(new Allowance(15, 2_000, UNLIMITED), new Allowance(2, 400, 1)))
                .contains(new Allowance(2, 400, UNLIMITED));
    }

    @Test
    void lendsTheRestWhenLessThanTheDemandIsLeft() {
        assertThat(Block.of(new Allowance(3, UNLIMITED, UNLIMITED), new Allowance(67, 0, 0)))
                .contains(new Allowance(3, UNLIMITED, UNLIMITED));
    }

    @Test
    void refusesWhenAnythingWantedHasRunOut() {
        Allowance wanted = new Allowance(1, 1, 1);
        assertThat(Block.of(new Allowance(0, 9, 9), wanted)).isEmpty();
        assertThat(Block.of(new Allowance(9, 0, 9), wanted)).isEmpty();
        assertThat(Block.of(new Allowance(9, 9, 0), wanted)).isEmpty();
    }

    @Test
    void neverLendsMoreThanIsLeftNorLessThanIsWantedAndThere() {
        long seed = System.nanoTime();
        var random = new SplittableRandom(seed);
        for (int i = 0; i < 20_000; i++) {
            long remaining = 1 + random.nextLong(1L << random.nextInt(1, 62));
            long wanted = random.nextLong(1L << random.nextInt(1, 62));
            Allowance block = Block.of(
                            new Allowance(remaining, remaining, remaining), new Allowance(wanted, wanted, wanted))
                    .orElseThrow();
            for (long lent : new long[] {block.requests(), block.tokens(), block.microUsd()}) {
                assertThat(lent)
                        .as("seed %d, remaining %d, wanted %d", seed, remaining, wanted)
                        .isBetween(Math.min(wanted, remaining), remaining)
                        .matches(size -> size <= Math.max(wanted, remaining / 8));
            }
        }
    }
}
