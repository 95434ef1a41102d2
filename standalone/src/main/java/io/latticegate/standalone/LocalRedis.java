package io.latticegate.standalone;

import io.latticegate.common.value.Secret;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A {@code redis-server} for a mesh on one machine, on loopback with a password. It forces every write to disk before it
 * answers, so that {@code redis.durable} holds.
 */
final class LocalRedis {
    private static final int TIMEOUT_MILLIS = 2_000;

    private final Path program;
    private final Path folder;
    private final Secret password;
    private final int port;

    private LocalRedis(Path program, Path folder, Secret password, int port) {
        this.program = program;
        this.folder = folder;
        this.password = password;
        this.port = port;
    }

    /** @throws Programs.Missing when redis-server is not installed */
    static LocalRedis in(DataFolder data, int port) throws IOException {
        Path program = Programs.redisServer("REDIS_URL or redis.url");
        Path folder = data.file("redis");
        PrivateFolder.make(folder);
        PrivateFolder.make(folder.resolve("store"));
        Secret password =
                Secret.ofText(Files.readString(data.secret("redis-password")).strip());
        return new LocalRedis(program, folder, password, port);
    }

    Path folder() {
        return folder;
    }

    String url() {
        return "redis://:" + text(password) + "@127.0.0.1:" + port;
    }

    /** The password stands in a file, because every user can read command lines. */
    List<String> command(DataFolder data) throws IOException {
        String settings = """
                bind 127.0.0.1
                port %d
                requirepass %s
                dir %s
                save ""
                appendonly yes
                appendfsync always
                """.formatted(port, text(password), folder.resolve("store"));
        data.write("redis/redis.conf", settings.getBytes(StandardCharsets.UTF_8));
        return List.of(program.toString(), folder.resolve("redis.conf").toString());
    }

    boolean answers() {
        try (Socket socket = new Socket(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), port)) {
            socket.setSoTimeout(TIMEOUT_MILLIS);
            socket.getOutputStream()
                    .write(("AUTH " + text(password) + "\r\nPING\r\nQUIT\r\n").getBytes(StandardCharsets.US_ASCII));
            String reply = new String(socket.getInputStream().readNBytes(1_024), StandardCharsets.US_ASCII);
            return reply.contains("+PONG");
        } catch (IOException notYet) {
            return false;
        }
    }

    /** The server and its client take nothing but text. */
    private static String text(Secret password) {
        return password.expose(bytes -> new String(bytes, StandardCharsets.UTF_8));
    }
}
