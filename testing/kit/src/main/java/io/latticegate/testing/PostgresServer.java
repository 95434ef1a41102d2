package io.latticegate.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A real PostgreSQL of its own: {@code initdb} in a temporary folder, a free port of 127.0.0.1, user {@code latticegate}
 * without a password. Under root, where PostgreSQL refuses to run, it runs as {@code postgres} or {@code nobody}.
 */
public final class PostgresServer implements AutoCloseable {
    /** The only user, who may do everything. */
    public static final String USER = "latticegate";

    private static final Duration START_TIMEOUT = Duration.ofSeconds(60);
    private static final int START_ATTEMPTS = 5;
    private static final String ACCOUNT_MISSING =
            "this test runs as root, PostgreSQL must not, and neither the account 'postgres' nor 'nobody' exists";

    private final Path folder;
    private final int port;
    private final boolean synchronous;
    private ChildProcess process;

    private PostgresServer(Path folder, int port, boolean synchronous, ChildProcess process) {
        this.folder = folder;
        this.port = port;
        this.synchronous = synchronous;
        this.process = process;
    }

    /** Starts a server that keeps what it committed also through a power cut. */
    public static PostgresServer start() {
        return start(true);
    }

    /**
     * Starts a server with the database {@code latticegate}.
     *
     * @param synchronous false turns {@code fsync} off: faster, and enough where only processes are killed
     * @throws IllegalStateException when PostgreSQL is not installed or does not start
     */
    public static PostgresServer start(boolean synchronous) {
        Path folder = TemporaryFolder.create("postgres");
        try {
            if (root()) {
                Files.setOwner(
                        folder,
                        folder.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName(account()));
            }
        } catch (IOException fault) {
            throw new UncheckedIOException("cannot give " + folder + " to the account " + account(), fault);
        }
        initialise(folder);
        for (int attempt = 1; ; attempt++) {
            int port = Ports.free();
            try {
                PostgresServer server =
                        new PostgresServer(folder, port, synchronous, launch(folder, port, synchronous));
                server.createDatabase(USER);
                return server;
            } catch (AssertionError fault) {
                if (attempt == START_ATTEMPTS) {
                    throw new IllegalStateException("PostgreSQL did not start", fault);
                }
            }
        }
    }

    private static void initialise(Path folder) {
        List<String> command = asUser(List.of(
                Binaries.ofPostgres("initdb").toString(),
                "--pgdata",
                folder.resolve("data").toString(),
                "--username",
                USER,
                "--auth",
                "trust",
                "--encoding",
                "UTF8",
                "--locale",
                "C",
                "--no-sync"));
        try (ChildProcess initdb =
                ChildProcess.start("initdb", command, Map.of(), folder, folder.resolve("initdb.log"))) {
            if (initdb.awaitExit(START_TIMEOUT) != 0) {
                throw new IllegalStateException("initdb failed:\n" + initdb.outputText());
            }
        }
    }

    private static ChildProcess launch(Path folder, int port, boolean synchronous) {
        List<String> command = new ArrayList<>(List.of(
                Binaries.ofPostgres("postgres").toString(),
                "-D",
                folder.resolve("data").toString(),
                "-p",
                String.valueOf(port),
                "-c",
                "listen_addresses=127.0.0.1",
                "-c",
                "unix_socket_directories=" + folder,
                "-c",
                "max_connections=200"));
        if (!synchronous) {
            command.addAll(List.of("-c", "fsync=off", "-c", "full_page_writes=off"));
        }
        ChildProcess process =
                ChildProcess.start("postgres", asUser(command), Map.of(), folder, folder.resolve("postgres.log"));
        try {
            Await.until(START_TIMEOUT, "PostgreSQL to answer on port " + port, () -> {
                if (!process.alive()) {
                    throw new AssertionError("postgres ended:\n" + process.outputText());
                }
                return answers(port);
            });
            return process;
        } catch (AssertionError fault) {
            process.close();
            throw fault;
        }
    }

    private static boolean answers(int port) {
        try (Connection connection = DriverManager.getConnection(url(port, "postgres"))) {
            return connection.isValid(5);
        } catch (SQLException notYet) {
            return false;
        }
    }

    private static List<String> asUser(List<String> command) {
        if (!root()) {
            return command;
        }
        List<String> wrapped = new ArrayList<>(List.of(
                Binaries.onPath("setpriv", "util-linux").toString(),
                "--reuid",
                account(),
                "--regid",
                group(),
                "--clear-groups",
                "--"));
        wrapped.addAll(command);
        return wrapped;
    }

    private static boolean root() {
        try {
            return Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0);
        } catch (IOException fault) {
            throw new UncheckedIOException("cannot tell this process's user", fault);
        }
    }

    private static String account() {
        return passwd()[0];
    }

    private static String group() {
        return passwd()[3];
    }

    /** The line of {@code /etc/passwd} for the account that runs PostgreSQL under root, split at its colons. */
    private static String[] passwd() {
        try {
            List<String[]> accounts = Files.readAllLines(Path.of("/etc/passwd")).stream()
                    .map(line -> line.split(":", -1))
                    .filter(fields -> fields.length > 3)
                    .toList();
            Optional<String[]> found = accounts.stream()
                    .filter(fields -> fields[0].equals("postgres"))
                    .findFirst()
                    .or(() -> accounts.stream()
                            .filter(fields -> fields[0].equals("nobody"))
                            .findFirst());
            return found.orElseThrow(() -> new IllegalStateException(ACCOUNT_MISSING));
        } catch (IOException fault) {
            throw new UncheckedIOException("cannot read /etc/passwd", fault);
        }
    }

    public int port() {
        return port;
    }

    /** The JDBC URL of the database {@code latticegate}, user included. */
    public String jdbcUrl() {
        return url(port, USER);
    }

    private static String url(int port, String database) {
        return "jdbc:postgresql://127.0.0.1:" + port + "/" + database + "?user=" + USER;
    }

    /**
     * Creates an empty database and returns its JDBC URL.
     *
     * @throws IllegalArgumentException unless the name is 1 to 60 lower-case letters, digits and underscores
     */
    public String createDatabase(String name) {
        if (!name.matches("[a-z0-9_]{1,60}")) {
            throw new IllegalArgumentException(
                    "database name '" + name + "': want 1 to 60 lower-case letters, digits and underscores");
        }
        try (Connection connection = DriverManager.getConnection(url(port, "postgres"));
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE DATABASE \"" + name + "\"");
        } catch (SQLException fault) {
            throw new IllegalStateException("cannot create the database " + name, fault);
        }
        return url(port, name);
    }

    public boolean running() {
        return process.alive();
    }

    /** Ends the server in order, its clients' connections with it (fast shutdown). */
    public void stop() {
        if (process.alive()) {
            process.signal("INT");
            process.awaitExit(START_TIMEOUT);
        }
    }

    /** Ends the server and all its sessions without a checkpoint (immediate shutdown), as a crash does. */
    public void kill() {
        if (process.alive()) {
            process.signal("QUIT");
            process.awaitExit(START_TIMEOUT);
        }
    }

    /** Starts the server again on the same port with the same data; stops it first when it runs. */
    public void restart() {
        stop();
        process = launch(folder, port, synchronous);
    }

    /** Ends the server and deletes its data. */
    @Override
    public void close() {
        kill();
        process.close();
        TemporaryFolder.delete(folder);
    }
}
