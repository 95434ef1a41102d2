package io.latticegate.standalone;

import io.latticegate.common.value.Secret;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * A PostgreSQL for a mesh on one machine, on loopback with a password. Under root, where PostgreSQL refuses to run, it runs
 * as {@code postgres} or {@code nobody}, and its folder belongs to that account.
 */
final class LocalPostgres {
    /** The role that owns everything. */
    static final String USER = "latticegate";

    private static final String ELSEWHERE = "DATABASE_URL or storage.url";

    private final Path initdb;
    private final Path server;
    private final Path folder;
    private final Secret password;
    private final int port;

    private LocalPostgres(Path initdb, Path server, Path folder, Secret password, int port) {
        this.initdb = initdb;
        this.server = server;
        this.folder = folder;
        this.password = password;
        this.port = port;
    }

    /** @throws Programs.Missing when PostgreSQL is not installed */
    static LocalPostgres in(DataFolder data, int port) throws IOException {
        Path folder = data.file("postgres");
        Secret password =
                Secret.ofText(Files.readString(data.secret("postgres-password")).strip());
        LocalPostgres postgres = new LocalPostgres(
                Programs.ofPostgres("initdb", ELSEWHERE),
                Programs.ofPostgres("postgres", ELSEWHERE),
                folder,
                password,
                port);
        postgres.prepare();
        return postgres;
    }

    Path folder() {
        return folder;
    }

    String url() {
        return "postgresql://127.0.0.1:" + port + "/" + USER;
    }

    List<String> command() throws IOException {
        return asAccount(List.of(
                server.toString(),
                "-D",
                cluster().toString(),
                "-c",
                "listen_addresses=127.0.0.1",
                "-c",
                "port=" + port,
                "-c",
                "unix_socket_directories=",
                "-c",
                "max_connections=200"));
    }

    /** Whether it answers; the database is made when it does so for the first time. */
    boolean answers() {
        try (Connection connection = DriverManager.getConnection(
                        "jdbc:postgresql://127.0.0.1:" + port + "/postgres", USER, text(password));
                Statement statement = connection.createStatement()) {
            try (ResultSet found = statement.executeQuery("SELECT 1 FROM pg_database WHERE datname = '" + USER + "'")) {
                if (found.next()) {
                    return true;
                }
            }
            statement.execute("CREATE DATABASE " + USER);
            return true;
        } catch (SQLException notYet) {
            return false;
        }
    }

    private Path cluster() {
        return folder.resolve("cluster");
    }

    private void prepare() throws IOException {
        Files.createDirectories(folder);
        if (runsAsRoot()) {
            admitAccount();
        }
        if (Files.exists(cluster().resolve("PG_VERSION"))) {
            return;
        }
        Path passwordFile = folder.resolve("password");
        Files.writeString(passwordFile, text(password) + "\n", StandardCharsets.US_ASCII);
        Files.setPosixFilePermissions(passwordFile, PosixFilePermissions.fromString("rw-------"));
        if (runsAsRoot()) {
            Files.setOwner(passwordFile, account());
        }
        try {
            String _ = Programs.run(
                    asAccount(List.of(
                            initdb.toString(),
                            "--pgdata",
                            cluster().toString(),
                            "--username",
                            USER,
                            "--pwfile",
                            passwordFile.toString(),
                            "--auth",
                            "scram-sha-256",
                            "--encoding",
                            "UTF8",
                            "--locale",
                            "C")),
                    folder);
        } finally {
            Files.delete(passwordFile);
        }
    }

    /** Gives the folder to the account, and lets the account pass (not read) the data folder above it. */
    private void admitAccount() throws IOException {
        Files.setOwner(folder, account());
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
        Path data = folder.getParent();
        if (data == null) {
            return;
        }
        Set<PosixFilePermission> open = Files.getPosixFilePermissions(data);
        open.add(PosixFilePermission.OTHERS_EXECUTE);
        Files.setPosixFilePermissions(data, open);
        for (Path above = data.getParent(); above != null; above = above.getParent()) {
            if (!Files.getPosixFilePermissions(above).contains(PosixFilePermission.OTHERS_EXECUTE)) {
                throw new IOException("PostgreSQL does not run as root, and the account "
                        + account().getName()
                        + " cannot pass " + above + "; choose another folder with --data, start as another user than"
                        + " root, or give " + ELSEWHERE);
            }
        }
    }

    private static boolean runsAsRoot() throws IOException {
        return Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0);
    }

    private UserPrincipal account() throws IOException {
        return folder.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName(entry().get(0));
    }

    private static List<String> asAccount(List<String> command) throws IOException {
        if (!runsAsRoot()) {
            return command;
        }
        Path setpriv = Programs.find("setpriv")
                .orElseThrow(() -> new Programs.Missing(
                        "PostgreSQL does not run as root and setpriv is not installed; install the Debian package"
                                + " util-linux, start as another user than root, or give " + ELSEWHERE));
        List<String> wrapped = new ArrayList<>(List.of(
                setpriv.toString(), "--reuid", entry().get(0), "--regid", entry().get(3), "--clear-groups", "--"));
        wrapped.addAll(command);
        return wrapped;
    }

    /** The line of {@code /etc/passwd} for the account, split at its colons. */
    private static List<String> entry() throws IOException {
        List<List<String>> accounts = Files.readAllLines(Path.of("/etc/passwd")).stream()
                .map(line -> List.of(line.split(":", -1)))
                .filter(fields -> fields.size() > 3)
                .toList();
        for (String name : List.of("postgres", "nobody")) {
            for (List<String> fields : accounts) {
                if (fields.getFirst().equals(name)) {
                    return fields;
                }
            }
        }
        throw new IOException("PostgreSQL does not run as root, and neither the account postgres nor nobody exists");
    }

    /** The server and its client take nothing but text. */
    private static String text(Secret password) {
        return password.expose(bytes -> new String(bytes, StandardCharsets.UTF_8));
    }
}
