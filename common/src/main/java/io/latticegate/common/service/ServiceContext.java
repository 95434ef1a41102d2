package io.latticegate.common.service;

import io.latticegate.common.bus.MeshBus;
import io.latticegate.common.config.LatticegateConfig;
import io.latticegate.common.journal.Journal;
import io.latticegate.common.trace.Tracing;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.Vertx;
import java.time.InstantSource;

/**
 * What a service is given at its start.
 *
 * @param bus speaks with this service's identity
 * @param journal this process's journal; all services of one JVM share it
 * @param management this process's management port; a service adds its routes before the port is bound
 */
public record ServiceContext(
        Vertx vertx,
        LatticegateConfig config,
        MeshBus bus,
        Journal journal,
        Health health,
        ManagementServer management,
        PrometheusMeterRegistry metrics,
        InstantSource clock,
        Tracing tracing) {
    /** A service that traces nothing. */
    public ServiceContext(
            Vertx vertx,
            LatticegateConfig config,
            MeshBus bus,
            Journal journal,
            Health health,
            ManagementServer management,
            PrometheusMeterRegistry metrics,
            InstantSource clock) {
        this(vertx, config, bus, journal, health, management, metrics, clock, Tracing.off());
    }
}
