package io.latticegate.proxy.routing;

/**
 * What a check of a provider found.
 *
 * @param atNanos when, by the clock of {@link RoutingState}
 * @param latencyNanos time to connect; 0 where it failed
 */
public record ProviderReach(Result result, long atNanos, long latencyNanos) {
    /** Before the first check. */
    public static final ProviderReach UNCHECKED = new ProviderReach(Result.UNCHECKED, 0, 0);

    /** Whether a connection could be made. */
    public enum Result {
        UNCHECKED,
        REACHED,
        UNREACHABLE
    }
}
