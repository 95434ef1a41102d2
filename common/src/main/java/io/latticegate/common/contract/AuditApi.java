package io.latticegate.common.contract;

import static java.time.Duration.ofMillis;

import io.latticegate.common.value.ServiceRole;
import java.util.List;
import java.util.Set;

/** Everything that other services may ask the audit verticle of admin-service. */
public final class AuditApi {
    public static final Endpoint<Append, Appended> APPEND =
            new Endpoint<>("audit.append.v1", Append.class, Appended.class, ofMillis(5_000), ServiceRole.ADMIN);

    /** Most entries in one {@link Append}. */
    public static final int ENTRIES_MAX = 1_000;

    /**
     * Entries of one node's journal, in order and without gaps. Sent until acknowledged; storing is exactly-once by
     * (node, sequence).
     *
     * @param node the journal's stable id
     * @param firstSequence sequence number of the first entry
     * @param entries encoded audit records
     */
    public record Append(String node, long firstSequence, List<byte[]> entries) {}

    /** @param storedThrough every entry of the node up to this sequence number is stored */
    public record Appended(long storedThrough) {}

    /** Every endpoint of this file. */
    public static Set<Endpoint<?, ?>> endpoints() {
        return Set.of(APPEND);
    }

    private AuditApi() {}
}
