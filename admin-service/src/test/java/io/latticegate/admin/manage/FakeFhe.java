package io.latticegate.admin.manage;

import io.latticegate.common.bus.MeshBus;
import io.latticegate.common.contract.FheApi;
import io.latticegate.common.contract.FheApi.Budget;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.Executor;

/** The ledger in memory: lists in order, resets once per request id. */
final class FakeFhe {
    private record Place(String project, String index) implements Comparable<Place> {
        @Override
        public int compareTo(Place other) {
            return Comparator.comparing(Place::project)
                    .thenComparing(Place::index)
                    .compare(this, other);
        }
    }

    private final Map<Place, Budget> budgets = new ConcurrentSkipListMap<>();
    private final Set<String> resets = new HashSet<>();
    private volatile boolean failing;

    FakeFhe(MeshBus bus, Executor executor) {
        bus.serveSigned(FheApi.PRIVACY_BUDGETS, executor, (question, asker) -> list(question));
        bus.serveSigned(FheApi.PRIVACY_RESET, executor, (question, asker) -> reset(question));
    }

    void fail() {
        failing = true;
    }

    void spend(String project, String index, long queries) {
        budgets.put(
                new Place(project, index),
                new Budget(project, index, 1, "sum", 0.1, 10, queries / 10.0, 1e-5, queries, 100 - queries, 0));
    }

    long generation(String project, String index) {
        return list(new FheApi.ListBudgets(project, "", "", FheApi.BUDGETS_MAX)).budgets().stream()
                .filter(budget -> budget.index().equals(index))
                .findFirst()
                .orElseThrow()
                .generation();
    }

    private FheApi.Budgets list(FheApi.ListBudgets question) {
        refuse();
        Place after = new Place(question.afterProject(), question.afterIndex());
        return new FheApi.Budgets(List.copyOf(budgets.entrySet().stream()
                .filter(entry -> entry.getKey().compareTo(after) > 0)
                .map(Map.Entry::getValue)
                .filter(budget -> question.project() == null || budget.project().equals(question.project()))
                .limit(question.limit())
                .toList()));
    }

    private synchronized FheApi.ResetBudgetReply reset(FheApi.ResetBudget question) {
        refuse();
        Place place = new Place(question.project(), question.index());
        Budget old = budgets.get(place);
        if (old == null) {
            return new FheApi.ResetBudgetReply.NoSuchBudget();
        }
        if (resets.add(question.requestId())) {
            budgets.put(
                    place,
                    new Budget(old.project(), old.index(), old.generation() + 1, "sum", 0.1, 10, 0, 1e-5, 0, 100, 0));
        }
        return new FheApi.ResetBudgetReply.BudgetReset(budgets.getOrDefault(place, old));
    }

    private void refuse() {
        if (failing) {
            throw new IllegalStateException("told to fail");
        }
    }
}
