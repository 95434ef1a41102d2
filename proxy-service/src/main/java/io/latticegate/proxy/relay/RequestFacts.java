package io.latticegate.proxy.relay;

import io.latticegate.common.journal.AuditActor;
import io.latticegate.proxy.chat.TokenUsage;
import io.latticegate.proxy.edge.Surface;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a request and ends up in its audit record; filled in along the walk, on one event loop. Holds no body,
 * no header and no secret.
 */
public final class RequestFacts {
    static final String NO_ROUTE = "none";

    public final String requestId;
    public final Surface surface;
    public final String method;
    public final String path;
    public final String clientIp;
    public final @Nullable String userAgent;
    public final long startedNanos;
    public final long startedMicrosUtc;

    public @Nullable String correlationId;
    /** The endpoint as a template, such as {@code /v1/chat/completions}; {@code none}: there is no such endpoint. */
    public String route = NO_ROUTE;

    public AuditActor.Kind actorKind = AuditActor.Kind.ANONYMOUS;
    public String actorId = "";
    public @Nullable String projectId;
    public @Nullable String tokenId;
    public @Nullable String model;
    /** The configuration's name for where {@link #model} is served, of a bounded set; null: not known yet. */
    public @Nullable String family;

    public @Nullable EndUser user;
    public @Nullable String provider;
    /** The target's name in the price list; null: that of {@link #model}. */
    public @Nullable String pricedAs;

    public @Nullable String credentialSource;
    public @Nullable String keyFingerprint;
    /** Journal sequence of the BEGIN entry, 0 while there is none. */
    public long begunAt;

    public CacheOutcome cache = CacheOutcome.BYPASS;
    /** What a kept answer had cost when it was new, in millionths of a US dollar; 0 unless it was given again. */
    public long savedMicroUsd;

    public int attempts;
    /** How often another attempt went on with an answer that had broken off. */
    public int continued;

    public int status;
    public Outcome outcome = Outcome.ERROR;
    public @Nullable String reason;
    public TokenUsage usage = TokenUsage.NONE;
    public boolean usageEstimated;
    public long costMicroUsd;
    public long elapsedNanos;

    public RequestFacts(
            String requestId,
            Surface surface,
            String method,
            String path,
            String clientIp,
            @Nullable String userAgent,
            long startedNanos,
            long startedMicrosUtc) {
        this.requestId = requestId;
        this.surface = surface;
        this.method = method;
        this.path = path;
        this.clientIp = clientIp;
        this.userAgent = userAgent;
        this.startedNanos = startedNanos;
        this.startedMicrosUtc = startedMicrosUtc;
    }
}
