package io.latticegate.fhe.core.privacy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ZeroConcentratedBudgetTest {
    /** Minima of corollary 13 of arXiv 2004.00010, found by a search over ln(α − 1) in another program. */
    @ParameterizedTest
    @CsvSource({"0.5, 1, 0.2468463307829445", "0.1, 1, 0.008933245771818376", "0.005, 0.5, 3.4493090975474197e-08"})
    void deltaIsTheLeastOverAllOrders(double rho, double epsilon, double delta) {
        assertThat(ZeroConcentratedBudget.delta(rho, epsilon)).isCloseTo(delta, within(delta * 1e-8));
    }

    @ParameterizedTest
    @CsvSource({"2.56, 1e-10, 17.15830871210475", "0.07, 1e-10, 2.3872751767179743", "2.63, 1e-10, 17.43058448734511"})
    void epsilonIsTheLeastForDelta(double rho, double delta, double epsilon) {
        assertThat(ZeroConcentratedBudget.epsilon(rho, delta)).isCloseTo(epsilon, within(epsilon * 1e-7));
    }

    @ParameterizedTest
    @CsvSource({"0.1, 1e-7, 44.40648384173142", "1, 1e-5, 4.045130358292445", "100, 1e-5, 0.09739985988343144"})
    void sigmaFollowsFromEpsilonAndDelta(double epsilon, double delta, double sigma) {
        double rho = ZeroConcentratedBudget.rho(epsilon, delta);
        assertThat(ZeroConcentratedBudget.sigmaOf(1, rho)).isCloseTo(sigma, within(sigma * 1e-7));
        assertThat(ZeroConcentratedBudget.rhoOf(1, ZeroConcentratedBudget.sigmaOf(1, rho)))
                .isLessThan(rho);
    }

    /** The standard bound δ = exp(−(ε−ρ)²/4ρ) of Bun and Steinke is true too, but not as good. */
    @Test
    void isNeverWorseThanTheStandardBound() {
        for (double rho = 1e-6; rho < 10; rho *= 1.7) {
            for (double epsilon = rho * 1.01; epsilon < 50; epsilon *= 1.9) {
                double standard = Math.exp(-(epsilon - rho) * (epsilon - rho) / (4 * rho));
                if (standard > 1e-250) {
                    assertThat(ZeroConcentratedBudget.delta(rho, epsilon))
                            .as("rho %s epsilon %s", rho, epsilon)
                            .isPositive()
                            .isLessThanOrEqualTo(standard);
                }
            }
        }
    }

    @Test
    void conversionsNeverPromiseMoreThanTheyHold() {
        for (double epsilon = 1e-3; epsilon < 1000; epsilon *= 2.3) {
            for (double delta = 1e-18; delta < 1e-2; delta *= 31) {
                double rho = ZeroConcentratedBudget.rho(epsilon, delta);
                assertThat(ZeroConcentratedBudget.delta(rho, epsilon)).isLessThanOrEqualTo(delta);
                assertThat(ZeroConcentratedBudget.epsilon(rho, delta)).isCloseTo(epsilon, within(epsilon * 1e-6));
            }
        }
    }

    @Test
    void refusesWhatHasNoMeaning() {
        assertThatIllegalArgumentException().isThrownBy(() -> ZeroConcentratedBudget.delta(0, 1));
        assertThatIllegalArgumentException().isThrownBy(() -> ZeroConcentratedBudget.delta(Double.NaN, 1));
        assertThatIllegalArgumentException().isThrownBy(() -> ZeroConcentratedBudget.epsilon(1, 0));
        assertThatIllegalArgumentException().isThrownBy(() -> ZeroConcentratedBudget.rho(1, 1));
        assertThatIllegalArgumentException().isThrownBy(() -> ZeroConcentratedBudget.sigmaOf(-1, 1));
    }
}
