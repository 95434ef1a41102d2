package io.latticegate.fhe.core.head;

import java.util.function.DoubleUnaryOperator;

/**
 * A polynomial near an activation that cannot be computed on ciphertexts: its Chebyshev series on [−radius, radius], cut off
 * (Trefethen, "Approximation Theory and Approximation Practice", chapters 3 and 4). It serves for training a model that a
 * head can run; outside of the interval it is of no use.
 *
 * @param error the greatest difference found on the interval
 */
public record PolynomialActivation(Activation.Polynomial polynomial, double radius, double error) {
    /** max(0, x). */
    public static final DoubleUnaryOperator RELU = x -> Math.max(0, x);

    /** x·Φ(x), in the form with tanh of Hendrycks and Gimpel ("Gaussian Error Linear Units", 2016). */
    public static final DoubleUnaryOperator GELU =
            x -> 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x)));

    private static final int NODES = 4096;
    private static final double RADIUS_MAX = 1024;
    /** Leading terms that contribute less, as where a function has no odd ones, are left out. */
    private static final double NEGLIGIBLE = 1e-9;

    /**
     * The fit of a function.
     *
     * @param degree at most this, 1 to {@value HeadModel#DEGREE_MAX}
     * @param radius above 0, up to 1024
     * @throws IllegalArgumentException for another degree or radius, or a function that is constant or has no finite value
     *     somewhere on the interval
     */
    public static PolynomialActivation fit(DoubleUnaryOperator function, int degree, double radius) {
        if (degree < 1 || degree > HeadModel.DEGREE_MAX) {
            throw new IllegalArgumentException("degree " + degree + "; allowed are 1 to " + HeadModel.DEGREE_MAX);
        }
        if (!(radius > 0 && radius <= RADIUS_MAX)) {
            throw new IllegalArgumentException("radius " + radius + "; allowed is above 0 and up to " + RADIUS_MAX);
        }
        double[] series = series(function, degree, radius);
        int last = degree;
        while (last > 0 && Math.abs(series[last]) < NEGLIGIBLE) {
            last--;
        }
        if (last == 0) {
            throw new IllegalArgumentException("the function is constant, up to " + NEGLIGIBLE + ", on the interval");
        }
        Activation.Polynomial polynomial = new Activation.Polynomial(monomials(series, last, radius));
        return new PolynomialActivation(polynomial, radius, error(function, polynomial, radius));
    }

    /** The coefficients of T_0 …, by quadrature in the Chebyshev nodes. */
    private static double[] series(DoubleUnaryOperator function, int degree, double radius) {
        double[] series = new double[degree + 1];
        for (int node = 0; node < NODES; node++) {
            double angle = Math.PI * (node + 0.5) / NODES;
            double value = function.applyAsDouble(radius * Math.cos(angle));
            if (!Double.isFinite(value)) {
                throw new IllegalArgumentException("the function is " + value + " at " + radius * Math.cos(angle));
            }
            for (int k = 0; k <= degree; k++) {
                series[k] += (k == 0 ? 1 : 2) * value * Math.cos(k * angle) / NODES;
            }
        }
        return series;
    }

    /** Σ c_k·T_k(x / radius) by powers of x, with T_(k+1)(t) = 2t·T_k(t) − T_(k−1)(t). */
    private static double[] monomials(double[] series, int degree, double radius) {
        double[] sum = new double[degree + 1];
        double[] previous = new double[degree + 1];
        double[] current = new double[degree + 1];
        current[0] = 1;
        for (int k = 0; k <= degree; k++) {
            double[] next = new double[degree + 1];
            for (int i = 0; i <= degree; i++) {
                sum[i] += series[k] * current[i];
                if (i < degree) {
                    next[i + 1] += (k == 0 ? 1 : 2) * current[i];
                }
                next[i] -= previous[i];
            }
            previous = current;
            current = next;
        }
        for (int i = 0; i <= degree; i++) {
            sum[i] /= Math.pow(radius, i);
        }
        return sum;
    }

    private static double error(DoubleUnaryOperator function, Activation polynomial, double radius) {
        double greatest = 0;
        for (int i = 0; i <= NODES; i++) {
            double x = radius * (2.0 * i / NODES - 1);
            greatest = Math.max(greatest, Math.abs(polynomial.of(x) - function.applyAsDouble(x)));
        }
        return greatest;
    }
}
