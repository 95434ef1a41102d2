package io.latticegate.fhe.app.privacy;

import io.latticegate.common.contract.FheApi;
import io.latticegate.common.contract.FheApi.Budget;
import io.latticegate.common.contract.FheApi.ResetBudgetReply;
import io.latticegate.common.service.Background;
import io.latticegate.common.service.ServiceContext;
import io.latticegate.common.service.Stores;
import io.latticegate.common.store.Database;
import io.micrometer.core.instrument.Gauge;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.atomic.AtomicReference;

/** The ledger over its own schema, and what administrators may ask of it over the bus. */
public final class PrivacyAccountant implements AutoCloseable {
    private static final long TOTALS_MILLIS = 10_000;

    private final Database database;
    private final PrivacyLedger ledger;

    private PrivacyAccountant(Database database, PrivacyLedger ledger) {
        this.database = database;
        this.ledger = ledger;
    }

    /**
     * Opens the schema {@code privacy}, watches it for readiness and serves {@link FheApi}. Blocks.
     *
     * @param executor starts a virtual thread per task
     */
    public static PrivacyAccountant start(ServiceContext context, ExecutorService executor) {
        Database database =
                Database.open("privacy", Stores.location(context.config().storage()));
        PrivacyLedger ledger = new PrivacyLedger(database, context.clock());
        context.bus().serveSigned(FheApi.PRIVACY_BUDGETS, executor, (question, asker) -> list(ledger, question));
        context.bus().serveSigned(FheApi.PRIVACY_RESET, executor, (question, asker) -> reset(ledger, question));
        Stores.watch(context.vertx(), executor, context.health(), "privacy-store", database);
        gauges(context, executor, ledger);
        return new PrivacyAccountant(database, ledger);
    }

    /** The ledger is one for all nodes, so each of them shows the same numbers. */
    private static void gauges(ServiceContext context, ExecutorService executor, PrivacyLedger ledger) {
        AtomicReference<PrivacyTotals> totals = new AtomicReference<>(ledger.totals());
        Background.every(
                context.vertx(),
                TOTALS_MILLIS,
                executor,
                "summing up privacy budgets",
                () -> totals.set(ledger.totals()));
        Gauge.builder("fhe.privacy.budgets", totals, of -> of.get().budgets())
                .description("Privacy budgets that projects have begun to spend")
                .register(context.metrics());
        Gauge.builder("fhe.privacy.budgets.exhausted", totals, of -> of.get().exhausted())
                .description("Privacy budgets in which no further search fits")
                .register(context.metrics());
        Gauge.builder("fhe.privacy.spent.share.max", totals, of -> of.get().spentShareMax())
                .description("Largest share of a privacy budget that is spent, 0 to 1")
                .register(context.metrics());
    }

    public PrivacyLedger ledger() {
        return ledger;
    }

    private static FheApi.Budgets list(PrivacyLedger ledger, FheApi.ListBudgets question) {
        return new FheApi.Budgets(
                ledger
                        .list(question.project(), question.afterProject(), question.afterIndex(), question.limit())
                        .stream()
                        .map(PrivacyAccountant::described)
                        .toList());
    }

    private static ResetBudgetReply reset(PrivacyLedger ledger, FheApi.ResetBudget question) {
        PrivacyBudget budget = ledger.reset(question.requestId(), question.project(), question.index());
        return budget == null
                ? new ResetBudgetReply.NoSuchBudget()
                : new ResetBudgetReply.BudgetReset(described(budget));
    }

    private static Budget described(PrivacyBudget budget) {
        return new Budget(
                budget.project(),
                budget.index(),
                budget.generation(),
                PrivacyJson.label(budget.terms().composition()),
                budget.terms().epsilonPerQuery(),
                budget.terms().epsilonBudget(),
                budget.epsilonSpent(),
                budget.terms().delta(),
                budget.queries(),
                budget.remainingQueries(),
                budget.openedAt().toEpochMilli());
    }

    @Override
    public void close() {
        database.close();
    }
}
