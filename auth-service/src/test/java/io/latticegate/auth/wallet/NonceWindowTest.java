package io.latticegate.auth.wallet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.latticegate.auth.wallet.NonceWindow.Verdict;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class NonceWindowTest {

    private static final NonceRule STRICT = new NonceRule(64, true);

    @Test
    void acceptsEachNonceOnceInAnyOrder() {
        NonceWindow window = accepted(NonceWindow.EMPTY, 5, 3, 0, 1_700_000_000_000L, 4);
        for (long used : new long[] {0, 3, 4, 5, 1_700_000_000_000L}) {
            assertThat(window.accept(used, NonceRule.DEFAULT)).isEqualTo(new Verdict.AlreadyUsed(1_700_000_000_001L));
        }
        assertThat(window.usedCount()).isEqualTo(5);
        assertThat(window.floor()).isEqualTo(-1);
    }

    @Test
    void movesTheSmallestIntoTheFloorWhenMoreThanSixtyFourAreUsed() {
        NonceWindow window = NonceWindow.EMPTY;
        for (long nonce = 10; nonce < 10 + 64; nonce++) {
            window = accepted(window, nonce);
        }
        assertThat(window.floor()).isEqualTo(-1);
        assertThat(window.accept(9, NonceRule.DEFAULT)).isInstanceOf(Verdict.Accepted.class);
        window = accepted(window, 100);
        assertThat(window.usedCount()).isEqualTo(64);
        assertThat(window.floor()).isEqualTo(10);
        assertThat(window.accept(9, NonceRule.DEFAULT)).isEqualTo(new Verdict.TooLow(101));
        assertThat(window.accept(10, NonceRule.DEFAULT)).isEqualTo(new Verdict.TooLow(101));
        assertThat(window.accept(11, NonceRule.DEFAULT)).isEqualTo(new Verdict.AlreadyUsed(101));
    }

    @Test
    void isNotBlockedByOneHugeNonce() {
        NonceWindow window = accepted(NonceWindow.EMPTY, NonceWindow.MAX);
        assertThat(window.accept(1, NonceRule.DEFAULT)).isInstanceOf(Verdict.Accepted.class);
        assertThat(window.accept(NonceWindow.MAX, NonceRule.DEFAULT))
                .isEqualTo(new Verdict.AlreadyUsed(NonceWindow.MAX));
    }

    @Test
    void acceptsOnlyRisingNoncesInStrictMode() {
        NonceWindow window = acceptedStrictly(NonceWindow.EMPTY, 1, 2, 7);
        assertThat(window.accept(7, STRICT)).isEqualTo(new Verdict.AlreadyUsed(8));
        assertThat(window.accept(6, STRICT)).isEqualTo(new Verdict.TooLow(8));
        assertThat(window.accept(8, STRICT)).isInstanceOf(Verdict.Accepted.class);
    }

    @Test
    void expectsTheNextAboveTheHighest() {
        assertThat(NonceWindow.EMPTY.expected()).isZero();
        assertThat(accepted(NonceWindow.EMPTY, 9, 2).expected()).isEqualTo(10);
    }

    @Test
    void refusesNoncesAndRulesOutsideTheirBounds() {
        assertThatIllegalArgumentException().isThrownBy(() -> new NonceRule(0, false));
        assertThatIllegalArgumentException().isThrownBy(() -> new NonceRule(4_097, false));
        assertThatIllegalArgumentException().isThrownBy(() -> NonceWindow.EMPTY.accept(-1, NonceRule.DEFAULT));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> NonceWindow.EMPTY.accept(NonceWindow.MAX + 1, NonceRule.DEFAULT));
    }

    /** Against the definition, written as a set and a floor; and no nonce is ever accepted twice. */
    @Test
    void behavesLikeItsDefinition() {
        long seed = 0x5eed_0ceL;
        Random random = new Random(seed);
        for (int run = 0; run < 200; run++) {
            NonceWindow window = NonceWindow.EMPTY;
            TreeSet<Long> used = new TreeSet<>();
            TreeSet<Long> everAccepted = new TreeSet<>();
            long floor = -1;
            NonceRule rule = new NonceRule(run % 3 == 0 ? 64 : 1 + random.nextInt(200), run % 5 == 0);
            long drift = 0;
            for (int step = 0; step < 500; step++) {
                drift += random.nextInt(3);
                long nonce = random.nextInt(50) == 0 ? random.nextLong(NonceWindow.MAX) : drift + random.nextInt(100);
                long highest = used.isEmpty() ? floor : used.last();
                boolean expected = nonce > floor && !used.contains(nonce) && (!rule.strict() || nonce > highest);
                Verdict verdict = window.accept(nonce, rule);
                assertThat(verdict instanceof Verdict.Accepted)
                        .as("seed %d, run %d, step %d, nonce %d", seed, run, step, nonce)
                        .isEqualTo(expected);
                if (verdict instanceof Verdict.Accepted(NonceWindow next)) {
                    assertThat(everAccepted.add(nonce)).isTrue();
                    used.add(nonce);
                    if (used.size() > rule.windowSize()) {
                        floor = used.removeFirst();
                    }
                    window = next;
                }
                assertThat(window.floor()).isEqualTo(floor);
                assertThat(window.usedCount()).isEqualTo(used.size());
            }
        }
    }

    private static NonceWindow accepted(NonceWindow window, long... nonces) {
        return accepted(window, NonceRule.DEFAULT, nonces);
    }

    private static NonceWindow acceptedStrictly(NonceWindow window, long... nonces) {
        return accepted(window, STRICT, nonces);
    }

    private static NonceWindow accepted(NonceWindow window, NonceRule rule, long... nonces) {
        NonceWindow state = window;
        for (long nonce : nonces) {
            Verdict verdict = state.accept(nonce, rule);
            assertThat(verdict).isInstanceOf(Verdict.Accepted.class);
            state = ((Verdict.Accepted) verdict).next();
        }
        return state;
    }
}
