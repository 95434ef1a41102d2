package io.latticegate.common.service;

import io.latticegate.common.bus.MeshBus;
import io.latticegate.common.config.LoggingConfig;
import io.latticegate.common.contract.OpsApi;
import io.latticegate.common.contract.OpsApi.LevelsInForce;
import io.latticegate.common.telemetry.LogSetup;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the log levels of this process on what operators have set: admin-service is asked now and then, and at once when it
 * says that something changed. While it does not answer, the levels stay as they are.
 *
 * <p>Confined to one context.
 */
final class LogLevels {
    private static final Logger LOG = LoggerFactory.getLogger(LogLevels.class);

    private final Context context;
    private final MeshBus bus;
    private final LoggingConfig config;
    private long known;
    private boolean asking;
    private boolean askAgain;

    private LogLevels(Context context, MeshBus bus, LoggingConfig config) {
        this.context = context;
        this.bus = bus;
        this.config = config;
    }

    /** Follows from now on, as long as {@code vertx} runs. */
    static void follow(Vertx vertx, MeshBus bus, LoggingConfig config) {
        Context context = vertx.getOrCreateContext();
        LogLevels levels = new LogLevels(context, bus, config);
        context.runOnContext(begin -> {
            bus.listen(OpsApi.LEVELS_CHANGED, changed -> context.runOnContext(now -> levels.ask()));
            vertx.setPeriodic(OpsApi.POLL_MILLIS, timer -> levels.ask());
            levels.ask();
        });
    }

    private void ask() {
        if (asking) {
            askAgain = true;
            return;
        }
        asking = true;
        bus.askSigned(OpsApi.LEVELS, new OpsApi.FollowLevels(known))
                .onComplete(answer -> context.runOnContext(now -> {
                    asking = false;
                    if (answer.succeeded()) {
                        apply(answer.result().reply());
                    } else {
                        LOG.debug(
                                "the levels to log stay as they are: {}",
                                answer.cause().getMessage());
                    }
                    if (askAgain) {
                        askAgain = false;
                        ask();
                    }
                }));
    }

    private void apply(LevelsInForce inForce) {
        if (inForce instanceof LevelsInForce.Levels(long version, var level, var components)
                && components.size() <= OpsApi.COMPONENTS_MAX) {
            Map<String, LoggingConfig.Level> levels = new HashMap<>();
            components.forEach((logger, own) -> {
                if (LoggingConfig.isLogger(logger)) {
                    levels.put(logger, LoggingConfig.Level.valueOf(own.name()));
                }
            });
            LogSetup.applyLevels(config, of(level), levels);
            known = version;
            LOG.info("log levels are at version {}", version);
        }
    }

    private static LoggingConfig.@Nullable Level of(OpsApi.@Nullable LogLevel level) {
        return level == null ? null : LoggingConfig.Level.valueOf(level.name());
    }
}
