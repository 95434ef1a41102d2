package io.latticegate.fhe.core.privacy;

/**
 * What one reader of one index may learn about any one row: a search with noise is (ε, δ)-differentially private by
 * itself, and all searches of a budget together are (budget, δ). Neighbours are two indexes that differ in one row.
 *
 * <p>A ledger counts whole units, of which the terms give a budget, rounded down, and the cost of a search, rounded up:
 *
 * <ul>
 *   <li>{@link Composition#SUM}: units of 10⁻⁶ ε. The searches are exactly ⌊budget/ε⌋, and each has an equal part of δ.
 *   <li>{@link Composition#ZCDP}: units of 10⁻¹² ρ. Each search has the whole of δ by itself, and since the ρ of all are
 *       summed before they are converted, far more searches fit.
 * </ul>
 *
 * @param epsilonPerQueryMicros ε of one search in millionths
 * @param epsilonBudgetMicros ε of all together in millionths, at least that of one
 * @param delta what δ is for all together
 */
public record PrivacyTerms(
        long epsilonPerQueryMicros, long epsilonBudgetMicros, double delta, Composition composition) {
    /** Millionths in one. */
    public static final long MICROS = 1_000_000;
    /** Least ε, in millionths. */
    public static final long EPSILON_MICROS_MIN = 1_000;
    /** Greatest ε, in millionths. */
    public static final long EPSILON_MICROS_MAX = 1_000 * MICROS;

    public static final double DELTA_MIN = 1e-12;
    public static final double DELTA_MAX = 1e-3;

    private static final double PICOS = 1e12;

    /** How the searches of a budget are added up. */
    public enum Composition {
        /** The ε of all searches is the sum of theirs, and so is δ. */
        SUM,
        /** The ρ of all searches is the sum of theirs, and is converted once. */
        ZCDP
    }

    public PrivacyTerms {
        requireEpsilon("epsilon_per_query", epsilonPerQueryMicros);
        requireEpsilon("epsilon_budget", epsilonBudgetMicros);
        if (epsilonBudgetMicros < epsilonPerQueryMicros) {
            throw new IllegalArgumentException("epsilon_budget is " + decimal(epsilonBudgetMicros)
                    + "; allowed is at least one epsilon_per_query, " + decimal(epsilonPerQueryMicros));
        }
        if (!(delta >= DELTA_MIN && delta <= DELTA_MAX)) {
            throw new IllegalArgumentException("delta is " + delta + "; allowed are " + DELTA_MIN + " to " + DELTA_MAX);
        }
    }

    private static void requireEpsilon(String what, long micros) {
        if (micros < EPSILON_MICROS_MIN || micros > EPSILON_MICROS_MAX) {
            throw new IllegalArgumentException(what + " is " + decimal(micros) + "; allowed are "
                    + decimal(EPSILON_MICROS_MIN) + " to " + decimal(EPSILON_MICROS_MAX));
        }
    }

    private static double decimal(long micros) {
        return (double) micros / MICROS;
    }

    /** Units that all searches may cost. */
    public long budget() {
        return switch (composition) {
            case SUM -> epsilonBudgetMicros;
            case ZCDP -> (long) Math.floor(ZeroConcentratedBudget.rho(decimal(epsilonBudgetMicros), delta) * PICOS);
        };
    }

    /** Units that one search costs. */
    public long cost() {
        return switch (composition) {
            case SUM -> epsilonPerQueryMicros;
            case ZCDP -> (long) Math.ceil(rhoPerQuery() * PICOS);
        };
    }

    /** How many searches the budget allows. */
    public long queries() {
        return budget() / cost();
    }

    /** ρ of one search, which the noise keeps to. */
    public double rhoPerQuery() {
        double epsilon = decimal(epsilonPerQueryMicros);
        return switch (composition) {
            case SUM -> ZeroConcentratedBudget.rho(epsilon, delta * epsilonPerQueryMicros / epsilonBudgetMicros);
            case ZCDP -> ZeroConcentratedBudget.rho(epsilon, delta);
        };
    }

    /** The deviation of noise that one search needs, in the unit of the sensitivity. */
    public double sigma(double sensitivity) {
        return ZeroConcentratedBudget.sigmaOf(sensitivity, rhoPerQuery());
    }

    /** ε of what was spent, at the terms' δ; never less than true. */
    public double epsilonSpent(long spent) {
        if (spent < 0) {
            throw new IllegalArgumentException("spent are " + spent + " units; allowed are 0 or more");
        }
        if (spent == 0) {
            return 0;
        }
        return switch (composition) {
            case SUM -> decimal(spent);
            case ZCDP -> ZeroConcentratedBudget.epsilon(spent / PICOS, delta);
        };
    }

    public double epsilonPerQuery() {
        return decimal(epsilonPerQueryMicros);
    }

    public double epsilonBudget() {
        return decimal(epsilonBudgetMicros);
    }
}
