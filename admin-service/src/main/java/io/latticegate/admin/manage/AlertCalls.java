package io.latticegate.admin.manage;

import io.latticegate.admin.alert.Alert;
import io.latticegate.admin.alert.AlertBook;
import io.latticegate.admin.alert.AlertWatch;
import io.latticegate.common.config.AlertsConfig;
import io.latticegate.common.store.Database;
import io.latticegate.common.store.StoreFault;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;

/** The call under {@code /manage/alerts}: what fires, what has fired in the last week, and what is watched. */
final class AlertCalls implements Calls {
    private static final Duration RESOLVED_SHOWN = Duration.ofDays(7);
    private static final int ALERTS_MAX = 500;

    private final Database database;
    private final AlertsConfig config;
    private final InstantSource clock;

    AlertCalls(Database database, AlertsConfig config, InstantSource clock) {
        this.database = database;
        this.config = config;
        this.clock = clock;
    }

    @Override
    public void addTo(CallTable.Rows rows) {
        rows.add("GET", Role.VIEWER, "alert.list", this::list, "alerts");
    }

    /** {@code GET /manage/alerts}. */
    Answer list(ManageRequest request, AuditedCall audited) {
        request.noBody();
        request.allowQuery();
        List<Alert> alerts;
        try {
            alerts = database.read(
                    connection -> AlertBook.latest(connection, clock.instant().minus(RESOLVED_SHOWN), ALERTS_MAX));
        } catch (StoreFault fault) {
            throw Refused.unavailable("the audit store does not answer; nothing was listed");
        }
        audited.note("count", Integer.toString(alerts.size()));
        JsonArray listed = new JsonArray();
        alerts.forEach(alert -> listed.add(AlertWatch.json(alert)));
        JsonArray rules = new JsonArray();
        new TreeMap<>(config.rules()).forEach((name, rule) -> rules.add(json(name, rule)));
        return Answer.json(200, new JsonObject().put("alerts", listed).put("rules", rules));
    }

    private static JsonObject json(String name, AlertsConfig.Rule rule) {
        return new JsonObject()
                .put("name", name)
                .put("kind", rule.kind().name().toLowerCase(Locale.ROOT))
                .put("threshold", rule.threshold())
                .put("window", rule.window().toMinutes() + "m")
                .put("severity", rule.severity().name().toLowerCase(Locale.ROOT))
                .put("enabled", rule.enabled());
    }
}
