package io.latticegate.admin.manage;

import io.latticegate.common.bus.MeshBus;
import io.latticegate.common.contract.OpsApi;
import io.latticegate.common.value.ServiceRole;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** Nodes that answer roll calls. */
final class FakeNodes {
    static final String FIRST = "0b3f7a52-0000-4000-8000-0000000000a1";
    static final String SECOND = "0b3f7a52-0000-4000-8000-0000000000a2";

    private final List<OpsApi.Report> present = new CopyOnWriteArrayList<>();

    FakeNodes(MeshBus bus) {
        bus.listen(
                OpsApi.ROLL_CALL,
                call -> present.forEach(report -> bus.publish(OpsApi.REPORT, withId(report, call.id()))));
    }

    /** A proxy that sees one provider so. */
    void proxy(String node, OpsApi.ProviderState provider) {
        add(
                ServiceRole.PROXY,
                node,
                new OpsApi.Edge(7, List.of(provider), new OpsApi.CacheState(true, "memory", 3, 4_096, 11, 22)),
                null,
                List.of());
    }

    void compute(String node, OpsApi.Compute compute) {
        add(ServiceRole.FHE, node, null, compute, List.of());
    }

    void vault(String node, String... keks) {
        add(ServiceRole.VAULT, node, null, null, List.of(keks));
    }

    void leave(String node) {
        present.removeIf(report -> report.node().equals(node));
    }

    static OpsApi.ProviderState openai(OpsApi.ProviderStatus status, int closed, int open, int halfOpen) {
        return new OpsApi.ProviderState("openai", status, closed, open, halfOpen, open, 2, 0.25, 120L, 15L, 1_000L);
    }

    private void add(
            ServiceRole service,
            String node,
            OpsApi.@Nullable Edge edge,
            OpsApi.@Nullable Compute compute,
            List<String> keks) {
        present.add(new OpsApi.Report("", service, node, "1.0", 1_000, true, Map.of(), edge, compute, keks));
    }

    private static OpsApi.Report withId(OpsApi.Report report, String id) {
        return new OpsApi.Report(
                id,
                report.service(),
                report.node(),
                report.version(),
                report.startedAtMillis(),
                report.ready(),
                report.findings(),
                report.edge(),
                report.compute(),
                report.keks());
    }
}
