package io.latticegate.common.service;

import io.latticegate.common.bus.MeshBus;
import io.latticegate.common.config.AuditConfig;
import io.latticegate.common.contract.ConditionApi;
import io.latticegate.common.contract.ConditionApi.JournalReport;
import io.latticegate.common.journal.Journal;
import io.vertx.core.Vertx;

/** Tells the mesh now and then how this process's journal is; admin-service makes alerts of it. */
final class JournalReports {
    /** Until {@code vertx} is closed. */
    static void start(Vertx vertx, MeshBus bus, Journal journal, AuditConfig config) {
        vertx.setPeriodic(
                ConditionApi.REPORT_MILLIS,
                timer -> bus.publish(
                        ConditionApi.JOURNAL,
                        new JournalReport(
                                journal.nodeId().toString(),
                                journal.health().accepting(),
                                Math.min(1, (double) journal.backlogBytes() / config.maxSizeBytes()))));
    }

    private JournalReports() {}
}
