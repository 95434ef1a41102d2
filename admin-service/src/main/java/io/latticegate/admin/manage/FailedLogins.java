package io.latticegate.admin.manage;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Counts failed authentications per client address in windows of a minute. An address that has used up its failures is
 * refused until the window ends, whatever it presents; then it may try again, so nobody is locked out for good. IPv6
 * addresses count by /64, which is what one client usually has to choose from.
 *
 * <p>At most {@code addressesMax} windows are kept; beyond that the oldest is forgotten. Thread-safe.
 */
final class FailedLogins {
    private static final long WINDOW_NANOS = TimeUnit.MINUTES.toNanos(1);

    private record Window(long startNanos, int failures) {}

    private final int failuresMax;
    private final int addressesMax;
    private final LongSupplier nanoClock;
    private final Map<String, Window> windows = new LinkedHashMap<>();

    FailedLogins(int failuresMax, int addressesMax, LongSupplier nanoClock) {
        this.failuresMax = failuresMax;
        this.addressesMax = addressesMax;
        this.nanoClock = nanoClock;
    }

    /** Seconds that the address has to wait, 0 when it may try. */
    synchronized long waitSeconds(String address) {
        Window window = windows.get(group(address));
        if (window == null || window.failures() < failuresMax) {
            return 0;
        }
        long left = window.startNanos() + WINDOW_NANOS - nanoClock.getAsLong();
        return left <= 0 ? 0 : TimeUnit.NANOSECONDS.toSeconds(left + TimeUnit.SECONDS.toNanos(1) - 1);
    }

    /** Notes a failure; true when it is the last that the address has in this window. */
    synchronized boolean failed(String address) {
        long now = nanoClock.getAsLong();
        forgetEnded(now);
        String group = group(address);
        Window window = windows.get(group);
        int failures = window == null ? 1 : window.failures() + 1;
        if (window == null && windows.size() >= addressesMax) {
            windows.remove(windows.keySet().iterator().next());
        }
        windows.put(group, new Window(window == null ? now : window.startNanos(), failures));
        return failures >= failuresMax;
    }

    /** Windows stand in the order of their start. */
    private void forgetEnded(long now) {
        Iterator<Window> oldest = windows.values().iterator();
        while (oldest.hasNext() && now - oldest.next().startNanos() >= WINDOW_NANOS) {
            oldest.remove();
        }
    }

    private static String group(String address) {
        InetAddress parsed;
        try {
            parsed = InetAddress.ofLiteral(address);
        } catch (IllegalArgumentException notLiteral) {
            return address;
        }
        if (!(parsed instanceof Inet6Address)) {
            return address;
        }
        byte[] bytes = parsed.getAddress();
        StringBuilder prefix = new StringBuilder("v6/64 ");
        for (int i = 0; i < 8; i++) {
            prefix.append(Integer.toHexString(bytes[i] & 0xff)).append('.');
        }
        return prefix.toString();
    }
}
