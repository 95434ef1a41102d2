package io.latticegate.common.journal;

import java.util.Map;

/**
 * One audit entry. Text that is absent is empty; what is too long is cut, and control characters are replaced, when the record
 * is encoded ({@link AuditEncoder}). Nothing in it is a secret: tokens and keys appear by id and fingerprint.
 *
 * @param phase which part of the deed
 * @param timestampMicros microseconds since 1970-01-01T00:00Z
 * @param action what, for example {@code proxy_request} or {@code token.create}, at most 64 bytes
 * @param actor who, its id at most 128 bytes
 * @param requestId our id of the request, at most 128 bytes
 * @param correlationId the caller's id of it, at most 128 bytes
 * @param projectId the project concerned, at most 64 bytes
 * @param tokenId the id of the token concerned, never the token, at most 64 bytes
 * @param clientIp the address of the client, at most 64 bytes
 * @param method HTTP method, at most 16 bytes
 * @param path HTTP path without the query, at most 1024 bytes
 * @param userAgent what the client calls itself, at most 256 bytes
 * @param surface the dialect in which the client spoke, at most 32 bytes
 * @param model the model asked for, at most 128 bytes
 * @param provider the provider that was asked, at most 64 bytes
 * @param credentialSource whose provider key was used, for example {@code project} or {@code wallet}, at most 32 bytes
 * @param keyFingerprint keyed fingerprint of that key, at most 64 bytes
 * @param status HTTP status given to the client, 0 when none
 * @param outcome how it ended
 * @param reason why it did not succeed, at most 256 bytes
 * @param tokensIn input tokens
 * @param tokensOut output tokens
 * @param tokensCached input tokens that the provider read from its cache, part of {@code tokensIn}
 * @param usageEstimated whether the token counts are our estimate
 * @param costMicroUsd price in millionths of a US dollar
 * @param attempts how many providers were tried
 * @param elapsedMicros time from the request's head to its end, microseconds
 * @param metadata further facts, at most 16, keys at most 64 and values at most 256 bytes
 */
