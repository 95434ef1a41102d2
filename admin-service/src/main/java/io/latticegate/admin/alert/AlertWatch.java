package io.latticegate.admin.alert;

import io.latticegate.admin.retention.WorkLease;
import io.latticegate.admin.subject.Sealing;
import io.latticegate.common.bus.MeshBus;
import io.latticegate.common.config.AlertsConfig;
import io.latticegate.common.journal.AuditActor;
import io.latticegate.common.journal.AuditOutcome;
import io.latticegate.common.journal.AuditPhase;
import io.latticegate.common.journal.AuditRecord;
import io.latticegate.common.service.AuditLog;
import io.latticegate.common.store.Database;
import io.latticegate.common.telemetry.Log;
import io.latticegate.common.telemetry.LogKey;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Looks at every rule, on one admin-service at a time. What begins or ends is recorded in the audit, then noted in the store
 * together with the messages to webhooks, so that a restart neither forgets an alert nor tells of it twice. An alert ends when
 * its condition has not held for {@link #QUIET}; a source that does not answer changes nothing.
 */
public final class AlertWatch {
    /** How often rules are looked at. */
    public static final long EVERY_MILLIS = 10_000;

    /** How long the right to look lasts; an admin-service that dies is followed after that. */
    public static final Duration LEASE = Duration.ofSeconds(30);

    /** How long a condition must not hold before its alert ends. */
    static final Duration QUIET = Duration.ofMinutes(1);

    private static final Log LOG = Log.of(AlertWatch.class);

    private final Database database;
    private final AlertsConfig config;
    private final MeshConditions mesh;
    private final AddressConditions addresses;
    private final AuditLog audit;
    private final InstantSource clock;
    private final WorkLease lease;

    /** When the condition of an alert was last seen to hold, or was first looked at by this process. */
    private final Map<String, Instant> heldAt = new ConcurrentHashMap<>();

    /** @param sealing of the audit in {@code database} */
    public AlertWatch(
            Database database,
            Sealing sealing,
            AlertsConfig config,
            MeshBus bus,
            AuditLog audit,
            InstantSource clock,
            WorkLease lease) {
        this.database = database;
        this.config = config;
        this.mesh = new MeshConditions(bus, clock);
        this.addresses = new AddressConditions(database, sealing, clock);
        this.audit = audit;
        this.clock = clock;
        this.lease = lease;
    }

    /** Looks once, unless another node does. Call on a virtual thread. */
    public void run() {
        if (!lease.hold()) {
            heldAt.clear();
            return;
        }
        Map<String, Alert> firing = new HashMap<>();
        database.read(AlertBook::firing).forEach(alert -> firing.put(key(alert.rule(), alert.scope()), alert));
        List<Alert> changed = new ArrayList<>();
        config.rules().forEach((name, rule) -> {
            if (rule.enabled()) {
                look(rule).ifPresent(holding -> compare(name, rule, holding, firing, changed));
            }
        });
        for (Alert alert : firing.values()) {
            AlertsConfig.Rule rule = config.rules().get(alert.rule());
            if (rule == null || !rule.enabled()) {
                changed.add(resolved(alert));
            }
        }
        changed.forEach(this::tell);
    }

    private Optional<List<Condition>> look(AlertsConfig.Rule rule) {
        return switch (rule.kind()) {
            case SPEND, ERROR_RATE, BURST ->
                Optional.of(database.read(connection -> RequestSums.holding(connection, rule, clock.instant())));
            case BREAKER, JOURNAL -> database.read(connection -> mesh.holding(connection, rule));
            case VAULT -> Optional.of(mesh.vault());
            case PRIVACY -> mesh.privacy(rule);
            case NEW_ADDRESS -> Optional.of(addresses.holding(rule));
        };
    }

    private void compare(
            String name,
            AlertsConfig.Rule rule,
            List<Condition> holding,
            Map<String, Alert> firing,
            List<Alert> changed) {
        Instant now = now();
        for (Condition condition : holding) {
            String key = key(name, condition.scope());
            heldAt.put(key, now);
            if (!firing.containsKey(key)) {
                changed.add(new Alert(
                        UUID.randomUUID().toString(),
                        name,
                        condition.scope(),
                        rule.severity().name().toLowerCase(Locale.ROOT),
                        condition.summary(),
                        condition.labels(),
                        now,
                        null));
            }
        }
        for (Alert alert : firing.values()) {
            if (alert.rule().equals(name)) {
                Instant held = heldAt.computeIfAbsent(key(name, alert.scope()), unseen -> now);
                if (!held.plus(QUIET).isAfter(now)) {
                    changed.add(resolved(alert));
                }
            }
        }
    }

    private Alert resolved(Alert alert) {
        heldAt.remove(key(alert.rule(), alert.scope()));
        return new Alert(
                alert.id(),
                alert.rule(),
                alert.scope(),
                alert.severity(),
                alert.summary(),
                alert.labels(),
                alert.since(),
                now());
    }

    private void tell(Alert alert) {
        record(alert);
        List<String> untold = database.inTransaction(connection -> {
            AlertBook.put(connection, alert);
            List<String> refused = new ArrayList<>();
            for (String webhook : config.webhooks().keySet()) {
                String id = alert.id() + "-" + alert.state() + "-" + webhook;
                if (!AlertBook.send(connection, id, webhook, json(alert).encode(), now())) {
                    refused.add(webhook);
                }
            }
            return refused;
        });
        untold.forEach(webhook -> LOG.error(
                "a webhook is not told of an alert, because too many messages wait", LogKey.SERVICE.of(webhook)));
    }

    private void record(Alert alert) {
        Map<String, String> facts = new TreeMap<>(Map.of(
                "rule", alert.rule(),
                "severity", alert.severity(),
                "event", alert.id()));
        Optional.ofNullable(alert.labels().get("provider")).ifPresent(value -> facts.put("provider", value));
        audit.record(AuditRecord.builder(
                        AuditPhase.EVENT, "alert." + alert.state(), ChronoUnit.MICROS.between(Instant.EPOCH, now()))
                .actor(new AuditActor(AuditActor.Kind.SYSTEM, ""))
                .projectId(alert.labels().getOrDefault("project_id", ""))
                .outcome(AuditOutcome.SUCCESS)
                .reason(alert.summary())
                .metadata(facts)
                .build());
        LOG.warn("an alert is " + alert.state(), LogKey.SETTING.of(alert.rule()), LogKey.REASON.of(alert.summary()));
    }

    /** An alert as the management API and webhooks show it. */
    public static JsonObject json(Alert alert) {
        Instant resolvedAt = alert.resolvedAt();
        return new JsonObject()
                .put("id", alert.id())
                .put("rule", alert.rule())
                .put("severity", alert.severity())
                .put("state", alert.state())
                .put("summary", alert.summary())
                .put("since", alert.since().toString())
                .put("resolved_at", resolvedAt == null ? null : resolvedAt.toString())
                .put("labels", new JsonObject(new TreeMap<String, Object>(alert.labels())));
    }

    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MICROS);
    }

    private static String key(String rule, String scope) {
        return rule + "\n" + scope;
    }
}
