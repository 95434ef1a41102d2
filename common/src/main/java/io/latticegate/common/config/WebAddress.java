package io.latticegate.common.config;

import java.net.InetAddress;
import java.net.URI;
import java.util.Locale;

/** Addresses that people's browsers and identity providers use. */
final class WebAddress {
    private WebAddress() {}

    /** Whether nobody on the way can read or change what goes there: https, or http on this machine. */
    static boolean isSafe(URI address) {
        String host = address.getHost();
        String scheme = address.getScheme() == null ? "" : address.getScheme().toLowerCase(Locale.ROOT);
        return host != null
                && !host.isEmpty()
                && address.getRawUserInfo() == null
                && address.getRawFragment() == null
                && (scheme.equals("https") || (scheme.equals("http") && isLoopback(host)));
    }

    /** Whether {@code host} is {@code localhost} or a literal loopback address; no name is looked up. */
    static boolean isLoopback(String host) {
        String bare = host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
        if (bare.equalsIgnoreCase("localhost")) {
            return true;
        }
        try {
            return InetAddress.ofLiteral(bare).isLoopbackAddress();
        } catch (IllegalArgumentException name) {
            return false;
        }
    }
}
