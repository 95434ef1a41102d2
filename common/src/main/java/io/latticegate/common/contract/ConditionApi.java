package io.latticegate.common.contract;

import io.latticegate.common.value.ServiceRole;
import java.util.List;
import java.util.Map;

/** What processes tell of their own condition now and then, for alerts. */
public final class ConditionApi {
    /** How often each process tells. */
    public static final long REPORT_MILLIS = 5_000;

    /** Of the journal of any process; the address is that of the mesh, not of one service. */
    public static final Broadcast<JournalReport> JOURNAL =
            new Broadcast<>("mesh.journal.v1", JournalReport.class, ServiceRole.ADMIN);

    /** Of a proxy's circuit breakers. */
    public static final Broadcast<BreakerReport> BREAKERS =
            new Broadcast<>("proxy.breakers.v1", BreakerReport.class, ServiceRole.PROXY);

    /**
     * @param node the journal's stable id
     * @param accepting whether it takes entries
     * @param fill share of its bound that is not delivered yet, 0 to 1
     */
    public record JournalReport(String node, boolean accepting, double fill) {}

    /**
     * @param node the proxy's journal's id
     * @param open how many models have an open breaker, by provider; providers without are not named
     */
    public record BreakerReport(String node, Map<String, Integer> open) {}

    /** Every broadcast of this file. */
    public static List<Broadcast<?>> broadcasts() {
        return List.of(JOURNAL, BREAKERS);
    }

    private ConditionApi() {}
}
