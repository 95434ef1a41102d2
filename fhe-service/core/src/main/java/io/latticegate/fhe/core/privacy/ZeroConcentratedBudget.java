package io.latticegate.fhe.core.privacy;

/**
 * Zero-concentrated differential privacy (Bun and Steinke, arXiv 1605.02065) of Gaussian noise, and what it says as
 * (ε, δ). Noise of deviation σ, discrete or not, on a vector that neighbouring inputs move by at most Δ (Euclidean
 * length) has ρ = Δ²/(2σ²), and the ρ of several releases is the sum of theirs.
 *
 * <p>The conversion is that of Canonne, Kamath and Steinke (arXiv 2004.00010, corollary 13): ρ implies (ε, δ) for
 *
 * <pre>δ = inf over α &gt; 1 of exp((α−1)(αρ−ε)) · (1−1/α)^α / (α−1)</pre>
 *
 * where every α gives a true bound, so that a search which stops early only overstates δ. Computed in doubles; results
 * are moved by one part in 10⁹ to the side that promises less.
 */
public final class ZeroConcentratedBudget {
    private static final double CAUTION = 1e-9;
    private static final int STEPS = 200;
    /** ln(α − 1) is sought between these. */
    private static final double LOG_ORDER_MAX = 60;

    private ZeroConcentratedBudget() {}

    /** ρ of noise of deviation {@code sigma} on what neighbours move by at most {@code sensitivity}. */
    public static double rhoOf(double sensitivity, double sigma) {
        requirePositive("the sensitivity", sensitivity);
        requirePositive("the deviation", sigma);
        double ratio = sensitivity / sigma;
        return ratio * ratio / 2;
    }

    /** The least deviation with that ρ. */
    public static double sigmaOf(double sensitivity, double rho) {
        requirePositive("the sensitivity", sensitivity);
        requirePositive("rho", rho);
        return sensitivity / Math.sqrt(2 * rho) * (1 + CAUTION);
    }

    /** The least δ that is known for ρ and ε, at most 1. */
    public static double delta(double rho, double epsilon) {
        requirePositive("rho", rho);
        requirePositive("epsilon", epsilon);
        double low = -LOG_ORDER_MAX;
        double high = LOG_ORDER_MAX;
        for (int step = 0; step < STEPS; step++) {
            double middle = (low + high) / 2;
            if (slope(rho, epsilon, middle) < 0) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return Math.min(1, Math.exp(logDelta(rho, epsilon, high)) * (1 + CAUTION));
    }

    /** ln δ at α = 1 + exp(logOrder). */
    private static double logDelta(double rho, double epsilon, double logOrder) {
        double less = Math.exp(logOrder);
        double order = 1 + less;
        return less * (order * rho - epsilon) - logOrder + order * logShrink(logOrder);
    }

    /** The derivative of ln δ by α, which rises with α: (2α−1)ρ − ε + ln(1−1/α). */
    private static double slope(double rho, double epsilon, double logOrder) {
        return (2 * Math.exp(logOrder) + 1) * rho - epsilon + logShrink(logOrder);
    }

    /** ln(1 − 1/α), which is −ln(1 + 1/(α−1)). */
    private static double logShrink(double logOrder) {
        return logOrder < 0 ? logOrder - Math.log1p(Math.exp(logOrder)) : -Math.log1p(Math.exp(-logOrder));
    }

    /** The least ε that is known for ρ and δ. */
    public static double epsilon(double rho, double delta) {
        requirePositive("rho", rho);
        requireProbability(delta);
        double low = 0;
        double high = rho + 2 * Math.sqrt(rho * Math.log(1 / delta));
        for (int step = 0; step < STEPS; step++) {
            double middle = (low + high) / 2;
            if (middle > 0 && delta(rho, middle) <= delta) {
                high = middle;
            } else {
                low = middle;
            }
        }
        return high * (1 + CAUTION);
    }

    /** The greatest ρ that is known to imply (ε, δ). */
    public static double rho(double epsilon, double delta) {
        requirePositive("epsilon", epsilon);
        requireProbability(delta);
        double low = 0;
        double high = epsilon + 1;
        for (int step = 0; step < STEPS; step++) {
            double middle = (low + high) / 2;
            if (middle > 0 && delta(middle, epsilon) <= delta) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return low * (1 - CAUTION);
    }

    private static void requirePositive(String what, double value) {
        if (!(value > 0) || Double.isInfinite(value)) {
            throw new IllegalArgumentException(what + " is " + value + "; allowed is what is above 0 and finite");
        }
    }

    private static void requireProbability(double delta) {
        if (!(delta > 0 && delta < 1)) {
            throw new IllegalArgumentException("delta is " + delta + "; allowed is what is above 0 and below 1");
        }
    }
}
