package io.latticegate.proxy.lease;

import io.latticegate.common.contract.VaultApi;
import io.latticegate.common.value.Secret;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Locale;

/**
 * A provider key on loan from vault-service, or from the client of one request. The bytes live outside the Java heap, where no collector copies them and no
 * heap dump finds them, and are zeroed when the last holder lets go. Confined to one event loop.
 */
public final class KeyLease {
    private static final String CLIENT = "client";

    private final String provider;
    private final String source;
    private final String name;
    private final int weight;
    private final String fingerprint;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment key;
    private final long validUntilNanos;
    private int holders = 1;

    /** @param lent what the vault said about the key */
    KeyLease(String provider, Enum<?> source, VaultApi.LentKey lent, Secret secret, long validUntilNanos) {
        this(
                provider,
                source.name().toLowerCase(Locale.ROOT),
                lent.name(),
                Math.clamp(lent.weight(), 1, VaultApi.WEIGHT_MAX),
                lent.fingerprint(),
                secret,
                validUntilNanos);
    }

    private KeyLease(
            String provider,
            String source,
            String name,
            int weight,
            String fingerprint,
            Secret secret,
            long validUntilNanos) {
        this.provider = provider;
        this.source = source;
        this.name = name;
        this.weight = weight;
        this.fingerprint = fingerprint;
        this.validUntilNanos = validUntilNanos;
        this.key = arena.allocate(secret.length());
        secret.expose(bytes -> key.copyFrom(MemorySegment.ofArray(bytes)));
    }

    /** A key that a client sent with a request, for that request alone. */
    public static KeyLease ofClient(String provider, String fingerprint, Secret secret) {
        return new KeyLease(provider, CLIENT, "", 1, fingerprint, secret, Long.MIN_VALUE);
    }

    /** Whether the client sent the key, so that its faults are the client's own. */
    public boolean isClients() {
        return source.equals(CLIENT);
    }

    /** Name of the provider the key is for; it must be sent to no other. */
    public String provider() {
        return provider;
    }

    /** Where the key came from: {@code client}, {@code wallet}, {@code project} or {@code gateway}. */
    public String source() {
        return source;
    }

    /** Tells the key from its owner's others for the provider. */
    public String name() {
        return name;
    }

    /** Its share of the requests among its owner's keys for the provider, 1 and more. */
    public int weight() {
        return weight;
    }

    /** Names the key in audit records without revealing it. */
    public String fingerprint() {
        return fingerprint;
    }

    /** The key's bytes outside the heap, readable while the caller holds the lease. */
    public MemorySegment key() {
        return key;
    }

    boolean valid(long nowNanos) {
        return nowNanos - validUntilNanos < 0;
    }

    boolean dueForRenewal(long nowNanos, long leadNanos) {
        return nowNanos - (validUntilNanos - leadNanos) >= 0;
    }

    KeyLease hold() {
        holders++;
        return this;
    }

    /** Lets go; the last holder wipes the key. Call exactly once per lease received. */
    public void release() {
        if (--holders == 0) {
            key.fill((byte) 0);
            arena.close();
        }
    }

    @Override
    public String toString() {
        return "KeyLease(" + provider + ", " + fingerprint + ")";
    }
}
