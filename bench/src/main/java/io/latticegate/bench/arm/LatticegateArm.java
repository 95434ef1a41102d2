package io.latticegate.bench.arm;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.latticegate.testing.ChildProcess;
import io.latticegate.testing.Ports;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Latticegate in one process, as {@code ./latticegate up} starts it, with its default configuration: token, lease,
 * reservation and settlement, journal, audit and metrics. What differs from the defaults is where the provider is and that
 * 256 connections to it are kept, as many as the other arms keep.
 *
 * <p>Governance has no switch, so there is no arm without it. The nearest is a token without limits: leased, journalled
 * and audited all the same, but with nothing to deduct from.
 */
public final class LatticegateArm implements Arm {
    private static final String STANDALONE = "io.latticegate.standalone.StandaloneMain";
    private static final String MESH = "io.latticegate.standalone.MeshLauncher";
    private static final String PROXY = "io.latticegate.proxy.ProxyMain";
    private static final Duration START_TIMEOUT = Duration.ofSeconds(90);
    private static final Duration MANAGEMENT_TIMEOUT = Duration.ofSeconds(10);
    private static final long REQUESTS_MAX = 1_000_000_000;
    private static final int KEPT_CONNECTIONS = 256;
    private static final int TOKEN_MINUTES = 24 * 60;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final String name;
    private final String main;
    private final String heap;
    private final boolean limited;
    private final int atOnce;

    private LatticegateArm(String name, String main, String heap, boolean limited) {
        this(name, main, heap, limited, KEPT_CONNECTIONS);
    }

    private LatticegateArm(String name, String main, String heap, boolean limited, int atOnce) {
        this.name = name;
        this.main = main;
        this.heap = heap;
        this.limited = limited;
        this.atOnce = atOnce;
    }

    /** With a token of at most 10⁹ requests, every one of which is counted. */
    public static Arm governed() {
        return new LatticegateArm("governed", STANDALONE, "512m", true);
    }

    /** As {@link #governed}, with room for so many requests at one time. */
    public static Arm holding(int requests) {
        return new LatticegateArm("governed", STANDALONE, "512m", true, requests);
    }

    /** With the demo project's token, which has no limits. */
    static Arm withoutLimits() {
        return new LatticegateArm("unlimited", STANDALONE, "512m", false);
    }

    /** As {@link #governed}, the five services as processes of their own; what is measured is that of proxy-service. */
    static Arm mesh() {
        return new LatticegateArm("mesh", MESH, "128m", true);
    }

