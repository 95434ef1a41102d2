package io.latticegate.common.egress;

import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/** Which addresses an upstream may have. Metadata, link-local, multicast and reserved addresses are in no scope. */
public enum EgressScope {
    /** https to the Internet. */
    PUBLIC("only public addresses are allowed; for one of this machine or a private network set allow_private: true"),
    /** https to the Internet, to this machine or to a private network. */
    PUBLIC_AND_PRIVATE("only public, private and loopback addresses are allowed"),
    /** http, which nobody else may overhear: this machine or a private network. */
    PRIVATE("only private and loopback addresses are allowed with http; use https");

    private final String allowed;

    EgressScope(String allowed) {
        this.allowed = allowed;
    }

    /** The scope of an upstream that is reached with TLS or without, and may be near or not. */
    public static EgressScope of(boolean tls, boolean allowPrivate) {
        if (!tls) {
            return PRIVATE;
        }
        return allowPrivate ? PUBLIC_AND_PRIVATE : PUBLIC;
    }

    /** Why {@code address} is not allowed, as the end of a sentence, or null. */
    public @Nullable String fault(InetAddress address) {
        AddressKind kind = AddressKind.of(address);
        boolean permitted = switch (kind) {
            case PUBLIC -> this != PRIVATE;
            case LOOPBACK, PRIVATE -> this != PUBLIC;
            case METADATA, LINK_LOCAL, MULTICAST, RESERVED -> false;
        };
        return permitted ? null : address.getHostAddress() + " is " + kind.words() + "; " + allowed;
    }

    /** Why a name that only this machine or a private network resolves is not allowed, or null. */
    @Nullable
    String faultOfNearName(String name) {
        return this == PUBLIC ? name + " is a name of this machine or of a private network; " + allowed : null;
    }

    /** Why a name of the Internet is not allowed, or null. */
    @Nullable
    String faultOfFarName(String name) {
        return this == PRIVATE ? name + " is a name of the Internet; " + allowed : null;
    }
}
