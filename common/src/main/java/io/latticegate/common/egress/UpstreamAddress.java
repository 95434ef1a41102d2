package io.latticegate.common.egress;

import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * An upstream's address as the configuration writes it, in the one spelling that every parser reads alike: {@code
 * https://host[:port][/path]}. Whatever one parser might take for another host is refused instead of normalised:
 * numbers that stand for IPv4 addresses (decimal, octal, hexadecimal, shortened), IPv6 with a zone or with an IPv4 address
 * inside, percent escapes, characters that IDNA maps to dots and letters, trailing dots, user info.
 *
 * <p>Says nothing about where a name leads; {@link EgressScope} is asked again about the address that is connected to.
 *
 * @param host in lower case; an IPv6 address without brackets
 * @param literal the address, where {@code host} is one
 * @param port 1 to 65535
 * @param tls whether the scheme is https
 * @param path without trailing slash; empty or beginning with a slash
 */
public record UpstreamAddress(String host, @Nullable InetAddress literal, int port, boolean tls, String path) {
    private static final int WELL_KNOWN_PORTS = 1024;
    private static final Pattern IPV4 = Pattern.compile("(0|[1-9][0-9]{0,2})(\\.(0|[1-9][0-9]{0,2})){3}");
    private static final Pattern NUMBER = Pattern.compile("[0-9]+|0[xX][0-9A-Fa-f]*");
    private static final Pattern LABEL = Pattern.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");
    private static final Pattern PATH = Pattern.compile("(/[A-Za-z0-9._~:@-]+)*/*");
    private static final Set<String> METADATA_NAMES =
            Set.of("metadata", "metadata.google.internal", "metadata.goog", "instance-data", "metadata.azure.internal");
    private static final List<String> NEAR_SUFFIXES = List.of(
            ".localhost",
            ".localdomain",
            ".local",
            ".internal",
            ".intranet",
            ".lan",
            ".home.arpa",
            ".svc",
            ".cluster.local");

    /**
     * Reads and checks an address.
     *
     * @param allowHttp whether the scheme may be http, in the scope {@link EgressScope#PRIVATE}
     * @param allowPrivate whether a private or loopback address may be meant
     * @throws IllegalArgumentException with what is wrong and what is allowed
     */
    public static UpstreamAddress parse(String text, boolean allowHttp, boolean allowPrivate) {
        URI url = uri(text);
        boolean tls = "https".equalsIgnoreCase(url.getScheme());
        require(tls || "http".equalsIgnoreCase(url.getScheme()), "must begin with https://");
        require(
                tls || allowHttp && allowPrivate,
                "uses http, which sends the key in the clear; use https, or for a loopback or private address set"
                        + " allow_http: true and allow_private: true");
        String authority = url.getRawAuthority();
        require(
                authority != null
                        && authority.indexOf('@') < 0
                        && url.getRawQuery() == null
                        && url.getRawFragment() == null,
                "must read https://host[:port][/path], without user, query and fragment");
        String path = url.getRawPath() == null ? "" : url.getRawPath();
        require(
                PATH.matcher(path).matches()
                        && !path.contains("/./")
                        && !path.contains("/../")
                        && !path.endsWith("/.")
                        && !path.endsWith("/.."),
                "must have a path of plain segments, without escapes and dot segments");
        String written = String.valueOf(authority);
        int portAt = written.indexOf(':', Math.max(written.lastIndexOf(']'), 0));
        String host = portAt < 0 ? written : written.substring(0, portAt);
        int port = portAt < 0 ? tls ? 443 : 80 : port(written.substring(portAt + 1));
        return of(host, port, tls, path.replaceAll("/+$", ""), EgressScope.of(tls, allowPrivate));
    }

    private static UpstreamAddress of(String written, int port, boolean tls, String path, EgressScope scope) {
        String host = lowerCase(written);
        boolean ipv6 = host.startsWith("[");
        InetAddress literal = ipv6 ? ipv6(host) : ipv4(host);
        String fault;
        if (literal != null) {
            fault = scope.fault(literal);
        } else {
            requireName(host);
            require(!METADATA_NAMES.contains(host), host + " is a cloud's metadata service, which is no provider");
            fault = isNear(host) ? scope.faultOfNearName(host) : scope.faultOfFarName(host);
        }
        require(fault == null, String.valueOf(fault));
        return new UpstreamAddress(ipv6 ? host.substring(1, host.length() - 1) : host, literal, port, tls, path);
    }

    private static @Nullable InetAddress ipv4(String host) {
        if (IPV4.matcher(host).matches()) {
            return literal(host);
        }
        String last = host.substring(host.lastIndexOf('.', Math.max(host.length() - 2, 0)) + 1);
        require(
                !NUMBER.matcher(last.endsWith(".") ? last.substring(0, last.length() - 1) : last)
                        .matches(),
                "must spell an IPv4 address as four decimal numbers from 0 to 255, without leading zeros");
        return null;
    }

    private static InetAddress ipv6(String bracketed) {
        require(
                bracketed.matches("\\[[0-9a-f:]{2,39}\\]"),
                "must spell an IPv6 address as hexadecimal groups in brackets, without a zone and without an IPv4"
                        + " address inside");
        InetAddress address = literal(bracketed.substring(1, bracketed.length() - 1));
        require(address.getAddress().length == 16, "must spell an IPv4 address as four decimal numbers");
        return address;
    }

    private static InetAddress literal(String text) {
        try {
            return InetAddress.ofLiteral(text);
        } catch (IllegalArgumentException malformed) {
            throw new IllegalArgumentException("must name a host; an address in it is malformed", malformed);
        }
    }

    private static void requireName(String host) {
        boolean plain = !host.isEmpty() && host.length() <= 253;
        for (String label : host.split("\\.", -1)) {
            plain &= LABEL.matcher(label).matches();
        }
        require(
                plain,
                "must name a host with letters, digits, dots and dashes, without a dot at its end; an international name"
                        + " in its xn-- form");
    }

    private static boolean isNear(String name) {
        return name.indexOf('.') < 0 || NEAR_SUFFIXES.stream().anyMatch(name::endsWith);
    }

    private static int port(String digits) {
        require(digits.matches("[0-9]{1,5}"), "must have a port from 1 to 65535");
        int port = Integer.parseInt(digits);
        require(port > 0 && port <= 65_535, "must have a port from 1 to 65535");
        require(
                port >= WELL_KNOWN_PORTS || port == 80 || port == 443,
                "must not use port " + port + "; below " + WELL_KNOWN_PORTS + " only 80 and 443 are allowed");
        return port;
    }

    /** ASCII only: other alphabets have letters whose lower case is ASCII, such as the Kelvin sign. */
    private static String lowerCase(String text) {
        StringBuilder lower = new StringBuilder(text.length());
        for (int at = 0; at < text.length(); at++) {
            char c = text.charAt(at);
            lower.append(c >= 'A' && c <= 'Z' ? (char) (c + 32) : c);
        }
        return lower.toString();
    }

    private static URI uri(String text) {
        try {
            return new URI(text);
        } catch (URISyntaxException malformed) {
            throw new IllegalArgumentException("is not a URL", malformed);
        }
    }

    private static void require(boolean holds, String message) {
        if (!holds) {
            throw new IllegalArgumentException(message);
        }
    }
}
