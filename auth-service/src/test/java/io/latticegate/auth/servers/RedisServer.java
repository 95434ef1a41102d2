package io.latticegate.auth.servers;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A redis-server on a free port of loopback, without persistence unless asked for. */
public final class RedisServer implements AutoCloseable {
    private final int port = ServerProcess.freePort();
    private final Path directory;
    private final List<String> extra;
    private ServerProcess process;

    public RedisServer(Path directory, String... extra) {
        this.directory = directory;
        this.extra = List.of(extra);
        this.process = launch();
    }

    public String url() {
        return "redis://127.0.0.1:" + port;
    }

    public void kill() {
        process.kill();
    }

    public void restart() {
        process = launch();
    }

    public void pause() {
        process.signal("STOP");
    }

    public void resume() {
        process.signal("CONT");
    }

    @Override
    public void close() {
        process.kill();
    }

    private ServerProcess launch() {
        var command = new ArrayList<>(
                List.of("redis-server", "--port", Integer.toString(port), "--bind", "127.0.0.1", "--save", ""));
        command.addAll(List.of("--dir", directory.toString()));
        command.addAll(extra.isEmpty() ? List.of("--appendonly", "no") : extra);
        return ServerProcess.start(command, "Ready to accept connections");
    }
}
