package io.latticegate.proxy.fhe;

import io.latticegate.common.config.HostPort;
import io.latticegate.common.crypto.Sha256;
import io.latticegate.common.telemetry.Log;
import io.latticegate.common.telemetry.LogKey;
import io.vertx.core.net.SocketAddress;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The pods of fhe-service behind the configured names. A name that has several addresses, such as that of a headless
 * service, stands for as many pods. Safe for use by several threads.
 */
public final class FhePods {
    private static final Log LOG = Log.of(FhePods.class);
    private static final int PODS_MAX = 1_024;

    private final List<HostPort> names;
    private volatile List<SocketAddress> pods = List.of();

    /** @param names host names or addresses, with ports */
    public FhePods(List<HostPort> names) {
        this.names = List.copyOf(names);
    }

    /** Asks for the addresses of all names, and blocks meanwhile. What cannot be resolved now keeps no pod. */
    public void resolve() {
        Set<SocketAddress> found = new LinkedHashSet<>();
        for (HostPort name : names) {
            try {
                for (InetAddress address : InetAddress.getAllByName(name.host())) {
                    if (found.size() < PODS_MAX) {
                        found.add(SocketAddress.inetSocketAddress(name.port(), address.getHostAddress()));
                    }
                }
            } catch (UnknownHostException unknown) {
                LOG.debug("a name of fhe.upstreams has no address now", LogKey.REASON.of(name.host()));
            }
        }
        List<SocketAddress> now = List.copyOf(found);
        if (now.isEmpty() && !pods.isEmpty()) {
            LOG.warn("no name of fhe.upstreams has an address; requests of encrypted compute are refused with 503");
        }
        pods = now;
    }

    /**
     * All pods, the one that a request of this placement belongs to first (rendezvous hashing: Thaler and Ravishankar, 1998).
     * When a pod comes or goes, only the placements that were or will be its own move.
     */
    List<SocketAddress> ranked(String placement) {
        List<SocketAddress> now = pods;
        return now.size() < 2
                ? now
                : now.stream()
                        .sorted(Comparator.comparingLong((SocketAddress pod) -> weight(pod, placement))
                                .reversed())
                        .toList();
    }

    private static long weight(SocketAddress pod, String placement) {
        byte[] digest = Sha256.of((pod + " " + placement).getBytes(StandardCharsets.UTF_8));
        return ByteBuffer.wrap(digest).getLong();
    }
}
