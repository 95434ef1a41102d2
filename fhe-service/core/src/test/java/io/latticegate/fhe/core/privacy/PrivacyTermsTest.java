package io.latticegate.fhe.core.privacy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.latticegate.fhe.core.privacy.PrivacyTerms.Composition;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PrivacyTermsTest {
    private static PrivacyTerms terms(long query, long budget, Composition composition) {
        return new PrivacyTerms(query, budget, 1e-5, composition);
    }

    @Test
    void aSumHasExactlyAsManySearchesAsFitIntoTheBudget() {
        assertThat(terms(100_000, 10_000_000, Composition.SUM).queries()).isEqualTo(100);
        assertThat(terms(300_000, 1_000_000, Composition.SUM).queries()).isEqualTo(3);
        assertThat(terms(1_000, 1_000_000_000, Composition.SUM).queries()).isEqualTo(1_000_000);
    }

    @Test
    void concentratedCompositionHasMoreSearchesWithLessNoise() {
        PrivacyTerms sum = terms(100_000, 10_000_000, Composition.SUM);
        PrivacyTerms concentrated = terms(100_000, 10_000_000, Composition.ZCDP);
        assertThat(concentrated.queries()).isEqualTo(4_117);
        assertThat(sum.sigma(1)).isCloseTo(44.4065, within(1e-4));
        assertThat(concentrated.sigma(1)).isCloseTo(33.9816, within(1e-4));
    }

    /** Whatever the terms, all searches that fit keep the promise of the budget, and one keeps its own. */
    @Test
    void whatFitsKeepsThePromise() {
        long seed = 20_261_121;
        Random random = new Random(seed);
        for (int i = 0; i < 300; i++) {
            long query = 1_000 + (long) (Math.exp(random.nextDouble() * 13) * 1_000) % 100_000_000;
            long budget = query + (long) (query * random.nextDouble() * 200) % 900_000_000;
            double delta = Math.pow(10, -3 - 9 * random.nextDouble());
            for (Composition composition : Composition.values()) {
                PrivacyTerms terms = new PrivacyTerms(query, budget, delta, composition);
                String what = terms + ", seed " + seed;
                assertThat(terms.queries()).as(what).isPositive();
                double rho = ZeroConcentratedBudget.rhoOf(2, terms.sigma(2));
                assertThat(rho).as(what).isLessThanOrEqualTo(terms.rhoPerQuery());
                double one = composition == Composition.SUM ? delta / ((double) budget / query) : delta;
                assertThat(ZeroConcentratedBudget.delta(rho, terms.epsilonPerQuery()))
                        .as(what)
                        .isLessThanOrEqualTo(one * (1 + 1e-9));
                if (composition == Composition.ZCDP) {
                    assertThat(ZeroConcentratedBudget.delta(rho * terms.queries(), terms.epsilonBudget()))
                            .as(what)
                            .isLessThanOrEqualTo(delta);
                } else {
                    assertThat(terms.queries() * query).as(what).isLessThanOrEqualTo(budget);
                    assertThat(terms.queries() * one).as(what).isLessThanOrEqualTo(delta * (1 + 1e-9));
                }
                assertThat(terms.epsilonSpent(terms.cost())).as(what).isPositive();
                assertThat(terms.epsilonSpent(terms.queries() * terms.cost()))
                        .as(what)
                        .isLessThanOrEqualTo(terms.epsilonBudget() * (1 + 1e-6));
            }
        }
    }

    @Test
    void refusesTermsThatAreNoTerms() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> terms(2_000_000, 1_000_000, Composition.SUM))
                .withMessageContaining("epsilon_budget is 1.0; allowed is at least one epsilon_per_query, 2.0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> terms(0, 1_000_000, Composition.SUM))
                .withMessageContaining("epsilon_per_query is 0.0; allowed are 0.001 to 1000.0");
        assertThatIllegalArgumentException().isThrownBy(() -> terms(1_000, Long.MAX_VALUE, Composition.ZCDP));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new PrivacyTerms(1_000, 1_000, Double.NaN, Composition.SUM));
        assertThatIllegalArgumentException().isThrownBy(() -> new PrivacyTerms(1_000, 1_000, 0.5, Composition.SUM));
    }
}
