package io.latticegate.testing;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;
import java.util.concurrent.ThreadLocalRandom;

/** Free TCP ports of the loopback interface. */
public final class Ports {
    private static final int LOWEST = 15_000;

    /** Linux chooses the ports of outgoing connections from here on ({@code ip_local_port_range}). */
    private static final int OUTGOING = 32_768;

    private static final int ATTEMPTS_MAX = 1_000;

    /**
     * A port on 127.0.0.1 that was free a moment ago and that no outgoing connection will take. Another server may take it
     * before the caller binds it, so a caller that must not fail retries with a new one.
     */
    public static int free() {
        for (int attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
            int port = ThreadLocalRandom.current().nextInt(LOWEST, OUTGOING);
            if (isFree(port)) {
                return port;
            }
        }
        throw new IllegalStateException("no free TCP port on 127.0.0.1 from " + LOWEST + " to " + (OUTGOING - 1));
    }

    static InetAddress loopback() {
        try {
            return InetAddress.getByAddress(new byte[] {127, 0, 0, 1});
        } catch (UnknownHostException fault) {
            throw new IllegalStateException("four bytes are always an address", fault);
        }
    }

    private static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket(port, 1, loopback())) {
            return socket.isBound();
        } catch (IOException taken) {
            return false;
        }
    }

    private Ports() {}
}
