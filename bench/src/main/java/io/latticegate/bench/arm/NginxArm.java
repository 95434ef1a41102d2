package io.latticegate.bench.arm;

import io.latticegate.testing.Await;
import io.latticegate.testing.ChildProcess;
import io.latticegate.testing.Ports;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** nginx as it comes with the machine: {@code proxy_pass} with kept connections, one worker, no access log. */
final class NginxArm implements Arm {
    private static final Duration START_TIMEOUT = Duration.ofSeconds(10);
    private static final int CONNECT_MILLIS = 500;

    @Override
    public String name() {
        return "nginx";
    }

    @Override
    public String what() {
        return "nginx, 1 worker, proxy_pass with keepalive 256, proxy_buffering off, no access log";
    }

    @Override
    public Optional<String> absence() {
        return program().isPresent()
                ? Optional.empty()
                : Optional.of("nginx is not installed (Debian: apt-get install nginx-light)");
    }

    @Override
    public Relay start(int providerPort, Path folder) {
        Path program = program().orElseThrow(() -> new IllegalStateException("nginx is not installed"));
        int port = Ports.free();
        Path configuration = folder.resolve("nginx.conf");
        try {
            Files.writeString(configuration, configuration(port, providerPort, folder));
        } catch (IOException fault) {
            throw new UncheckedIOException("cannot write " + configuration, fault);
        }
        ChildProcess process = ChildProcess.start(
                "nginx",
                List.of(
                        program.toString(),
                        "-e",
                        folder.resolve("error.log").toString(),
                        "-p",
                        folder.toString(),
                        "-c",
                        configuration.toString()),
                Map.of(),
                folder,
                folder.resolve("output.log"));
        Await.until(START_TIMEOUT, "nginx to listen on " + port, () -> listens(port));
        return new Relay(port, "", process);
    }

    private static boolean listens(int port) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), CONNECT_MILLIS);
            return true;
        } catch (IOException notYet) {
            return false;
        }
    }

    private static Optional<Path> program() {
        String path = System.getenv("PATH");
        return Stream.concat(
                        Stream.of((path == null ? "" : path).split(File.pathSeparator, -1)),
                        Stream.of("/usr/sbin", "/usr/local/sbin"))
                .filter(folder -> !folder.isEmpty())
                .map(folder -> Path.of(folder, "nginx"))
                .filter(Files::isExecutable)
                .findFirst();
    }

    private static String configuration(int port, int providerPort, Path folder) {
        return """
                daemon off;
                worker_processes 1;
                pid FOLDER/nginx.pid;
                error_log FOLDER/error.log warn;
                events { worker_connections 2048; }
                http {
                  access_log off;
                  client_body_temp_path FOLDER/body;
                  proxy_temp_path FOLDER/proxy;
                  fastcgi_temp_path FOLDER/fastcgi;
                  uwsgi_temp_path FOLDER/uwsgi;
                  scgi_temp_path FOLDER/scgi;
                  tcp_nodelay on;
                  upstream mock {
                    server 127.0.0.1:PROVIDER;
                    keepalive 256;
                    keepalive_requests 1000000000;
                  }
                  server {
                    listen 127.0.0.1:PORT;
                    keepalive_requests 1000000000;
                    location / {
                      proxy_pass http://mock;
                      proxy_http_version 1.1;
                      proxy_set_header Connection "";
                      proxy_buffering off;
                    }
                  }
                }
                """.replace("FOLDER", folder.toString())
                .replace("PROVIDER", Integer.toString(providerPort))
                .replace("PORT", Integer.toString(port));
    }
}