    @Override
    public boolean usual() {
        return main.equals(STANDALONE);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String what() {
        return (main.equals(MESH)
                        ? "the proxy-service of a Latticegate whose services, PostgreSQL and Redis are processes of this"
                                + " machine"
                        : "Latticegate standalone")
                + ", default configuration"
                + (limited
                        ? ", a token limited to 10^9 requests"
                        : ", a token without limits (all else as in governed)")
                + ", " + atOnce + " kept connections, heap "
                + (main.equals(MESH) ? "as needed" : "at most " + heap);
    }

    @Override
    public Optional<String> absence() {
        return LatticegateArm.class.getResource("/" + main.replace('.', '/') + ".class") == null
                ? Optional.of(main + " is not on the class path")
                : Optional.empty();
    }

    @Override
    public Relay start(int providerPort, Path folder) {
        int managementPort = Ports.free();
        Path data = folder.resolve("data");
        Path configuration = folder.resolve("latticegate.yaml");
        try {
            Files.writeString(configuration, configuration(providerPort, managementPort, atOnce));
        } catch (IOException fault) {
            throw new UncheckedIOException("cannot write " + configuration, fault);
        }
        ChildProcess process = ChildProcess.start(
                "Latticegate",
                JavaCommand.of(
                        main, heap, List.of("up", "--config", configuration.toString(), "--data", data.toString())),
                Map.of(),
                folder,
                folder.resolve("output.log"));
        try {
            int port = Integer.parseInt(process.awaitLine("^ready http://[^:]+:(\\d+)$", START_TIMEOUT)
                    .group(1));
            String token = limited ? limitedToken(managementPort, data) : secret(data, "demo-token");
            return new Relay(port, token, process, main.equals(MESH) ? proxyOf(process.pid()) : process.pid());
        } catch (RuntimeException | AssertionError fault) {
            process.close();
            throw fault;
        }
    }

    /** By its command line, which the kernel gives whole. */
    private static long proxyOf(long launcher) {
        return ProcessHandle.of(launcher).stream()
                .flatMap(ProcessHandle::descendants)
                .filter(process -> commandLine(process.pid()).contains(PROXY))
                .findFirst()
                .map(ProcessHandle::pid)
                .orElseThrow(() -> new IllegalStateException("the mesh runs no " + PROXY));
    }

    private static String commandLine(long pid) {
        try {
            return Files.readString(Path.of("/proc", Long.toString(pid), "cmdline"));
        } catch (IOException ended) {
            return "";
        }
    }

    private static String configuration(int providerPort, int managementPort, int atOnce) {
        return """
                server:
                  host: 127.0.0.1
                  port: 0
                  max_concurrent_requests: %d
                management:
                  listen: 127.0.0.1:%d
                fhe:
                  listen: 127.0.0.1:0
                providers:
                  openai:
                    kind: openai
                    base_url: http://127.0.0.1:%d/v1
                    allow_http: true
                    allow_private: true
                    api_key: sk-bench-provider-key
                    connection:
                      max_per_host: %d
                """.formatted(atOnce, managementPort, providerPort, atOnce);
    }

    private static String limitedToken(int managementPort, Path data) {
        String management = secret(data, "management-token");
        try (HttpClient client =
                HttpClient.newBuilder().connectTimeout(MANAGEMENT_TIMEOUT).build()) {
            URI base = URI.create("http://127.0.0.1:" + managementPort);
            JsonNode project = json(
                    client,
                    request(base.resolve("/manage/projects"), management)
                            .POST(HttpRequest.BodyPublishers.ofString(
                                    "{\"name\":\"bench\",\"api_key\":\"sk-bench-project-key-of-no-value\"}")));
            JsonNode token = json(
                    client,
                    request(base.resolve("/manage/tokens"), management)
                            .POST(HttpRequest.BodyPublishers.ofString(
                                    "{\"project_id\":\"" + project.path("id").asText() + "\",\"duration_minutes\":"
                                            + TOKEN_MINUTES + ",\"max_requests\":" + REQUESTS_MAX + "}")));
            return token.path("token").asText();
        }
    }

    private static HttpRequest.Builder request(URI uri, String management) {
        return HttpRequest.newBuilder(uri)
                .timeout(MANAGEMENT_TIMEOUT)
                .header("Authorization", "Bearer " + management)
                .header("Content-Type", "application/json");
    }

    private static JsonNode json(HttpClient client, HttpRequest.Builder request) {
        HttpRequest built = request.build();
        try {
            HttpResponse<String> response = client.send(built, HttpResponse.BodyHandlers.ofString());
            if (response.statusCode() / 100 != 2) {
                throw new IllegalStateException(
                        built.method() + " " + built.uri().getPath() + " answered " + response.statusCode()
                                + "; a limited token cannot be made");
            }
            return JSON.readTree(response.body());
        } catch (IOException fault) {
            throw new UncheckedIOException(built.uri().getPath() + " of Latticegate did not answer", fault);
        } catch (InterruptedException interrupt) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted at " + built.uri().getPath(), interrupt);
        }
    }

    private static String secret(Path data, String file) {
        try {
            return Files.readString(data.resolve(file)).strip();
        } catch (IOException fault) {
            throw new UncheckedIOException("Latticegate left no " + file + " in its data folder", fault);
        }
    }
}
