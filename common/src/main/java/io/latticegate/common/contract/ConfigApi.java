package io.latticegate.common.contract;

import static java.time.Duration.ofMillis;

import io.latticegate.common.value.ServiceRole;
import java.util.Set;

/**
 * How the rules that may change at run time reach those who apply them. Answers are signed, since the rules decide where
 * prompts and keys go.
 */
public final class ConfigApi {
    /** Which rules are in force; asked at least every {@link #POLL_MILLIS} by whoever applies them. */
    public static final Endpoint<Follow, InForce> IN_FORCE = new Endpoint<>(
            "config.in-force.v1",
            Follow.class,
            InForce.class,
            ofMillis(800),
            ServiceRole.ADMIN,
            Set.of(ServiceRole.PROXY));

    /** A hint to ask now. Nobody believes it more than that. */
    public static final Broadcast<Changed> CHANGED =
            new Broadcast<>("config.changed.v1", Changed.class, ServiceRole.ADMIN);

    /** Time between two questions, so that a lost {@link #CHANGED} costs less than a second. */
    public static final long POLL_MILLIS = 400;

    /** @param known version that the asker applies; 0: none yet */
    public record Follow(long known) {}

    /** What is in force. */
    public sealed interface InForce {
        /** The asker's own version. */
        record Unchanged(long version) implements InForce {}

        /**
         * Another version than the asker's.
         *
         * @param document JSON of a {@code RulesDocument}
         */
        record Rules(long version, String document) implements InForce {}

        /** Nobody can say, because the store has not been read since the start. */
        record Unknown(String why) implements InForce {}
    }

    /** @param version that is in force now */
    public record Changed(long version) {}

    /** Every endpoint of this file. */
    public static Set<Endpoint<?, ?>> endpoints() {
        return Set.of(IN_FORCE);
    }

    private ConfigApi() {}
}
