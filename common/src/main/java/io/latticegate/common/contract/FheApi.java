package io.latticegate.common.contract;

import static java.time.Duration.ofMillis;

import io.latticegate.common.value.ServiceRole;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Everything that other services may ask fhe-service over the bus. Ciphertexts and keys never cross it. */
public final class FheApi {
    public static final Endpoint<ListBudgets, Budgets> PRIVACY_BUDGETS = new Endpoint<>(
            "fhe.privacy-budgets.v1",
            ListBudgets.class,
            Budgets.class,
            ofMillis(5_000),
            ServiceRole.FHE,
            Set.of(ServiceRole.ADMIN));
    public static final Endpoint<ResetBudget, ResetBudgetReply> PRIVACY_RESET = new Endpoint<>(
            "fhe.privacy-reset.v1",
            ResetBudget.class,
            ResetBudgetReply.class,
            ofMillis(5_000),
            ServiceRole.FHE,
            Set.of(ServiceRole.ADMIN));

    /** Most budgets in one answer. */
    public static final int BUDGETS_MAX = 1_000;

    /**
     * Budgets in the order of project and index.
     *
     * @param project only this one's; null: all
     * @param afterProject with {@code afterIndex} the budget behind which to begin; both empty: at the first
     * @param limit 1 to {@link #BUDGETS_MAX}
     */
    public record ListBudgets(@Nullable String project, String afterProject, String afterIndex, int limit) {}

    public record Budgets(List<Budget> budgets) {}

    /**
     * What one project has spent on one index.
     *
     * @param project the reader
     * @param index {@code owner~name}
     * @param generation 1, and one more after each reset
     * @param composition {@code sum} or {@code zcdp}
     * @param epsilonSpent at {@code delta}
     * @param queries searches that were paid for
     * @param openedAtMillis when this generation began, UTC milliseconds since 1970
     */
    public record Budget(
            String project,
            String index,
            long generation,
            String composition,
            double epsilonPerQuery,
            double epsilonBudget,
            double epsilonSpent,
            double delta,
            long queries,
            long remainingQueries,
            long openedAtMillis) {}

    /**
     * Empties a budget.
     *
     * @param requestId of the administrator's call; the same reset asked for again changes nothing
     */
    public record ResetBudget(String requestId, String project, String index) {}

    /** What became of a reset. */
    public sealed interface ResetBudgetReply {
        /** @param budget as it is now */
        record BudgetReset(Budget budget) implements ResetBudgetReply {}

        /** The project has spent nothing on that index. */
        record NoSuchBudget() implements ResetBudgetReply {}
    }

    /** Every endpoint of this file. */
    public static Set<Endpoint<?, ?>> endpoints() {
        return Set.of(PRIVACY_BUDGETS, PRIVACY_RESET);
    }

    private FheApi() {}
}
