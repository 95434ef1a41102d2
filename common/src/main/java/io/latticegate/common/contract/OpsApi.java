package io.latticegate.common.contract;

import static java.time.Duration.ofMillis;

import io.latticegate.common.value.ServiceRole;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What operators see of every node and set on every node. Reports hold names, counts and times, never a secret, since every
 * member of the mesh can read them; which levels are logged is answered signed.
 */
public final class OpsApi {
    /** Asks every service of every node to report. */
    public static final Broadcast<RollCall> ROLL_CALL =
            new Broadcast<>("ops.roll-call.v1", RollCall.class, ServiceRole.ADMIN);

    /** The answer to {@link #ROLL_CALL}; every service tells it. */
    public static final Broadcast<Report> REPORT = new Broadcast<>("ops.report.v1", Report.class, null);

    /** Which levels are to be logged; asked at least every {@link #POLL_MILLIS} by every process. */
    public static final Endpoint<FollowLevels, LevelsInForce> LEVELS = new Endpoint<>(
            "ops.levels.v1",
            FollowLevels.class,
            LevelsInForce.class,
            ofMillis(2_000),
            ServiceRole.ADMIN,
            Set.of(ServiceRole.values()));

    /** A hint to ask now. Nobody believes it more than that. */
    public static final Broadcast<LevelsChanged> LEVELS_CHANGED =
            new Broadcast<>("ops.levels-changed.v1", LevelsChanged.class, ServiceRole.ADMIN);

    /** Time between two questions for {@link #LEVELS}. */
    public static final long POLL_MILLIS = 5_000;

    /** Most loggers that may have a level of their own at run time. */
    public static final int COMPONENTS_MAX = 100;

    /** @param id names the roll call */
    public record RollCall(String id) {}

    /**
     * One service of one node.
     *
     * @param id of the roll call
     * @param node stable id of the process, as in the audit
     * @param startedAtMillis of the process, UTC milliseconds since 1970
     * @param ready whether the process should get traffic
     * @param findings why it is not, by the names of the checks
     * @param edge of proxy-service
     * @param compute of fhe-service
     * @param keks of vault-service: ids of the key-encryption keys that it has
     */
    public record Report(
            String id,
            ServiceRole service,
            String node,
            String version,
            long startedAtMillis,
            boolean ready,
            Map<String, String> findings,
            @Nullable Edge edge,
            @Nullable Compute compute,
            List<String> keks) {}

    /**
     * What a proxy knows.
     *
     * @param rulesVersion of the rules in force on it; 0: none
     */
    public record Edge(long rulesVersion, List<ProviderState> providers, CacheState cache) {}

    /** What is to be thought of a provider. */
    public enum ProviderStatus {
        HEALTHY,
        /** Some of its targets rest. */
        DEGRADED,
        /** No connection could be made, or every breaker is open. */
        DOWN,
        /** Neither asked nor checked yet. */
        UNKNOWN
    }

    /**
     * A provider as one proxy sees it. A target is a model under one key.
     *
     * @param closed targets whose breaker is closed
     * @param open targets whose breaker is open
     * @param halfOpen targets whose breaker lets single requests through
     * @param resting targets that are left alone, for whatever reason
     * @param inFlight requests that are under way
     * @param failureShare of the requests of late, 0 to 1; older ones weigh less
     * @param latencyMillis to the first byte, the mean of its targets; null: not observed of late
     * @param connectMillis of the last check; null: none has succeeded
     * @param lastCheckMillis UTC milliseconds since 1970; null: there was none
     */
    public record ProviderState(
            String name,
            ProviderStatus status,
            int closed,
            int open,
            int halfOpen,
            int resting,
            int inFlight,
            double failureShare,
            @Nullable Long latencyMillis,
            @Nullable Long connectMillis,
            @Nullable Long lastCheckMillis) {}

    /**
     * What a proxy has kept of answers.
     *
     * @param backend {@code memory} or {@code redis}
     * @param entries in this process; those in Redis are not counted
     * @param bytes of them
     * @param hits since the process began
     * @param misses since the process began
     */
    public record CacheState(boolean enabled, String backend, long entries, long bytes, long hits, long misses) {}

    /**
     * What a node of fhe-service does.
     *
     * @param sessions kept in its folder, those included that have ended a moment ago; null: it cannot be read
     * @param indexes kept in its folder; null: it cannot be read
     * @param waiting jobs in the queue
     * @param running jobs
     * @param accelerator what computes, such as {@code cpu}
     * @param memoryTakenBytes that jobs have reserved
     * @param memoryBytes most that jobs may reserve together
     */
    public record Compute(
            @Nullable Long sessions,
            @Nullable Long indexes,
            long waiting,
            long running,
            String accelerator,
            long memoryTakenBytes,
            long memoryBytes) {}

    /** Least important level that is logged. */
    public enum LogLevel {
        TRACE,
        DEBUG,
        INFO,
        WARN,
        ERROR,
        OFF
    }

    /** @param known version that the asker applies; 0: its own configuration */
    public record FollowLevels(long known) {}

    /** What is to be logged. */
    public sealed interface LevelsInForce {
        /** The asker's own version. */
        record UnchangedLevels(long version) implements LevelsInForce {}

        /**
         * Another version than the asker's.
         *
         * @param level of everything else; null: as configured
         * @param components by logger, at most {@link #COMPONENTS_MAX}; they replace those of an earlier version
         */
        record Levels(long version, @Nullable LogLevel level, Map<String, LogLevel> components)
                implements LevelsInForce {}

        /** Nobody can say, because the store does not answer; the asker goes on as it does. */
        record LevelsUnknown() implements LevelsInForce {}
    }

    /** @param version that is in force now */
    public record LevelsChanged(long version) {}

    /** Every endpoint of this file. */
    public static Set<Endpoint<?, ?>> endpoints() {
        return Set.of(LEVELS);
    }

    private OpsApi() {}
}
