package io.latticegate.admin.manage;

import io.latticegate.admin.manage.NodeRoll.Presence;
import io.latticegate.admin.rules.RulesBook;
import io.latticegate.common.config.LatticegateConfig;
import io.latticegate.common.config.ProviderConfig;
import io.latticegate.common.contract.OpsApi;
import io.latticegate.common.contract.OpsApi.Edge;
import io.latticegate.common.contract.OpsApi.ProviderState;
import io.latticegate.common.contract.OpsApi.Report;
import io.latticegate.common.store.StoreFault;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What the nodes report at the moment of the call: which there are, what the proxies know of providers and have cached, what
 * encrypted compute does. A node that does not report in time is shown with what it said last, and as not reachable.
 */
final class OperationCalls implements Calls {
    private final NodeRoll roll;
    private final RulesBook rules;

    OperationCalls(NodeRoll roll, RulesBook rules) {
        this.roll = roll;
        this.rules = rules;
    }

    @Override
    public void addTo(CallTable.Rows rows) {
        rows.add("GET", Role.VIEWER, "node.list", this::nodes, "nodes");
        rows.add("GET", Role.VIEWER, "provider.list", this::providers, "providers");
        rows.add("GET", Role.VIEWER, "cache.show", this::cache, "cache");
        rows.add("GET", Role.VIEWER, "fhe.show", this::compute, "fhe");
    }

    /** {@code GET /manage/nodes}. */
    Answer nodes(ManageRequest request, AuditedCall audited) {
        request.noBody();
        request.allowQuery();
        JsonArray nodes = new JsonArray();
        for (Presence one : roll.call()) {
            Report report = one.report();
            JsonObject failing = new JsonObject();
            report.findings().forEach(failing::put);
            Edge edge = report.edge();
            nodes.add(new JsonObject()
                    .put("service", report.service().label())
                    .put("node", report.node())
                    .put("version", report.version())
                    .put("reachable", one.answered())
                    .put("ready", one.answered() && report.ready())
                    .put("failing", failing)
                    .put(
                            "started_at",
                            Instant.ofEpochMilli(report.startedAtMillis()).toString())
                    .put("config_version", edge == null ? null : edge.rulesVersion())
                    .put("keks", new JsonArray(report.keks())));
        }
        audited.note("count", Integer.toString(nodes.size()));
        return Answer.json(200, new JsonObject().put("nodes", nodes));
    }

    /** {@code GET /manage/providers}: those of the rules in force, each as every proxy sees it. */
    Answer providers(ManageRequest request, AuditedCall audited) {
        request.noBody();
        request.allowQuery();
        LatticegateConfig config = config();
        List<Presence> proxies =
                roll.call().stream().filter(one -> one.report().edge() != null).toList();
        JsonArray providers = new JsonArray();
        for (ProviderConfig provider : config.providers().values()) {
            JsonArray nodes = new JsonArray();
            for (Presence proxy : proxies) {
                nodes.add(seen(provider.name(), proxy));
            }
            providers.add(new JsonObject()
                    .put("name", provider.name())
                    .put("kind", provider.kind().name().toLowerCase(Locale.ROOT))
                    .put(
                            "base_url",
                            provider.kind() == ProviderConfig.Kind.ECHO
                                    ? null
                                    : provider.baseUrl().toString())
                    .put("enabled", provider.enabled())
                    .put("nodes", nodes));
        }
        audited.note("count", Integer.toString(providers.size()));
        return Answer.json(200, new JsonObject().put("providers", providers));
    }

    private static JsonObject seen(String provider, Presence proxy) {
        Edge edge = proxy.report().edge();
        ProviderState state = edge == null || !proxy.answered()
                ? null
                : edge.providers().stream()
                        .filter(one -> one.name().equals(provider))
                        .findFirst()
                        .orElse(null);
        JsonObject seen = new JsonObject().put("node", proxy.report().node());
        if (state == null) {
            return seen.put("status", "unknown")
                    .putNull("breaker")
                    .putNull("breakers")
                    .putNull("resting")
                    .putNull("in_flight")
                    .putNull("error_rate")
                    .putNull("latency_ms")
                    .putNull("connect_ms")
                    .putNull("last_check");
        }
        return seen.put("status", state.status().name().toLowerCase(Locale.ROOT))
                .put("breaker", state.open() > 0 ? "open" : state.halfOpen() > 0 ? "half_open" : "closed")
                .put(
                        "breakers",
                        new JsonObject()
                                .put("closed", state.closed())
                                .put("open", state.open())
                                .put("half_open", state.halfOpen()))
                .put("resting", state.resting())
                .put("in_flight", state.inFlight())
                .put("error_rate", Math.round(state.failureShare() * 10_000) / 10_000.0)
                .put("latency_ms", state.latencyMillis())
                .put("connect_ms", state.connectMillis())
                .put("last_check", time(state.lastCheckMillis()));
    }

    /** {@code GET /manage/cache}. */
    Answer cache(ManageRequest request, AuditedCall audited) {
        return each(request, audited, report -> {
            Edge edge = report.edge();
            if (edge == null) {
                return null;
            }
            OpsApi.CacheState cache = edge.cache();
            return new JsonObject()
                    .put("enabled", cache.enabled())
                    .put("backend", cache.backend())
                    .put("entries", cache.entries())
                    .put("bytes", cache.bytes())
                    .put("hits", cache.hits())
                    .put("misses", cache.misses());
        });
    }

    /** {@code GET /manage/fhe}. */
    Answer compute(ManageRequest request, AuditedCall audited) {
        return each(request, audited, report -> {
            OpsApi.Compute compute = report.compute();
            return compute == null
                    ? null
                    : new JsonObject()
                            .put("sessions", compute.sessions())
                            .put("indexes", compute.indexes())
                            .put("queue", compute.waiting())
                            .put("running", compute.running())
                            .put("accelerator", compute.accelerator())
                            .put("memory_taken_bytes", compute.memoryTakenBytes())
                            .put("memory_bytes", compute.memoryBytes());
        });
    }

    private Answer each(ManageRequest request, AuditedCall audited, Function<Report, @Nullable JsonObject> of) {
        request.noBody();
        request.allowQuery();
        JsonArray nodes = new JsonArray();
        for (Presence one : roll.call()) {
            JsonObject facts = of.apply(one.report());
            if (facts != null) {
                JsonObject node =
                        new JsonObject().put("node", one.report().node()).put("reachable", one.answered());
                for (Map.Entry<String, Object> fact : facts) {
                    node.put(fact.getKey(), fact.getValue());
                }
                nodes.add(node);
            }
        }
        audited.note("count", Integer.toString(nodes.size()));
        return Answer.json(200, new JsonObject().put("nodes", nodes));
    }

    private LatticegateConfig config() {
        try {
            return rules.config();
        } catch (StoreFault away) {
            throw Refused.unavailable("the store of the rules does not answer; nothing was read");
        }
    }

    private static @Nullable String time(@Nullable Long millis) {
        return millis == null ? null : Instant.ofEpochMilli(millis).toString();
    }
}
