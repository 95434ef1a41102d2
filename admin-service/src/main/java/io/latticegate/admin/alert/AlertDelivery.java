package io.latticegate.admin.alert;

import io.latticegate.admin.alert.AlertBook.Waiting;
import io.latticegate.admin.export.SignedWebhook;
import io.latticegate.admin.export.Sink.NotDelivered;
import io.latticegate.admin.retention.WorkLease;
import io.latticegate.common.store.Database;
import io.latticegate.common.telemetry.Log;
import io.latticegate.common.telemetry.LogKey;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Brings messages about alerts to webhooks, at least once and in no promised order; each says when its alert began and ended.
 * Attempts are further apart each time; after {@link #KEPT} a message is given up, and the log says so.
 */
public final class AlertDelivery {
    /** How often messages are looked for. */
    public static final long EVERY_MILLIS = 1_000;

    static final Duration KEPT = Duration.ofHours(24);

    private static final Log LOG = Log.of(AlertDelivery.class);
    private static final int AT_ONCE = 50;
    private static final Duration BACKOFF_FIRST = Duration.ofSeconds(2);
    private static final Duration BACKOFF_MAX = Duration.ofMinutes(10);
    private static final int DOUBLINGS_MAX = 9;

    private final Database database;
    private final Map<String, SignedWebhook> webhooks;
    private final InstantSource clock;
    private final WorkLease lease;
    private final Counter delivered;
    private final Counter failures;
    private final Counter givenUp;

    /** @param webhooks by name */
    public AlertDelivery(
            Database database,
            Map<String, SignedWebhook> webhooks,
            InstantSource clock,
            WorkLease lease,
            MeterRegistry metrics) {
        this.database = database;
        this.webhooks = Map.copyOf(webhooks);
        this.clock = clock;
        this.lease = lease;
        delivered = Counter.builder("alerts.delivered")
                .description("Messages about alerts that a webhook has taken over")
                .register(metrics);
        failures = Counter.builder("alerts.failures")
                .description("Attempts to deliver a message about an alert that failed")
                .register(metrics);
        givenUp = Counter.builder("alerts.given.up")
                .description("Messages about alerts that no attempt could deliver in time")
                .register(metrics);
    }

    /** Delivers what is due, unless another node does. Call on a virtual thread. */
    public void run() {
        Instant now = clock.instant();
        List<Waiting> due = database.read(connection -> AlertBook.due(connection, now, AT_ONCE));
        if (due.isEmpty() || !lease.hold()) {
            return;
        }
        Set<String> failing = new HashSet<>();
        for (Waiting message : due) {
            SignedWebhook webhook = webhooks.get(message.webhook());
            if (webhook == null || message.createdAt().plus(KEPT).isBefore(now)) {
                givenUp.increment();
                LOG.error("a webhook was not told of an alert", LogKey.SERVICE.of(message.webhook()));
                database.inTransaction(connection -> AlertBook.delivered(connection, message.id()));
            } else if (!failing.contains(message.webhook()) && !deliver(webhook, message)) {
                failing.add(message.webhook());
            }
            if (!lease.hold()) {
                return;
            }
        }
    }

    private boolean deliver(SignedWebhook webhook, Waiting message) {
        try {
            webhook.post("application/json", message.id(), message.body().getBytes(StandardCharsets.UTF_8));
        } catch (NotDelivered fault) {
            failures.increment();
            LOG.warn(
                    "a webhook did not take a message about an alert over",
                    LogKey.SERVICE.of(message.webhook()),
                    LogKey.ATTEMPT.of(message.attempts() + 1L),
                    LogKey.REASON.of(fault.getMessage()));
            database.inTransaction(connection ->
                    AlertBook.postpone(connection, message.id(), clock.instant().plus(backoff(message.attempts()))));
            return false;
        }
        delivered.increment();
        database.inTransaction(connection -> AlertBook.delivered(connection, message.id()));
        return true;
    }

    private static Duration backoff(int attempts) {
        Duration wait = BACKOFF_FIRST.multipliedBy(1L << Math.min(attempts, DOUBLINGS_MAX));
        return wait.compareTo(BACKOFF_MAX) > 0 ? BACKOFF_MAX : wait;
    }
}
