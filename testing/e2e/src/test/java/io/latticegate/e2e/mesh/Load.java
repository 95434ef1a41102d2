package io.latticegate.e2e.mesh;

import io.latticegate.common.value.ServiceRole;
import io.latticegate.e2e.LocalMesh;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Clients that send without pause, each to one proxy after the other, until closed. */
final class Load implements AutoCloseable {
    private static final long PAUSE_AFTER_FAILURE_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    private final Queue<Client.Reply> replies = new ConcurrentLinkedQueue<>();
    private final List<Thread> threads = new ArrayList<>();
    private volatile boolean stopped;

    Load(LocalMesh mesh, String token, int clients) {
        List<LocalMesh.Node> proxies = mesh.nodes(ServiceRole.PROXY);
        for (int i = 0; i < clients; i++) {
            int client = i;
            threads.add(Thread.ofVirtual().start(() -> {
                for (int turn = client; !stopped; turn++) {
                    Client.Reply reply = Client.chat(proxies.get(turn % proxies.size()), token);
                    replies.add(reply);
                    if (reply.status() != 200) {
                        LockSupport.parkNanos(PAUSE_AFTER_FAILURE_NANOS);
                    }
                }
            }));
        }
    }

    List<Client.Reply> replies() {
        return List.copyOf(replies);
    }

    long successes() {
        return replies.stream().filter(reply -> reply.status() == 200).count();
    }

    @Override
    public void close() {
        stop();
    }

    /** No further request; waits for those under way. */
    void stop() {
        stopped = true;
        for (Thread thread : threads) {
            try {
                thread.join();
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
                throw new AssertionError("interrupted", interrupted);
            }
        }
    }
}
