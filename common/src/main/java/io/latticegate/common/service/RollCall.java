package io.latticegate.common.service;

import io.latticegate.common.contract.OpsApi;
import io.latticegate.common.value.ServiceRole;
import java.lang.management.ManagementFactory;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Answers admin-service's roll calls for one service of this process. */
public final class RollCall {
    private static final long STARTED_AT = ManagementFactory.getRuntimeMXBean().getStartTime();

    /** What a service has to say beyond that it is there; each null or empty where it is not its own. */
    public record Facts(OpsApi.@Nullable Edge edge, OpsApi.@Nullable Compute compute, List<String> keks) {
        /** Of a service that has nothing to add. */
        public static final Facts NONE = new Facts(null, null, List.of());

        public static Facts of(OpsApi.Edge edge) {
            return new Facts(edge, null, List.of());
        }

        public static Facts of(OpsApi.Compute compute) {
            return new Facts(null, compute, List.of());
        }

        public static Facts ofKeks(List<String> keks) {
            return new Facts(null, null, keks);
        }
    }

    /**
     * Answers from now on, as long as the process runs.
     *
     * @param facts is asked on a worker thread and may block for a moment
     */
    public static void answer(ServiceContext context, ServiceRole role, Supplier<Facts> facts) {
        context.bus()
                .listen(
                        OpsApi.ROLL_CALL,
                        call -> context.vertx()
                                .executeBlocking(() -> report(call.id(), context, role, facts.get()), false)
                                .onSuccess(report -> context.bus().publish(OpsApi.REPORT, report)));
    }

    private static OpsApi.Report report(String id, ServiceContext context, ServiceRole role, Facts facts) {
        Map<String, String> findings = new LinkedHashMap<>();
        context.health().findings().forEach((check, finding) -> {
            if (!finding.healthy()) {
                findings.put(check, finding.detail());
            }
        });
        return new OpsApi.Report(
                id,
                role,
                context.journal().nodeId().toString(),
                Version.CURRENT,
                STARTED_AT,
                context.health().ready(),
                findings,
                facts.edge(),
                facts.compute(),
                facts.keks());
    }

    private RollCall() {}
}
