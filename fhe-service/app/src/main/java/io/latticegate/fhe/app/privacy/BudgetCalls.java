package io.latticegate.fhe.app.privacy;

import io.latticegate.common.store.StoreFault;
import io.latticegate.fhe.app.Family;
import io.latticegate.fhe.app.http.Call;
import io.latticegate.fhe.app.http.Refusal;
import io.latticegate.fhe.app.http.Route;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** {@code GET /v1/privacy/budget}: what the caller's project has spent on each index that it searched. */
public final class BudgetCalls implements Family {
    private static final Logger LOG = LoggerFactory.getLogger(BudgetCalls.class);

    private final PrivacyLedger ledger;

    public BudgetCalls(PrivacyLedger ledger) {
        this.ledger = ledger;
    }

    @Override
    public List<Route> routes() {
        return List.of(Route.get("/v1/privacy/budget", this::budgets));
    }

    private void budgets(Call call) {
        List<PrivacyBudget> budgets;
        try {
            budgets = ledger.budgets(call.caller().projectId());
        } catch (StoreFault fault) {
            LOG.error("the privacy ledger cannot be read", fault);
            throw Refusal.storeUnavailable();
        }
        call.answer(200, PrivacyJson.budgets(budgets));
    }
}
