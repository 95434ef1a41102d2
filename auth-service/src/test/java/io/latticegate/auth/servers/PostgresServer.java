package io.latticegate.auth.servers;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** A PostgreSQL cluster in a temporary directory, shared by the suites of this JVM, with a database per test. */
public final class PostgresServer {
    public static final String USER = "latticegate";

    private static final AtomicInteger DATABASES = new AtomicInteger();

    private final int port = ServerProcess.freePort();
    private final Path binaries = binaries();
    private final Path data;
    private ServerProcess process;

    private PostgresServer() {
        try {
            data = Files.createTempDirectory("latticegate-postgres");
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
        Runtime.getRuntime().addShutdownHook(new Thread(this::remove));
        if (isRoot()) {
            ServerProcess.run(List.of("chown", "postgres", data.toString()));
        }
        ServerProcess.run(
                command("initdb", "-D", data.toString(), "-U", USER, "--auth=trust", "--no-sync", "-E", "UTF8"));
        process = launch();
    }

    private static final class Shared {
        static final PostgresServer INSTANCE = new PostgresServer();
    }

    public static PostgresServer shared() {
        return Shared.INSTANCE;
    }

    /** The URL of a new, empty database. */
    public String createDatabase() {
        String name = "test_" + DATABASES.incrementAndGet();
        try (var connection = DriverManager.getConnection(url("postgres"), USER, "");
                var statement = connection.createStatement()) {
            statement.execute("CREATE DATABASE " + name);
        } catch (SQLException failure) {
            throw new IllegalStateException(failure);
        }
        return url(name);
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

    private String url(String database) {
        return "jdbc:postgresql://127.0.0.1:" + port + "/" + database;
    }

    private ServerProcess launch() {
        List<String> command = command("postgres", "-D", data.toString(), "-p", Integer.toString(port));
        command.addAll(List.of("-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="));
        command.addAll(List.of("-c", "fsync=off", "-c", "max_connections=60"));
        return ServerProcess.start(command, "database system is ready to accept connections");
    }

    /** PostgreSQL refuses to run as root; setpriv replaces itself by the server, so signals reach the server. */
    private List<String> command(String binary, String... arguments) {
        List<String> command = new ArrayList<>();
        if (isRoot()) {
            command.addAll(List.of("setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"));
        }
        command.add(binaries.resolve(binary).toString());
        command.addAll(List.of(arguments));
        return command;
    }

    private void remove() {
        process.kill();
        try (var files = Files.walk(data)) {
            files.sorted(Comparator.reverseOrder())
                    .forEach(file -> file.toFile().delete());
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private static boolean isRoot() {
        return "root".equals(System.getProperty("user.name"));
    }

    private static Path binaries() {
        try (var versions = Files.list(Path.of("/usr/lib/postgresql"))) {
            return versions.map(version -> version.resolve("bin"))
                    .filter(bin -> Files.isExecutable(bin.resolve("initdb")))
                    .max(Comparator.naturalOrder())
                    .orElseThrow();
        } catch (IOException failure) {
            throw new UncheckedIOException("PostgreSQL is not installed: apt-get install postgresql", failure);
        }
    }
}
