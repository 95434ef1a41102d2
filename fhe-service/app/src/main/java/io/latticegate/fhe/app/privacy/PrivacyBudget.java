package io.latticegate.fhe.app.privacy;

import io.latticegate.fhe.core.privacy.PrivacyTerms;
import java.time.Instant;

/**
 * What one project has spent on one index.
 *
 * @param project the reader
 * @param index {@code owner~name}; a new version of its rows has no new budget
 * @param generation 1, and one more after each reset
 * @param budget units that may be spent, as {@link PrivacyTerms#budget} gave them when the terms began
 * @param cost units that a search costs
 * @param spent units that reservations hold or have spent
 * @param queries reservations that were not refunded
 */
public record PrivacyBudget(
        String project,
        String index,
        long generation,
        PrivacyTerms terms,
        long budget,
        long cost,
        long spent,
        long queries,
        Instant openedAt) {

    /** How many more searches fit. */
    public long remainingQueries() {
        return (budget - spent) / cost;
    }

    /** ε of what was spent, at the terms' δ. */
    public double epsilonSpent() {
        return terms.epsilonSpent(spent);
    }
}
