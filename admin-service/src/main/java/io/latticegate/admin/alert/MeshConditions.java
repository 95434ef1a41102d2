package io.latticegate.admin.alert;

import io.latticegate.common.bus.BusFault;
import io.latticegate.common.bus.MeshBus;
import io.latticegate.common.config.AlertsConfig;
import io.latticegate.common.contract.ConditionApi;
import io.latticegate.common.contract.ConditionApi.BreakerReport;
import io.latticegate.common.contract.ConditionApi.JournalReport;
import io.latticegate.common.contract.FheApi;
import io.latticegate.common.contract.FheApi.Budget;
import io.latticegate.common.contract.VaultApi;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** Rules on services: what processes report over the bus, and what services answer when they are asked. */
final class MeshConditions {
    private static final int NODES_MAX = 1_000;
    private static final int PAGES_MAX = 10;

    /** A process that has not reported for longer is not judged by what it said. */
    private static final Duration FRESH = Duration.ofMillis(6 * ConditionApi.REPORT_MILLIS);

    /** A restart of the vault is shorter. */
    private static final int VAULT_FAILURES = 3;

    private final MeshBus bus;
    private final InstantSource clock;
    private final Map<String, Heard<JournalReport>> journals = new ConcurrentHashMap<>();
    private final Map<String, Heard<BreakerReport>> breakers = new ConcurrentHashMap<>();
    private final AtomicInteger vaultFailures = new AtomicInteger();

    private record Heard<R>(R report, Instant at) {}

    /** Listens from now on. */
    MeshConditions(MeshBus bus, InstantSource clock) {
        this.bus = bus;
        this.clock = clock;
        bus.listen(ConditionApi.JOURNAL, report -> keep(journals, report.node(), report));
        bus.listen(ConditionApi.BREAKERS, report -> keep(breakers, report.node(), report));
    }

    private <R> void keep(Map<String, Heard<R>> into, String node, R report) {
        if (into.size() < NODES_MAX || into.containsKey(node)) {
            into.put(node, new Heard<>(report, clock.instant()));
        }
    }

    private <R> List<R> fresh(Map<String, Heard<R>> heard) {
        Instant oldest = clock.instant().minus(FRESH);
        heard.values().removeIf(one -> one.at().isBefore(oldest));
        return heard.values().stream().map(Heard::report).toList();
    }

    /** Where the rule's condition holds; nothing when that cannot be told now. */
    Optional<List<Condition>> holding(Connection connection, AlertsConfig.Rule rule) throws SQLException {
        return switch (rule.kind()) {
            case BREAKER -> Optional.of(openBreakers(rule));
            case JOURNAL -> Optional.of(journals(connection, rule));
            default -> throw new IllegalArgumentException(rule.kind() + " is not reported by processes");
        };
    }

    private List<Condition> openBreakers(AlertsConfig.Rule rule) {
        Map<String, Integer> open = new TreeMap<>();
        fresh(breakers)
                .forEach(report ->
                        report.open().forEach((provider, count) -> open.merge(provider, count, Integer::sum)));
        List<Condition> holding = new ArrayList<>();
        open.forEach((provider, count) -> {
            if (count >= rule.threshold().doubleValue()) {
                holding.add(new Condition(
                        provider,
                        "the circuit breaker of provider " + provider + " is open for " + count + " targets",
                        Map.of("provider", provider)));
            }
        });
        return holding;
    }

    private List<Condition> journals(Connection connection, AlertsConfig.Rule rule) throws SQLException {
        List<Condition> holding = new ArrayList<>();
        for (JournalReport report : fresh(journals)) {
            Map<String, String> labels = Map.of("node", report.node());
            if (!report.accepting()) {
                holding.add(new Condition(
                        report.node(), "the journal of node " + report.node() + " takes no entries", labels));
            } else if (report.fill() >= rule.threshold().doubleValue()) {
                holding.add(new Condition(
                        report.node(),
                        String.format(
                                Locale.ROOT,
                                "the journal of node %s is %.0f %% full of entries that are not delivered",
                                report.node(),
                                report.fill() * 100),
                        labels));
            }
        }
        try (PreparedStatement select = connection.prepareStatement(
                        "SELECT node, SUM(to_seq - from_seq + 1) FROM audit_gap GROUP BY node ORDER BY node LIMIT 100");
                ResultSet rows = select.executeQuery()) {
            while (rows.next()) {
                holding.add(new Condition(
                        "gap of " + rows.getString(1),
                        rows.getLong(2) + " entries of the journal of node " + rows.getString(1) + " never came",
                        Map.of("node", rows.getString(1))));
            }
        }
        return holding;
    }

    /** Whether vault-service leaves questions unanswered, several times in a row. */
    List<Condition> vault() {
        try {
            bus.askSigned(VaultApi.TRANSPORT_KEY, new VaultApi.TransportKeyRequest())
                    .await();
            vaultFailures.set(0);
            return List.of();
        } catch (BusFault fault) {
            return vaultFailures.incrementAndGet() < VAULT_FAILURES
                    ? List.of()
                    : List.of(new Condition(
                            "vault",
                            "vault-service does not answer ("
                                    + fault.kind().name().toLowerCase(Locale.ROOT)
                                    + "); no provider key can be leased",
                            Map.of("service", "vault-service")));
        }
    }

    /** Privacy budgets that are nearly spent; nothing when fhe-service does not answer. */
    Optional<List<Condition>> privacy(AlertsConfig.Rule rule) {
        List<Condition> holding = new ArrayList<>();
        String project = "";
        String index = "";
        for (int page = 0; page < PAGES_MAX; page++) {
            List<Budget> budgets;
            try {
                budgets = bus.askSigned(
                                FheApi.PRIVACY_BUDGETS,
                                new FheApi.ListBudgets(null, project, index, FheApi.BUDGETS_MAX))
                        .await()
                        .reply()
                        .budgets();
            } catch (BusFault unknown) {
                return Optional.empty();
            }
            for (Budget budget : budgets) {
                if (budget.epsilonBudget() > 0
                        && budget.epsilonSpent() / budget.epsilonBudget()
                                >= rule.threshold().doubleValue()) {
                    holding.add(spent(budget));
                }
            }
            if (budgets.size() < FheApi.BUDGETS_MAX) {
                break;
            }
            project = budgets.getLast().project();
            index = budgets.getLast().index();
        }
        return Optional.of(holding);
    }

    private static Condition spent(Budget budget) {
        return new Condition(
                budget.project() + "/" + budget.index(),
                String.format(
                        Locale.ROOT,
                        "project %s has spent %.0f %% of its privacy budget on index %s",
                        budget.project(),
                        100 * budget.epsilonSpent() / budget.epsilonBudget(),
                        budget.index()),
                Map.of("project_id", budget.project(), "index", budget.index()));
    }
}
