package io.latticegate.e2e;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stands between clients and a port of this machine, and writes every byte that passes to files of a folder, one for each
 * connection and direction.
 */
public final class TcpTap implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(TcpTap.class);
    private static final int BUFFER_BYTES = 1 << 16;

    private final ServerSocket server;
    private final int target;
    private final Path folder;
    private final AtomicInteger connections = new AtomicInteger();
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();

    private TcpTap(ServerSocket server, int target, Path folder) {
        this.server = server;
        this.target = target;
        this.folder = folder;
    }

    /** A tap in front of {@code target}. */
    public static TcpTap before(int target, Path folder) throws IOException {
        Files.createDirectories(folder);
        TcpTap tap = new TcpTap(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()), target, folder);
        Thread.ofPlatform().name("tap").daemon().start(tap::accept);
        return tap;
    }

    /** Where clients connect to. */
    public int port() {
        return server.getLocalPort();
    }

    /** What has passed, in bytes. */
    public long bytes() {
        try (Stream<Path> files = Files.list(folder)) {
            return files.mapToLong(file -> file.toFile().length()).sum();
        } catch (IOException fault) {
            throw new UncheckedIOException("cannot read " + folder, fault);
        }
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket client = server.accept();
                Socket service = new Socket(InetAddress.getLoopbackAddress(), target);
                int number = connections.incrementAndGet();
                open.add(client);
                open.add(service);
                pump(client, service, number + "-up");
                pump(service, client, number + "-down");
            } catch (IOException closed) {
                close();
            }
        }
    }

    private void pump(Socket from, Socket to, String name) {
        Thread.ofPlatform().name("tap-" + name).daemon().start(() -> {
            byte[] buffer = new byte[BUFFER_BYTES];
            try (from;
                    to;
                    OutputStream record = Files.newOutputStream(folder.resolve(name))) {
                InputStream in = from.getInputStream();
                OutputStream out = to.getOutputStream();
                for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                    record.write(buffer, 0, read);
                    record.flush();
                    out.write(buffer, 0, read);
                }
            } catch (IOException cut) {
                LOG.debug("connection {} was cut: {}", name, cut.getMessage());
            } finally {
                open.remove(from);
                open.remove(to);
            }
        });
    }

    @Override
    public void close() {
        try {
            server.close();
            for (Socket socket : open) {
                socket.close();
            }
        } catch (IOException fault) {
            throw new UncheckedIOException("the tap cannot be closed", fault);
        }
    }
}
