package io.latticegate.common.config;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An address to listen on or to connect to.
 *
 * @param host name or address; an IPv6 address without brackets
 * @param port 0 to 65535; 0 lets the system choose where it is listened on
 */
public record HostPort(String host, int port) {
    private static final Pattern FORM = Pattern.compile("(?:\\[([0-9A-Fa-f:.%a-z]+)]|([A-Za-z0-9._-]*)):([0-9]{1,5})");

    public HostPort {
        if (host.isEmpty() || port < 0 || port > 65_535) {
            throw new IllegalArgumentException("an address has a host and a port of 0 to 65535");
        }
    }

    /** Reads {@code host:port}, {@code [v6]:port} or {@code :port}, which means all interfaces. */
    public static HostPort parse(String text) {
        Matcher form = FORM.matcher(text);
        if (!form.matches() || Integer.parseInt(form.group(3)) > 65_535) {
            throw new IllegalArgumentException(
                    "is " + SettingType.quote(text) + ", not host:port such as 127.0.0.1:8081");
        }
        String bracketed = form.group(1);
        String plain = bracketed == null ? form.group(2) : bracketed;
        return new HostPort(plain.isEmpty() ? "0.0.0.0" : plain, Integer.parseInt(form.group(3)));
    }

    @Override
    public String toString() {
        return host.indexOf(':') >= 0 ? "[" + host + "]:" + port : host + ":" + port;
    }
}
