package io.latticegate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.latticegate.testing.ChildProcess;
import io.latticegate.testing.FakeProvider;
import io.latticegate.testing.JavaProcess;
import io.latticegate.testing.NodeClients;
import io.latticegate.testing.Ports;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.io.TempDir;

/** Known secrets go through a running installation, and are then looked for in all that it has written and holds. */
final class CanaryTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    private Path folder;

    @Test
    void secretsAreInNoFileAndNoLogAndLeaveTheHeap(TestReporter report) throws Exception {
        Map<String, String> canaries = new LinkedHashMap<>();
        canaries.put("gateway key", "sk-gw" + random());
        canaries.put("project key", "sk-pj" + random());
        canaries.put("wallet key", "sk-wl" + random());
        Path keyFile = Files.writeString(folder.resolve("gateway-key"), canaries.get("gateway key"));
        Path data = folder.resolve("data");
        int management = Ports.free();
        try (FakeProvider provider =
                FakeProvider.start().acceptOnly(canaries.values().toArray(String[]::new))) {
            Path config = Files.writeString(
                    folder.resolve("config.yaml"), """
                    server: {port: 0}
                    management: {listen: "127.0.0.1:%d"}
                    fhe: {listen: "127.0.0.1:0"}
                    providers:
                      openai: {base_url: "%s/v1", allow_http: true, allow_private: true, api_key: "file:%s"}
                    """.formatted(management, provider.url(), keyFile));
            Path log = folder.resolve("log");
            try (ChildProcess gateway = JavaProcess.of("io.latticegate.standalone.StandaloneMain")
                            .arguments("up", "--config", config.toString(), "--data", data.toString())
                            .jvm("-Xmx256m")
                            .directory(folder)
                            .output(log)
                            .start();
                    HttpClient client = HttpClient.newBuilder()
                            .version(HttpClient.Version.HTTP_1_1)
                            .build()) {
                String url = gateway.awaitLine("^ready (http://\\S+)", PATIENCE).group(1);
                use(client, url, management, data, canaries);
                wallet(url, provider, canaries.get("wallet key"));

                CanaryScan scan = new CanaryScan(canaries);
                assertThat(scan.files(data, log)).as("files and logs").isEmpty();
                Path all = HeapDump.all(gateway, folder);
                report.publishEntry(
                        "secrets in garbage that was not collected yet",
                        CanaryScan.counts(scan.file(all)).toString());
                Files.delete(all);
                List<CanaryScan.Finding> held = scan.file(HeapDump.live(gateway, folder));
                assertThat(held)
                        .as(() -> CanaryScan.counts(held) + "\n"
                                + String.join(
                                        "\n",
                                        held.stream().map(CanaryScan::context).toList()))
                        .isEmpty();
                gateway.terminate(PATIENCE);
                assertThat(scan.files(data, log))
                        .as("files and logs after the end")
                        .isEmpty();
            }
        }
    }

    private static void use(HttpClient client, String url, int management, Path data, Map<String, String> canaries)
            throws Exception {
        String secret = Files.readString(data.resolve("management-token")).strip();
        String manage = "http://127.0.0.1:" + management + "/manage";
        String own = token(
                client,
                manage,
                secret,
                new JsonObject().put("name", "own").put("api_key", canaries.get("project key")));
        canaries.put("token", own);
        for (int i = 0; i < 20; i++) {
            assertThat(chat(client, url, own, "gpt-4o-mini", i % 2 == 0)).isEqualTo(200);
        }
        assertThat(chat(client, url, own, "gpt-4o-mini+status=500", false)).isEqualTo(500);
        assertThat(chat(client, url, own, "gpt-4o-mini+cut=0", true)).isEqualTo(502);
        assertThat(chat(client, url, own, "no-such-model-anywhere", true)).isBetween(200, 499);
        String wrong = "sk-" + random().substring(0, 22);
        canaries.put("unknown token", wrong);
        assertThat(chat(client, url, wrong, "gpt-4o-mini", false)).isEqualTo(401);
        try (HttpClient another =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
            assertThat(chat(another, url, own, "gpt-4o-mini", true)).isEqualTo(200);
        }
    }

    private static String token(HttpClient client, String manage, String secret, JsonObject project) throws Exception {
        JsonObject created = call(client, manage + "/projects", secret, project);
        return call(
                        client,
                        manage + "/tokens",
                        secret,
                        new JsonObject()
                                .put("project_id", created.getString("id"))
                                .put("duration_minutes", 60))
                .getString("token");
    }

    private static JsonObject call(HttpClient client, String url, String secret, JsonObject body) throws Exception {
        HttpResponse<String> answer =
                client.send(post(url, secret, body.encode()), HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(answer.body()).isBetween(200, 201);
        return new JsonObject(answer.body());
    }

    private static int chat(HttpClient client, String url, String token, String model, boolean stream)
            throws Exception {
        String body = "{\"model\":\"" + model + "\",\"stream\":" + stream
                + ",\"messages\":[{\"role\":\"user\",\"content\":\"hello\"}]}";
        HttpResponse<InputStream> answer =
                client.send(post(url + "/v1/chat/completions", token, body), HttpResponse.BodyHandlers.ofInputStream());
        try (InputStream in = answer.body()) {
            in.readAllBytes();
        } catch (IOException brokenOff) {
            return 0;
        }
        return answer.statusCode();
    }

    private static HttpRequest post(String url, String bearer, String body) {
        return HttpRequest.newBuilder(URI.create(url))
                .header("Authorization", "Bearer " + bearer)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
    }

    private static void wallet(String url, FakeProvider provider, String key) {
        NodeClients.Result result = NodeClients.ready()
                .run(
                        "relay.test.mjs",
                        Map.of("LG_BASE_URL", url, "LG_PROVIDER_URL", provider.url(), "LG_VAULT_KEY", key),
                        PATIENCE);
        assertThat(result.good()).as(result.output()).isTrue();
    }

    private static String random() {
        return UUID.randomUUID().toString().replace("-", "");
    }
}
