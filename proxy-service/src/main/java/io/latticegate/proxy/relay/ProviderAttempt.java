package io.latticegate.proxy.relay;

import org.jspecify.annotations.Nullable;

/**
 * How one attempt of a request ended, for the audit.
 *
 * @param number 1 for the first
 * @param model the provider's name for the model; null: the client's
 * @param credentialSource whose key was used
 * @param status the provider's HTTP status, 0 when it gave none
 * @param reason why it did not succeed, or null
 * @param consumed its own share of what the request consumed
 * @param costMicroUsd of {@code consumed}, in millionths of a US dollar
 * @param endedMicrosUtc microseconds since 1970
 */
public record ProviderAttempt(
        int number,
        String provider,
        @Nullable String model,
        @Nullable String credentialSource,
        @Nullable String keyFingerprint,
        int status,
        Outcome outcome,
        @Nullable String reason,
        Consumption consumed,
        long costMicroUsd,
        long endedMicrosUtc,
        long elapsedNanos) {}
