package io.latticegate.standalone;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;

/** Ports of the loopback interface. */
final class LoopbackPort {
    private static final int LOWEST = 15_000;

    /** Linux chooses the ports of outgoing connections from here on ({@code ip_local_port_range}). */
    private static final int OUTGOING = 32_768;

    private static final int ATTEMPTS_MAX = 1_000;

    /** A port that was free a moment ago and that no outgoing connection will take. */
    static int free() {
        for (int attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
            int port = ThreadLocalRandom.current().nextInt(LOWEST, OUTGOING);
            if (isFree(port)) {
                return port;
            }
        }
        throw new IllegalStateException("no free port on 127.0.0.1 from " + LOWEST + " to " + (OUTGOING - 1));
    }

    private static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getByAddress(new byte[] {127, 0, 0, 1}))) {
            return socket.isBound();
        } catch (IOException taken) {
            return false;
        }
    }

    private LoopbackPort() {}
}
