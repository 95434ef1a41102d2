package io.latticegate.proxy.relay;

import io.latticegate.proxy.chat.ProviderError;
import io.latticegate.proxy.egress.ForbiddenAddress;

/** What a failed {@link io.latticegate.proxy.provider.Provider#open} means to the client. */
final class Unreachable {
    static ProviderError because(Throwable cause) {
        return cause instanceof ForbiddenAddress
                ? ProviderError.of(
                        ProviderError.Kind.OUTAGE,
                        "provider_address_forbidden",
                        "The provider's name leads to an address that this gateway does not connect to")
                : ProviderError.of(ProviderError.Kind.OUTAGE, "provider_unreachable", "The provider cannot be reached");
    }

    private Unreachable() {}
}
