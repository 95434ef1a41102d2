package io.latticegate.testing;

import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A real {@code redis-server} on a free port of 127.0.0.1, with an append-only file in a temporary folder: what it
 * acknowledged is there after {@link #restart}, and all but the last second is there after {@link #kill}.
 */
public final class RedisServer implements AutoCloseable {
    private static final Duration START_TIMEOUT = Duration.ofSeconds(20);
    private static final int START_ATTEMPTS = 5;
    private static final int REPLY_BYTES_MAX = 64 << 10;

    private final Path folder;
    private final int port;
    private ChildProcess process;

    private RedisServer(Path folder, int port, ChildProcess process) {
        this.folder = folder;
        this.port = port;
        this.process = process;
    }

    /**
     * Starts an empty server.
     *
     * @throws IllegalStateException when redis-server is not installed or does not answer within 20 s
     */
    public static RedisServer start() {
        Path folder = TemporaryFolder.create("redis");
        for (int attempt = 1; ; attempt++) {
            int port = Ports.free();
            try {
                return new RedisServer(folder, port, launch(folder, port));
            } catch (AssertionError fault) {
                if (attempt == START_ATTEMPTS) {
                    throw new IllegalStateException("redis-server did not start", fault);
                }
            }
        }
    }

    private static ChildProcess launch(Path folder, int port) {
        ChildProcess process = ChildProcess.start(
                "redis-server",
                List.of(
                        Binaries.onPath("redis-server", "redis-server").toString(),
                        "--port",
                        String.valueOf(port),
                        "--bind",
                        "127.0.0.1",
                        "--save",
                        "",
                        "--appendonly",
                        "yes",
                        "--appendfsync",
                        "everysec",
                        "--dir",
                        folder.toString()),
                Map.of(),
                folder,
                folder.resolve("redis.log"));
        try {
            Await.until(START_TIMEOUT, "redis-server to answer on port " + port, () -> {
                if (!process.alive()) {
                    throw new AssertionError("redis-server ended:\n" + process.outputText());
                }
                return send(port, "PING").filter("+PONG\r\n"::equals).isPresent();
            });
            return process;
        } catch (AssertionError fault) {
            process.close();
            throw fault;
        }
    }

    public int port() {
        return port;
    }

    /** {@code redis://127.0.0.1:PORT}. */
    public String url() {
        return "redis://127.0.0.1:" + port;
    }

    public boolean running() {
        return process.alive();
    }

    /** Ends the server in order; port and data wait for {@link #restart}. */
    public void stop() {
        if (process.alive()) {
            process.resume();
            process.terminate(START_TIMEOUT);
        }
    }

    /** Ends the server at once, as a power cut does. */
    public void kill() {
        process.close();
    }

    /** Starts the server again on the same port with the same data; stops it first when it runs. */
    public void restart() {
        stop();
        process = launch(folder, port);
    }

    /** Stops the server where it stands: connections stay open and get no answer. */
    public void pause() {
        process.pause();
    }

    public void resume() {
        process.resume();
    }

    /**
     * Sends one inline command, such as {@code GET name}, and returns the reply as it came (RESP2, up to 64 KiB).
     *
     * @throws IllegalStateException when the server does not answer within 5 s
     */
    public String command(String command) {
        return send(port, command)
                .orElseThrow(() -> new IllegalStateException("redis-server on port " + port + " does not answer"));
    }

    private static Optional<String> send(int port, String command) {
        try (Socket socket = new Socket(Ports.loopback(), port)) {
            socket.setSoTimeout(5_000);
            socket.getOutputStream().write((command + "\r\nQUIT\r\n").getBytes(StandardCharsets.UTF_8));
            String reply = new String(socket.getInputStream().readNBytes(REPLY_BYTES_MAX), StandardCharsets.UTF_8);
            return reply.endsWith("+OK\r\n")
                    ? Optional.of(reply.substring(0, reply.length() - "+OK\r\n".length()))
                    : Optional.empty();
        } catch (IOException fault) {
            return Optional.empty();
        }
    }

    /** Ends the server and deletes its data. */
    @Override
    public void close() {
        process.close();
        TemporaryFolder.delete(folder);
    }
}
