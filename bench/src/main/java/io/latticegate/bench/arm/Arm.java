package io.latticegate.bench.arm;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** One of the ways to the mock provider that are compared. */
public interface Arm {
    /** All arms, in the order in which they take their turns. */
    static List<Arm> all() {
        return List.of(
                new DirectArm(),
                new BareArm(),
                new NginxArm(),
                LatticegateArm.withoutLimits(),
                LatticegateArm.governed(),
                LatticegateArm.mesh());
    }

    /** As {@code --arms} and the report call it. */
    String name();

    /** What it is, in one line of the report. */
    String what();

    /** Whether it runs when no arms are named. */
    default boolean usual() {
        return true;
    }

    /** Why this machine cannot run it, if it cannot. */
    Optional<String> absence();

    /**
     * Starts its process and returns when it serves.
     *
     * @param providerPort where the mock provider listens on 127.0.0.1
     * @param folder an existing, empty folder for its files
     * @throws IllegalStateException when it does not serve in time
     */
    Relay start(int providerPort, Path folder);
}
