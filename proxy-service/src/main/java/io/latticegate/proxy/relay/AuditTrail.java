package io.latticegate.proxy.relay;

import io.latticegate.proxy.guard.Rule;

/** Where requests are recorded: begun before the provider sees them, ended always (architecture decision 8). */
public interface AuditTrail {
    /**
     * Records that a request is about to be served. Runs {@code recorded} when the entry is as durable as configured, which
     * may be before this method returns, or {@code refused} when the journal takes none; then so must the edge.
     */
    void begin(RequestFacts facts, Runnable recorded, Runnable refused);

    /**
     * Records an attempt of a request that took more than one. The end of a request tells of its only attempt; a journal
     * that takes no entry here does not stop the request, whose beginning it has.
     */
    void attempt(RequestFacts facts, ProviderAttempt attempt);

    /** Records that guards met a rule in a request or its answer; {@code found} says what, where and how often. */
    void guarded(RequestFacts facts, Rule rule, String found);

    /** Records how a request ended. */
    void end(RequestFacts facts);
}
