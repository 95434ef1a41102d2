package io.latticegate.fhe.core.head;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class PolynomialActivationTest {
    private static final Offset<Double> CLOSE = Offset.offset(1e-6);

    /** |x| = 2/π + 4/π·(T_2/3 − T_4/15 + T_6/35 − …), and the rectifier is half of x + |x|. */
    @Test
    void hasTheKnownSeriesOfTheRectifier() {
        PolynomialActivation fit = PolynomialActivation.fit(PolynomialActivation.RELU, 4, 1);
        double c = 2 / Math.PI;
        double[] expected = {
            c / 2 - c / 3 - c / 15, 0.5, 2 * c / 3 + 8 * c / 15, 0, -8 * c / 15,
        };
        assertThat(fit.polynomial().coefficients()).containsExactly(expected, CLOSE);
        assertThat(fit.error()).isEqualTo(fit.polynomial().of(0), CLOSE);
    }

    @Test
    void leavesOutLeadingTermsThatAreNotThere() {
        assertThat(PolynomialActivation.fit(PolynomialActivation.RELU, 7, 2)
                        .polynomial()
                        .coefficients())
                .hasSize(7);
        assertThat(PolynomialActivation.fit(x -> 3 * x - 1, 7, 5).polynomial().coefficients())
                .containsExactly(new double[] {-1, 3}, CLOSE);
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.5, 1, 4, 9})
    void isExactForPolynomials(double radius) {
        PolynomialActivation fit = PolynomialActivation.fit(x -> 1 - x + 0.5 * x * x - 0.25 * x * x * x, 3, radius);
        assertThat(fit.polynomial().coefficients()).containsExactly(new double[] {1, -1, 0.5, -0.25}, CLOSE);
        assertThat(fit.error()).isLessThan(1e-9);
    }

    @Test
    void comesNearerWithTheDegree() {
        double previous = Double.MAX_VALUE;
        for (int degree = 2; degree <= 6; degree += 2) {
            PolynomialActivation fit = PolynomialActivation.fit(PolynomialActivation.GELU, degree, 3);
            assertThat(fit.error()).isLessThan(previous / 2);
            previous = fit.error();
        }
        assertThat(previous).isLessThan(0.02);
    }

    @Test
    void givesWhatAHeadTakes() {
        PolynomialActivation fit = PolynomialActivation.fit(PolynomialActivation.GELU, 7, 4);
        HeadModel.Layer layer = new HeadModel.Layer(new double[][] {{1}}, new double[1], fit.polynomial());
        double score = HeadModel.of(1, List.of(layer)).scores(new double[] {0.75})[0];
        assertThat(Math.abs(score - PolynomialActivation.GELU.applyAsDouble(0.75)))
                .isLessThanOrEqualTo(fit.error());
    }

    @Test
    void refusesWhatHasNoFit() {
        assertThatThrownBy(() -> PolynomialActivation.fit(PolynomialActivation.RELU, 0, 1))
                .hasMessageContaining("degree 0; allowed are 1 to 7");
        assertThatThrownBy(() -> PolynomialActivation.fit(PolynomialActivation.RELU, 8, 1))
                .hasMessageContaining("degree 8");
        for (double radius : new double[] {0, -1, Double.NaN, Double.POSITIVE_INFINITY, 2000}) {
            assertThatThrownBy(() -> PolynomialActivation.fit(PolynomialActivation.RELU, 2, radius))
                    .hasMessageContaining("radius " + radius);
        }
        assertThatThrownBy(() -> PolynomialActivation.fit(x -> 5, 3, 1)).hasMessageContaining("constant");
        assertThatThrownBy(() -> PolynomialActivation.fit(Math::sqrt, 3, 1)).hasMessageContaining("is NaN at");
    }
}
