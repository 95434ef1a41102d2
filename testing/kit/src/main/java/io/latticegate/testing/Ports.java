package io.latticegate.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;

/** Free TCP ports of the loopback interface. */
public final class Ports {
    /**
     * A port on 127.0.0.1 that was free a moment ago. Another process may take it before the caller binds it, so a
     * caller that must not fail retries with a new one.
     */
    public static int free() {
        try (ServerSocket socket = new ServerSocket(0, 1, loopback())) {
            return socket.getLocalPort();
        } catch (IOException fault) {
            throw new UncheckedIOException("no free TCP port on 127.0.0.1", fault);
        }
    }

    static InetAddress loopback() {
        try {
            return InetAddress.getByAddress(new byte[] {127, 0, 0, 1});
        } catch (UnknownHostException fault) {
            throw new IllegalStateException("four bytes are always an address", fault);
        }
    }

    private Ports() {}
}