public record AuditRecord(
        AuditPhase phase,
        long timestampMicros,
        String action,
        AuditActor actor,
        String requestId,
        String correlationId,
        String projectId,
        String tokenId,
        String clientIp,
        String method,
        String path,
        String userAgent,
        String surface,
        String model,
        String provider,
        String credentialSource,
        String keyFingerprint,
        int status,
        AuditOutcome outcome,
        String reason,
        long tokensIn,
        long tokensOut,
        long tokensCached,
        boolean usageEstimated,
        long costMicroUsd,
        int attempts,
        long elapsedMicros,
        Map<String, String> metadata) {

    /** The most entries of {@link #metadata()}. */
    public static final int MAX_METADATA = 16;

    /** Checks the numbers and the size of the map. */
    public AuditRecord {
        if (metadata.size() > MAX_METADATA) {
            throw new IllegalArgumentException(
                    "audit metadata has " + metadata.size() + " entries; allowed: " + MAX_METADATA);
        }
        if (timestampMicros < 0
                || status < 0
                || tokensIn < 0
                || tokensOut < 0
                || tokensCached < 0
                || costMicroUsd < 0
                || attempts < 0
                || elapsedMicros < 0) {
            throw new IllegalArgumentException(
                    "a number of audit record " + requestId + " is negative; allowed: 0 and more");
        }
        metadata = Map.copyOf(metadata);
    }

    /** Starts a record with everything empty but these. */
    public static Builder builder(AuditPhase phase, String action, long timestampMicros) {
        return new Builder(phase, action, timestampMicros);
    }

    /** Starts a record with everything as it is here. */
    public Builder toBuilder() {
        Builder builder = new Builder(phase, action, timestampMicros);
        builder.actor = actor;
        builder.requestId = requestId;
        builder.correlationId = correlationId;
        builder.projectId = projectId;
        builder.tokenId = tokenId;
        builder.clientIp = clientIp;
        builder.method = method;
        builder.path = path;
        builder.userAgent = userAgent;
        builder.surface = surface;
        builder.model = model;
        builder.provider = provider;
        builder.credentialSource = credentialSource;
        builder.keyFingerprint = keyFingerprint;
        builder.status = status;
        builder.outcome = outcome;
        builder.reason = reason;
        builder.tokensIn = tokensIn;
        builder.tokensOut = tokensOut;
        builder.tokensCached = tokensCached;
        builder.usageEstimated = usageEstimated;
        builder.costMicroUsd = costMicroUsd;
        builder.attempts = attempts;
        builder.elapsedMicros = elapsedMicros;
        builder.metadata = metadata;
        return builder;
    }

    /** Collects the fields of a record. Not thread-safe. */
    public static final class Builder {
        private AuditPhase phase;
        private String action;
        private long timestampMicros;
        private AuditActor actor = AuditActor.ANONYMOUS;
        private String requestId = "";
        private String correlationId = "";
        private String projectId = "";
        private String tokenId = "";
        private String clientIp = "";
        private String method = "";
        private String path = "";
        private String userAgent = "";
        private String surface = "";
        private String model = "";
        private String provider = "";
        private String credentialSource = "";
        private String keyFingerprint = "";
        private int status;
        private AuditOutcome outcome = AuditOutcome.NONE;
        private String reason = "";
        private long tokensIn;
        private long tokensOut;
        private long tokensCached;
        private boolean usageEstimated;
        private long costMicroUsd;
        private int attempts;
        private long elapsedMicros;
        private Map<String, String> metadata = Map.of();

        private Builder(AuditPhase phase, String action, long timestampMicros) {
            this.phase = phase;
            this.action = action;
            this.timestampMicros = timestampMicros;
        }

        /** Another phase at another time, everything else as it is. */
        public Builder phase(AuditPhase newPhase, long newTimestampMicros) {
            phase = newPhase;
            timestampMicros = newTimestampMicros;
            return this;
        }

        /** What. */
        public Builder action(String value) {
            action = value;
            return this;
        }

        /** Who. */
        public Builder actor(AuditActor value) {
            actor = value;
            return this;
        }

        /** Our id of the request. */
        public Builder requestId(String value) {
            requestId = value;
            return this;
        }

        /** The caller's id of it. */
        public Builder correlationId(String value) {
            correlationId = value;
            return this;
        }

        /** The project concerned. */
        public Builder projectId(String value) {
            projectId = value;
            return this;
        }

        /** The id of the token concerned, never the token. */
        public Builder tokenId(String value) {
            tokenId = value;
            return this;
        }

        /** The address of the client. */
        public Builder clientIp(String value) {
            clientIp = value;
            return this;
        }

        /** HTTP method. */
        public Builder method(String value) {
            method = value;
            return this;
        }

        /** HTTP path without the query. */
        public Builder path(String value) {
            path = value;
            return this;
        }

        /** What the client calls itself. */
        public Builder userAgent(String value) {
            userAgent = value;
            return this;
        }

        /** The dialect in which the client spoke. */
        public Builder surface(String value) {
            surface = value;
            return this;
        }

        /** The model asked for. */
        public Builder model(String value) {
            model = value;
            return this;
        }

        /** The provider that was asked. */
        public Builder provider(String value) {
            provider = value;
            return this;
        }

        /** Whose provider key was used, for example {@code project} or {@code wallet}. */
        public Builder credentialSource(String value) {
            credentialSource = value;
            return this;
        }

        /** Keyed fingerprint of that key. */
        public Builder keyFingerprint(String value) {
            keyFingerprint = value;
            return this;
        }

        /** HTTP status given to the client, 0 when none. */
        public Builder status(int value) {
            status = value;
            return this;
        }

        /** How it ended. */
        public Builder outcome(AuditOutcome value) {
            outcome = value;
            return this;
        }

        /** Why it did not succeed. */
        public Builder reason(String value) {
            reason = value;
            return this;
        }

        /** Input tokens. */
        public Builder tokensIn(long value) {
            tokensIn = value;
            return this;
        }

        /** Output tokens. */
        public Builder tokensOut(long value) {
            tokensOut = value;
            return this;
        }

        /** Input tokens that the provider read from its cache, part of {@code tokensIn}. */
        public Builder tokensCached(long value) {
            tokensCached = value;
            return this;
        }

        /** Whether the token counts are our estimate. */
        public Builder usageEstimated(boolean value) {
            usageEstimated = value;
            return this;
        }

        /** Price in millionths of a US dollar. */
        public Builder costMicroUsd(long value) {
            costMicroUsd = value;
            return this;
        }

        /** How many providers were tried. */
        public Builder attempts(int value) {
            attempts = value;
            return this;
        }

        /** Time from the request's head to its end, microseconds. */
        public Builder elapsedMicros(long value) {
            elapsedMicros = value;
            return this;
        }

        /** Further facts, at most {@link #MAX_METADATA}. */
        public Builder metadata(Map<String, String> value) {
            metadata = value;
            return this;
        }

        /** The record. */
        public AuditRecord build() {
            return new AuditRecord(
                    phase,
                    timestampMicros,
                    action,
                    actor,
                    requestId,
                    correlationId,
                    projectId,
                    tokenId,
                    clientIp,
                    method,
                    path,
                    userAgent,
                    surface,
                    model,
                    provider,
                    credentialSource,
                    keyFingerprint,
                    status,
                    outcome,
                    reason,
                    tokensIn,
                    tokensOut,
                    tokensCached,
                    usageEstimated,
                    costMicroUsd,
                    attempts,
                    elapsedMicros,
                    metadata);
        }
    }
}
