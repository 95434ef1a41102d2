package io.latticegate.fhe.app.privacy;

import io.latticegate.common.contract.FheApi;
import io.latticegate.common.contract.FheApi.Budget;
import io.latticegate.common.contract.FheApi.ResetBudgetReply;
import io.latticegate.common.service.ServiceContext;
import io.latticegate.common.service.Stores;
import io.latticegate.common.store.Database;
import java.util.concurrent.ExecutorService;

/** The ledger over its own schema, and what administrators may ask of it over the bus. */
public final class PrivacyAccountant implements AutoCloseable {
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
        return new PrivacyAccountant(database, ledger);
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
