package io.latticegate.common.contract;

import static java.time.Duration.ofMillis;

import io.latticegate.common.value.ServiceRole;
import java.util.List;
import java.util.Set;

/** Everything that other services may ask the audit verticle of admin-service. */
public final class AuditApi {
    public static final Endpoint<Append, Appended> APPEND =
            new Endpoint<>("audit.append.v1", Append.class, Appended.class, ofMillis(5_000), ServiceRole.ADMIN);

    /** What a wallet has used; only the edge asks, after the wallet has signed. */
    public static final Endpoint<WalletUsage, WalletTotals> WALLET_USAGE = new Endpoint<>(
            "audit.wallet-usage.v1",
            WalletUsage.class,
            WalletTotals.class,
            ofMillis(2_000),
            ServiceRole.ADMIN,
            Set.of(ServiceRole.PROXY));

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

    /** @param wallet lower-case hex */
    public record WalletUsage(String wallet) {}

    /**
     * Everything that a wallet was admitted to; zeros for one that never was.
     *
     * @param requests completions that were asked for, whatever became of them
     * @param tokens input and output together
     * @param costMicroUsd in millionths of a US dollar
     */
    public record WalletTotals(long requests, long tokens, long costMicroUsd) {}

    /** Every endpoint of this file. */
    public static Set<Endpoint<?, ?>> endpoints() {
        return Set.of(APPEND, WALLET_USAGE);
    }

    private AuditApi() {}
}
