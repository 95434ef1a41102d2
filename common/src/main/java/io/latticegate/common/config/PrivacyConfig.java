package io.latticegate.common.config;

import java.math.BigDecimal;

/**
 * What the readers of an encrypted-compute index may learn about its rows, where the index does not say so itself.
 *
 * @param epsilonPerQuery ε of one search, six decimal places at most
 * @param epsilonBudget ε of all searches of one reader in one index together, six decimal places at most
 * @param delta δ of all searches together
 * @param composition how searches are added up
 */
public record PrivacyConfig(
        BigDecimal epsilonPerQuery, BigDecimal epsilonBudget, BigDecimal delta, Composition composition) {
    private static final int EPSILON_DECIMALS = 6;
    private static final Range<BigDecimal> EPSILON =
            new Range<>(new BigDecimal("0.001"), new BigDecimal("1000"), SettingType.DECIMAL);
    private static final Range<BigDecimal> DELTA =
            new Range<>(new BigDecimal("0.000000000001"), new BigDecimal("0.001"), SettingType.SMALL_DECIMAL);

    /** How searches are added up. */
    public enum Composition {
        /** By their ε: exactly ⌊budget/ε⌋ searches. */
        SUM,
        /** By their ρ (zero-concentrated differential privacy): more searches for the same noise. */
        ZCDP
    }

    public PrivacyConfig {
        checkEpsilon("epsilon_per_query", epsilonPerQuery);
        checkEpsilon("epsilon_budget", epsilonBudget);
        IllegalSetting.unless(
                epsilonBudget.compareTo(epsilonPerQuery) >= 0,
                "epsilon_budget",
                "is " + epsilonBudget.toPlainString() + "; allowed is at least privacy.epsilon_per_query, "
                        + epsilonPerQuery.toPlainString());
        DELTA.check("delta", delta);
    }

    private static void checkEpsilon(String key, BigDecimal epsilon) {
        EPSILON.check(key, epsilon);
        IllegalSetting.unless(
                epsilon.stripTrailingZeros().scale() <= EPSILON_DECIMALS,
                key,
                "is " + epsilon.toPlainString() + "; allowed are " + EPSILON_DECIMALS + " decimal places");
    }

    static PrivacyConfig from(ConfigNode node) {
        return new PrivacyConfig(
                node.get(
                        "epsilon_per_query",
                        SettingType.DECIMAL,
                        new BigDecimal("0.1"),
                        EPSILON,
                        "Epsilon of one search by a reader of somebody else's index; less is more noise"),
                node.get(
                        "epsilon_budget",
                        SettingType.DECIMAL,
                        new BigDecimal("10.0"),
                        EPSILON,
                        "Epsilon of all searches of one reader in one index, until an administrator's reset"),
                node.get(
                        "delta",
                        SettingType.SMALL_DECIMAL,
                        new BigDecimal("0.00001"),
                        DELTA,
                        "Delta of all searches of one reader in one index together; also written as 1e-5"),
                node.get(
                        "composition",
                        SettingType.choice(Composition.class),
                        Composition.SUM,
                        "sum: exactly budget / epsilon searches; zcdp: more searches, added up as zero-concentrated"
                                + " differential privacy"));
    }
}
