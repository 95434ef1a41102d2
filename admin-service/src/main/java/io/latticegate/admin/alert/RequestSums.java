package io.latticegate.admin.alert;

import io.latticegate.common.config.AlertsConfig;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Rules on requests, from exact sums per minute and project. */
final class RequestSums {
    private static final long FAILURES_OF_MIN = 20;
    private static final long BURST_MIN = 100;

    private record Sum(String project, long requests, long failed, long costMicroUsd) {
        Map<String, String> labels() {
            return project.isEmpty() ? Map.of() : Map.of("project_id", project);
        }

        String whose() {
            return project.isEmpty() ? "requests without a project" : "project " + project;
        }
    }

    private RequestSums() {}

    /** Projects in which the rule's condition holds. */
    static List<Condition> holding(Connection connection, AlertsConfig.Rule rule, Instant now) throws SQLException {
        long minute = now.getEpochSecond() / 60;
        long window = rule.window().toMinutes();
        return switch (rule.kind()) {
            case SPEND -> spend(sums(connection, minute - window, minute), rule);
            case ERROR_RATE -> errors(sums(connection, minute - window, minute), rule);
            case BURST ->
                bursts(sums(connection, minute - 2, minute), sums(connection, minute - 2 - window, minute - 2), rule);
            case BREAKER, JOURNAL, VAULT, PRIVACY, NEW_ADDRESS ->
                throw new IllegalArgumentException(rule.kind() + " is no rule on requests");
        };
    }

    private static List<Condition> spend(List<Sum> sums, AlertsConfig.Rule rule) {
        List<Condition> holding = new ArrayList<>();
        for (Sum sum : sums) {
            BigDecimal cost = BigDecimal.valueOf(sum.costMicroUsd(), 6);
            if (cost.compareTo(rule.threshold()) >= 0) {
                holding.add(new Condition(
                        sum.project(),
                        sum.whose() + " cost " + cost.setScale(2, RoundingMode.HALF_UP) + " USD within "
                                + rule.window().toMinutes() + " minutes; the rule says "
                                + rule.threshold().toPlainString(),
                        sum.labels()));
            }
        }
        return holding;
    }

    private static List<Condition> errors(List<Sum> sums, AlertsConfig.Rule rule) {
        List<Condition> holding = new ArrayList<>();
        for (Sum sum : sums) {
            double share = sum.requests() == 0 ? 0 : (double) sum.failed() / sum.requests();
            if (sum.requests() >= FAILURES_OF_MIN && share >= rule.threshold().doubleValue()) {
                holding.add(new Condition(
                        sum.project(),
                        String.format(
                                Locale.ROOT,
                                "%d of %d requests of %s failed within %d minutes",
                                sum.failed(),
                                sum.requests(),
                                sum.whose(),
                                rule.window().toMinutes()),
                        sum.labels()));
            }
        }
        return holding;
    }

    /** The last whole minute and the one that runs count as one: a burst is seen while it begins. */
    private static List<Condition> bursts(List<Sum> latest, List<Sum> before, AlertsConfig.Rule rule) {
        List<Condition> holding = new ArrayList<>();
        for (Sum sum : latest) {
            long usual = before.stream()
                    .filter(former -> former.project().equals(sum.project()))
                    .mapToLong(Sum::requests)
                    .sum();
            double average = Math.max(1, (double) usual / rule.window().toMinutes());
            if (sum.requests() >= BURST_MIN
                    && sum.requests() >= average * rule.threshold().doubleValue()) {
                holding.add(new Condition(
                        sum.project(),
                        String.format(
                                Locale.ROOT,
                                "%s sent %d requests within two minutes; its average minute has %.1f",
                                sum.whose(),
                                sum.requests(),
                                average),
                        sum.labels()));
            }
        }
        return holding;
    }

    /** After the minute {@code from}, up to the minute {@code to}. */
    private static List<Sum> sums(Connection connection, long from, long to) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement("SELECT project_id, SUM(requests), SUM(failed),"
                + " SUM(cost_micro_usd) FROM alert_minute WHERE minute > ? AND minute <= ? GROUP BY project_id"
                + " ORDER BY project_id")) {
            select.setLong(1, from);
            select.setLong(2, to);
            List<Sum> sums = new ArrayList<>();
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    sums.add(new Sum(rows.getString(1), rows.getLong(2), rows.getLong(3), rows.getLong(4)));
                }
            }
            return sums;
        }
    }
}
