package io.latticegate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.latticegate.testing.ChildProcess;
import io.latticegate.testing.FakeProvider;
import io.latticegate.testing.JavaProcess;
import io.latticegate.testing.Ports;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Prompts, answers, tokens and keys are in no metric, no span and no log line, also where everything is logged and traced. */
final class TelemetryCanaryTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    private Path folder;

    @Test
    void nothingOfARequestIsInMetricsSpansAndLogsAtTheFinestLevel() throws Exception {
        Map<String, String> canaries = new LinkedHashMap<>();
        canaries.put("prompt", "prompt" + random());
        canaries.put("gateway key", "sk-gw" + random());
        canaries.put("project key", "sk-pj" + random());
        canaries.put("collector credential", "collector" + random());
        canaries.put("query", "query" + random());
        canaries.put("baggage", "baggage" + random());
        int management = Ports.free();
        Path log = folder.resolve("log");
        Path seen = folder.resolve("seen");
        try (OtlpCollector collector = OtlpCollector.start();
                FakeProvider provider =
                        FakeProvider.start().acceptOnly(canaries.get("gateway key"), canaries.get("project key"));
                HttpClient client = HttpClient.newBuilder()
                        .version(HttpClient.Version.HTTP_1_1)
                        .build()) {
            Path config = Files.writeString(folder.resolve("config.yaml"), """
                server: {port: 0}
                management: {listen: "127.0.0.1:%d"}
                fhe: {listen: "127.0.0.1:0"}
                logging: {components: {io.latticegate: trace, io.opentelemetry: trace}}
                tracing: {otlp: "%s", allow_http: true, sampling: 1, headers: "file:%s"}
                providers:
                  openai: {base_url: "%s/v1", allow_http: true, allow_private: true, api_key: "file:%s"}
                """.formatted(
                            management,
                            collector.url(),
                            secret("headers", "x-key=" + canaries.get("collector credential")),
                            provider.url(),
                            secret("key", canaries.get("gateway key"))));
            Path data = folder.resolve("data");
            try (ChildProcess gateway = JavaProcess.of("io.latticegate.standalone.StandaloneMain")
                    .arguments("up", "--config", config.toString(), "--data", data.toString())
                    .environment("DEBUG", "true")
                    .jvm("-Xmx256m")
                    .directory(folder)
                    .output(log)
                    .start()) {
                String url = gateway.awaitLine("^ready (http://\\S+)", PATIENCE).group(1);
                String manage = "http://127.0.0.1:" + management;
                String secret =
                        Files.readString(data.resolve("management-token")).strip();
                canaries.put("management token", secret);
                String token = token(client, manage, secret, canaries.get("project key"));
                canaries.put("token", token);
                String unknown = "sk-" + random().substring(0, 22);
                canaries.put("unknown token", unknown);
                for (String model : new String[] {
                    "gpt-4o-mini", "gpt-4o-mini+status=500", "gpt-4o-mini+status=400", "gpt-4o-mini+cut=0"
                }) {
                    chat(client, url, token, model, canaries);
                }
                chat(client, url, unknown, "gpt-4o-mini", canaries);
                assertThat(provider.lastRequest().bodyText()).contains(canaries.get("prompt"));
                for (String accept : new String[] {"text/plain", "application/openmetrics-text", "application/json"}) {
                    HttpRequest scrape = HttpRequest.newBuilder(URI.create(manage + "/metrics"))
                            .header("Accept", accept)
                            .build();
                    Files.writeString(
                            folder.resolve("scrape-" + accept.length()),
                            client.send(scrape, HttpResponse.BodyHandlers.ofString())
                                    .body());
                }
                OtlpCollector.Span unused =
                        collector.await(null, "call", span -> span.name().startsWith("chat "));
                gateway.terminate(PATIENCE);
            }
            Files.write(seen, collector.bytes());
            assertThat(collector.spans()).extracting(OtlpCollector.Span::name).contains("POST /v1/chat/completions");
        }
        assertThat(Files.readString(log)).contains("A request has ended").contains("\"trace_id\":\"");
        CanaryScan scan = new CanaryScan(canaries);
        for (Path file : new Path[] {
            log, seen, folder.resolve("scrape-10"), folder.resolve("scrape-28"), folder.resolve("scrape-16")
        }) {
            assertThat(Files.size(file)).as(file.toString()).isPositive();
            assertThat(scan.file(file))
                    .as(() -> file + "\n"
                            + String.join(
                                    "\n",
                                    scan.file(file).stream()
                                            .map(CanaryScan::context)
                                            .toList()))
                    .isEmpty();
        }
    }

    private static void chat(HttpClient client, String url, String bearer, String model, Map<String, String> canaries)
            throws InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(
                        URI.create(url + "/v1/chat/completions?note=" + canaries.get("query")))
                .header("Authorization", "Bearer " + bearer)
                .header("Content-Type", "application/json")
                .header("baggage", "user=" + canaries.get("baggage"))
                .header("tracestate", "vendor=" + canaries.get("baggage"))
                .POST(HttpRequest.BodyPublishers.ofString("{\"model\":\"" + model
                        + "\",\"messages\":[{\"role\":\"user\",\"content\":\"" + canaries.get("prompt") + "\"}]}"))
                .build();
        try {
            HttpResponse<String> answer = client.send(request, HttpResponse.BodyHandlers.ofString());
            assertThat(answer.statusCode()).isBetween(200, 599);
        } catch (IOException brokenOff) {
            assertThat(model).contains("cut");
        }
    }

    private static String token(HttpClient client, String manage, String secret, String key) throws Exception {
        JsonObject project = call(
                client,
                manage + "/manage/projects",
                secret,
                new JsonObject().put("name", "canary").put("api_key", key));
        return call(
                        client,
                        manage + "/manage/tokens",
                        secret,
                        new JsonObject()
                                .put("project_id", project.getString("id"))
                                .put("duration_minutes", 60))
                .getString("token");
    }

    private static JsonObject call(HttpClient client, String url, String secret, JsonObject body) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create(url))
                .header("Authorization", "Bearer " + secret)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body.encode()))
                .build();
        HttpResponse<String> answer = client.send(request, HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(answer.body()).isBetween(200, 201);
        return new JsonObject(answer.body());
    }

    private Path secret(String name, String text) throws IOException {
        Path file = Files.writeString(folder.resolve(name), text);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        return file;
    }

    private static String random() {
        return UUID.randomUUID().toString().replace("-", "");
    }
}
