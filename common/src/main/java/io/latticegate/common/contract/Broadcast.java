package io.latticegate.common.contract;

import io.latticegate.common.value.ServiceRole;
import org.jspecify.annotations.Nullable;

/**
 * A fact told to every instance that listens. Delivery is best effort: whoever depends on it must also notice by
 * another way, such as the end of a lease.
 *
 * @param address {@code <service>.<fact>.v<n>}
 * @param message type of the fact
 * @param sender the service that tells it; null: every service
 */
public record Broadcast<M extends Record>(
        String address, Class<M> message, @Nullable ServiceRole sender) {}
