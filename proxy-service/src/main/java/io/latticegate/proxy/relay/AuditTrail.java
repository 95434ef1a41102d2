package io.latticegate.proxy.relay;

/** Where requests are recorded: begun before the provider sees them, ended always (architecture decision 8). */
public interface AuditTrail {
    /**
     * Records that a request is about to be served. Runs {@code recorded} when the entry is as durable as configured, which
     * may be before this method returns, or {@code refused} when the journal takes none; then so must the edge.
     */
    void begin(RequestFacts facts, Runnable recorded, Runnable refused);

    /** Records how a request ended. */
    void end(RequestFacts facts);
}
