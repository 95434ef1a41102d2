package io.latticegate.fhe.app.privacy;

import io.latticegate.common.config.PrivacyConfig;
import io.latticegate.fhe.core.privacy.PrivacyTerms;
import io.latticegate.fhe.core.privacy.PrivacyTerms.Composition;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.math.BigDecimal;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Terms and budgets as the data port reads and writes them. */
public final class PrivacyJson {
    private static final String EPSILON_PER_QUERY = "epsilon_per_query";
    private static final String EPSILON_BUDGET = "epsilon_budget";
    private static final String DELTA = "delta";
    private static final String COMPOSITION = "composition";
    private static final String APPLY_TO_OWNER = "apply_to_owner";
    private static final Set<String> MEMBERS =
            Set.of(EPSILON_PER_QUERY, EPSILON_BUDGET, DELTA, COMPOSITION, APPLY_TO_OWNER);
    private static final int NUMBER_LENGTH_MAX = 40;
    private static final int EXPONENT_MAX = 40;

    private PrivacyJson() {}

    /**
     * The terms of an index.
     *
     * @param options the member {@code privacy} of an index's options; what it leaves out is as configured
     * @throws IllegalArgumentException with what is wrong and what is allowed
     */
    public static PrivacyTerms terms(JsonObject options, PrivacyConfig defaults) {
        for (String name : options.fieldNames()) {
            if (!MEMBERS.contains(name)) {
                throw new IllegalArgumentException("privacy has an unknown member; allowed are " + EPSILON_PER_QUERY
                        + ", " + EPSILON_BUDGET + ", " + DELTA + ", " + COMPOSITION + " and " + APPLY_TO_OWNER);
            }
        }
        return new PrivacyTerms(
                micros(EPSILON_PER_QUERY, number(options, EPSILON_PER_QUERY, defaults.epsilonPerQuery())),
                micros(EPSILON_BUDGET, number(options, EPSILON_BUDGET, defaults.epsilonBudget())),
                number(options, DELTA, defaults.delta()).doubleValue(),
                composition(options.getValue(COMPOSITION), defaults.composition()));
    }

    /** Terms as they are told. */
    public static JsonObject terms(PrivacyTerms terms) {
        return new JsonObject()
                .put(EPSILON_PER_QUERY, terms.epsilonPerQuery())
                .put(EPSILON_BUDGET, terms.epsilonBudget())
                .put(DELTA, terms.delta())
                .put(COMPOSITION, label(terms.composition()));
    }

    /** Whether the owner pays and gets noise too. @throws IllegalArgumentException if the member is no truth value */
    public static boolean appliesToOwner(JsonObject options) {
        return switch (options.getValue(APPLY_TO_OWNER)) {
            case null -> false;
            case Boolean applies -> applies;
            default -> throw new IllegalArgumentException("privacy." + APPLY_TO_OWNER + " must be true or false");
        };
    }

    private static BigDecimal number(JsonObject options, String name, BigDecimal otherwise) {
        return switch (options.getValue(name)) {
            case null -> otherwise;
            case Number given -> {
                String text = given.toString();
                if (!text.matches("[0-9.eE+-]{1," + NUMBER_LENGTH_MAX + "}")) {
                    throw new IllegalArgumentException("privacy." + name + " must be a number of ordinary length");
                }
                BigDecimal value = new BigDecimal(text);
                if (Math.abs((long) value.scale()) > EXPONENT_MAX) {
                    throw new IllegalArgumentException("privacy." + name + " must be a number of ordinary size");
                }
                yield value;
            }
            default -> throw new IllegalArgumentException("privacy." + name + " must be a number");
        };
    }

    private static long micros(String name, BigDecimal epsilon) {
        try {
            return epsilon.movePointRight(6).longValueExact();
        } catch (ArithmeticException inexact) {
            throw new IllegalArgumentException(
                    "privacy." + name + " has more than six decimal places, or is out of any range", inexact);
        }
    }

    private static Composition composition(@Nullable Object given, PrivacyConfig.Composition otherwise) {
        if (given == null) {
            return Composition.valueOf(otherwise.name());
        }
        for (Composition composition : Composition.values()) {
            if (label(composition).equals(given)) {
                return composition;
            }
        }
        throw new IllegalArgumentException("privacy." + COMPOSITION + " must be \"sum\" or \"zcdp\"");
    }

    /** The answer to {@code GET /v1/privacy/budget}. */
    public static JsonObject budgets(List<PrivacyBudget> budgets) {
        JsonArray all = new JsonArray();
        for (PrivacyBudget budget : budgets) {
            PrivacyTerms terms = budget.terms();
            all.add(new JsonObject()
                    .put("index", budget.index())
                    .put("generation", budget.generation())
                    .put(EPSILON_PER_QUERY, terms.epsilonPerQuery())
                    .put(EPSILON_BUDGET, terms.epsilonBudget())
                    .put("epsilon_spent", budget.epsilonSpent())
                    .put(DELTA, terms.delta())
                    .put(COMPOSITION, label(terms.composition()))
                    .put("queries", budget.queries())
                    .put("remaining_queries", budget.remainingQueries()));
        }
        return new JsonObject().put("budgets", all);
    }

    static String label(Composition composition) {
        return composition.name().toLowerCase(Locale.ROOT);
    }
}
