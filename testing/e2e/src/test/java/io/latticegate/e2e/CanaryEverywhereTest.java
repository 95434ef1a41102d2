package io.latticegate.e2e;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.latticegate.e2e.mesh.TestWallet;
import io.latticegate.testing.Await;
import io.latticegate.testing.ChildProcess;
import io.latticegate.testing.JavaProcess;
import io.latticegate.testing.NodeClients;
import io.latticegate.testing.Ports;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.io.TempDir;

/**
 * Secrets of every kind go through an installation of all services that logs and traces everything, and are then looked for in all
 * that it answers, shows, exports, sends and keeps. A text that is no secret goes the same ways and must be found at the end of
 * each, so that a way that is not looked at fails the test as a leak does.
 */
final class CanaryEverywhereTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String MARKER = "marker" + random();

    /** What the installation keeps secrets in, each in a file of its own that only its user may read. */
    private static final List<String> SECRET_FILES =
            List.of("management-token", "token-pepper", "audit-key", "vault-key");

    @TempDir
    private Path folder;

    private final Map<String, String> canaries = new LinkedHashMap<>();
    private final Map<String, byte[]> keys = new LinkedHashMap<>();
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private String data = "";
    private String manage = "";
    private String management = "";
    private String project = "";
    private String principal = "";
    private String tokenId = "";
    private String requestId = "";
    private final TestWallet wallet = new TestWallet(new SecureRandom());
    private @Nullable ManagementWalk walk;

    @Test
    void noSecretIsInAnythingThatAnInstallationShowsSendsOrKeeps(TestReporter report) throws Exception {
        for (String name : List.of(
                "gateway key",
                "first key of a project",
                "key of a project",
                "named key of a project",
                "wallet's key",
                "key in a mistake")) {
            canaries.put(name, "sk-" + random());
        }
        for (String name :
                List.of("collector's credential", "webhook's secret", "client secret", "prompt", "query", "baggage")) {
            canaries.put(name, "c" + random());
        }
        Path seen = Files.createDirectory(folder.resolve("seen"));
        Path store = folder.resolve("data");
        Path log = seen.resolve("log");
        try (Surroundings around =
                Surroundings.start(folder, canaries.values().stream().limit(5).toArray(String[]::new))) {
            try (ChildProcess gateway = start(around, store, log)) {
                data = gateway.awaitLine("^ready (http://\\S+)", PATIENCE).group(1);
                management = Files.readString(store.resolve("management-token")).strip();
                secretsOf(store);
                walk = new ManagementWalk(http, manage, management, folder("answers"));
                manageProjects();
                signIn(around);
                useAsClients();
                useAsWallet();
                String event = awaitExports(around);
                walkEverything(event);
                lookAtPages(event);
                assertThat(around.provider().lastRequest().bodyText()).isNotEmpty();
                assertThat(around.redeemed()).contains("Basic ");
                assertThat(leaks(seen, store))
                        .as(() -> String.join(
                                "\n",
                                leaks(seen, store).stream()
                                        .map(CanaryScan::context)
                                        .toList()))
                        .isEmpty();
                gateway.terminate(PATIENCE);
            }
            Files.write(seen.resolve("spans"), around.collector().bytes());
            Files.write(seen.resolve("webhook"), around.hooked());
            Files.write(seen.resolve("syslog"), around.logged());
        }

        List<CanaryScan.Finding> leaks = leaks(seen, store);
        assertThat(leaks)
                .as(() -> CanaryScan.counts(leaks) + "\n"
                        + String.join(
                                "\n", leaks.stream().map(CanaryScan::context).toList()))
                .isEmpty();
        assertThat(channelsOf(new CanaryScan(Map.of("marker", MARKER)).files(seen, store)))
                .as("where a text that is no secret comes out")
                .contains("answers", "pages", "log", "spans", "webhook", "syslog", "store");
        assertThat(foundWherePlanted(seen, store)).isEqualTo(channels(seen, store));
        report.publishEntry(
                "looked for and at",
                canaries.size() + keys.size() + " secrets, " + walk().answers() + " answers, "
                        + count(seen.resolve("pages")) + " pages, " + count(store) + " files of the store");
    }

    private ChildProcess start(Surroundings around, Path store, Path log) throws IOException {
        int port = Ports.free();
        manage = "http://127.0.0.1:" + port;
        Path secrets = Files.createDirectory(folder.resolve("secrets"));
        secret(secrets, "headers", "x-key=" + canary("collector's credential"));
        secret(secrets, "hook", canary("webhook's secret"));
        secret(secrets, "oidc", canary("client secret"));
        secret(secrets, "key", canary("gateway key"));
        Path config = Files.writeString(
                folder.resolve("config.yaml"),
                """
                server: { port: 0 }
                management:
                  listen: "127.0.0.1:%1$d"
                  admin_ui: { origin: "%2$s" }
                  oidc: { issuer: "%3$s", client_id: gateway, client_secret: "file:%4$s/oidc", roles: { admin: [ platform ] } }
                fhe: { enabled: true, listen: "127.0.0.1:0" }
                cache: { enabled: true, policy: full }
                logging: { components: { io.latticegate: trace, io.opentelemetry: trace } }
                models:
                  %6$s: { provider: openai, upstream_model: gpt-4o-mini, price_in: 100, price_out: 100 }
                providers:
                  openai: { base_url: "%5$s/v1", allow_http: true, allow_private: true, api_key: "file:%4$s/key" }
                """.formatted(
                                        port,
                                        manage,
                                        around.issuer(),
                                        secrets,
                                        around.provider().url(),
                                        MARKER)
                        + around.yaml(secrets));
        return JavaProcess.of("io.latticegate.standalone.StandaloneMain")
                .arguments("up", "--config", config.toString(), "--data", store.toString())
                .environment("DEBUG", "true")
                .jvm("-Xmx384m")
                .directory(folder)
                .output(log)
                .start();
    }

    private void secretsOf(Path store) throws IOException {
        canaries.put("management token", management);
        canaries.put(
                "token pepper", Files.readString(store.resolve("token-pepper")).strip());
        for (String file : List.of("audit-key", "vault-key")) {
            keys.put(
                    file,
                    Base64.getDecoder()
                            .decode(Files.readString(store.resolve(file)).strip()));
        }
    }

    private void manageProjects() throws IOException, InterruptedException {
        JsonObject made = call(
                "POST",
                "/manage/projects",
                "{\"name\":\"" + MARKER + "\",\"api_key\":\"%s\"}",
                "first key of a project");
        project = made.getString("id");
        JsonObject unusedNamed = call(
                "POST",
                "/manage/projects/" + project + "/keys",
                "{\"name\":\"second\",\"api_key\":\"%s\"}",
                "named key of a project");
        JsonObject unusedReplaced =
                call("PATCH", "/manage/projects/" + project, "{\"api_key\":\"%s\"}", "key of a project");
        for (String name : List.of("revoked token", "token")) {
            JsonObject token = call(
                    "POST",
                    "/manage/tokens",
                    "{\"project_id\":\"" + project + "\",\"duration_minutes\":60}",
                    "gateway key");
            canaries.put(name, token.getString("token"));
            tokenId = token.getString("id");
            if (name.startsWith("revoked")) {
                assertThat(send("DELETE", "/manage/tokens/" + tokenId, "").statusCode())
                        .isEqualTo(204);
            }
        }
        canaries.put("unknown token", "sk-" + random().substring(0, 22));
        JsonObject created =
                call("POST", "/manage/principals", "{\"name\":\"" + MARKER + "\",\"role\":\"admin\"}", "gateway key");
        principal = created.getString("id");
        canaries.put("first token of a principal", created.getString("token"));
        canaries.put(
                "token of a principal",
                call("POST", "/manage/principals/" + principal + "/rotate", "", "gateway key")
                        .getString("token"));
        JsonObject unusedRotation = call("POST", "/manage/vault/rotate", "{\"what\":\"dek\"}", "gateway key");
    }

    /** With a token, and in vain through the identity provider, which learns the client's secret and gives it back. */
    private void signIn(Surroundings around) throws IOException, InterruptedException {
        HttpResponse<String> signedIn = http.send(
                request("POST", "/admin/api/session", "{\"token\":\"" + canary("token of a principal") + "\"}")
                        .build(),
                BodyHandlers.ofString());
        assertThat(signedIn.statusCode()).as(signedIn.body()).isEqualTo(204);
        String cookie = cookie(signedIn);
        canaries.put("session", cookie.substring(cookie.indexOf('=') + 1));
        for (String path : List.of("/manage/projects", "/manage/principals", "/admin", "/manage/config")) {
            assertThat(walk().read(manage + path, "Cookie", cookie).statusCode())
                    .isEqualTo(200);
        }
        HttpResponse<String> toProvider = http.send(
                HttpRequest.newBuilder(URI.create(manage + "/admin/oidc/login")).build(), BodyHandlers.ofString());
        assertThat(toProvider.statusCode()).isEqualTo(303);
        String attempt = cookie(toProvider);
        canaries.put("attempt to sign in", attempt.substring(attempt.indexOf('=') + 1));
        String location = toProvider.headers().firstValue("Location").orElseThrow();
        String state = location.replaceFirst(".*[?&]state=([^&]*).*", "$1");
        canaries.put("code", "code" + random());
        assertThat(walk().read(
                                manage + "/admin/oidc/callback?code=" + canary("code") + "&state=" + state,
                                "Cookie",
                                attempt)
                        .statusCode())
                .isBetween(300, 499);
        assertThat(around.redeemed()).contains(canary("code"));
    }

    private void useAsClients() throws IOException, InterruptedException {
        String token = canary("token");
        for (String model : List.of(MARKER, "gpt-4o-mini+status=500", "gpt-4o-mini+status=400", "gpt-4o-mini+cut=0")) {
            for (boolean stream : new boolean[] {true, false}) {
                requestId = chat(token, model, stream);
            }
        }
        requestId = chat(token, MARKER, false);
        chat(canary("unknown token"), MARKER, false);
        chat(canary("revoked token"), MARKER, false);
        assertThat(walk().read(data + "/v1/models", "Authorization", "Bearer " + token)
                        .statusCode())
                .isEqualTo(200);
        walk().read(data + "/v1/nothing", "Authorization", "Bearer " + token);
        for (String body : List.of(prompt("\"" + MARKER + "\"", false) + "}", prompt("7", true), "{}")) {
            assertThat(walk().send(ask("/v1/chat/completions", token, body)).statusCode())
                    .isBetween(400, 499);
        }
    }

    /** @return the request's id */
    private String chat(String bearer, String model, boolean stream) throws IOException, InterruptedException {
        HttpRequest request = ask("/v1/chat/completions", bearer, prompt("\"" + model + "\"", stream))
                .build();
        try {
            HttpResponse<String> answer = http.send(request, BodyHandlers.ofString());
            return answer.headers().firstValue("X-Request-ID").orElse("");
        } catch (IOException brokenOff) {
            assertThat(model).contains("cut");
            return "";
        }
    }

    private HttpRequest.Builder ask(String path, String bearer, String body) {
        return HttpRequest.newBuilder(URI.create(data + path + "?note=" + canary("query")))
                .header("Authorization", "Bearer " + bearer)
                .header("Content-Type", "application/json")
                .header("User-Agent", MARKER)
                .header("X-Correlation-ID", MARKER)
                .header("baggage", "user=" + canary("baggage"))
                .header("tracestate", "vendor=" + canary("baggage"))
                .POST(BodyPublishers.ofString(body));
    }

    private String prompt(String model, boolean stream) {
        return "{\"model\":" + model + ",\"stream\":" + stream + ",\"messages\":[{\"role\":\"user\",\"content\":\""
                + canary("prompt") + "\"}]}";
    }

    /** Keeps a key, asks, and asks what that came to; each under a signature that nobody else may learn. */
    private void useAsWallet() throws IOException, InterruptedException {
        TestWallet.Signed stored = wallet.store("openai", canary("wallet's key"));
        TestWallet.Signed asked = wallet.request(canary("prompt"), "gpt-4o-mini", System.currentTimeMillis());
        long now = System.currentTimeMillis() / 1_000;
        canaries.put("signature that keeps a key", stored.signature());
        canaries.put("signature of a question", asked.signature());
        canaries.put("signature that asks for usage", wallet.usageQuery(now));
        assertThat(http.send(signed("/api/vault/store", stored).build(), BodyHandlers.ofString())
                        .statusCode())
                .isEqualTo(200);
        HttpRequest.Builder question = signed("/api/llm/proxy", asked);
        assertThat(http.send(question.build(), BodyHandlers.ofString()).body()).contains(canary("prompt"));
        assertThat(walk().send(question).statusCode()).as("the same once more").isEqualTo(401);
        assertThat(walk().read(
                                data + "/api/usage/" + wallet.address(),
                                "X-Wallet-Signature",
                                canary("signature that asks for usage"),
                                "X-Wallet-Timestamp",
                                Long.toString(now))
                        .statusCode())
                .isEqualTo(200);
    }

    private HttpRequest.Builder signed(String path, TestWallet.Signed body) {
        return HttpRequest.newBuilder(URI.create(data + path))
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(body.body()));
    }

    /** @return an event of a client's request */
    private String awaitExports(Surroundings around) throws InterruptedException {
        Await.until(
                PATIENCE,
                "the marker at both receivers",
                () -> text(around.hooked()).contains(MARKER)
                        && text(around.logged()).contains(MARKER));
        Await.until(PATIENCE, "an alert", () -> text(around.hooked()).contains("\"rule\":\"costs\""));
        return Await.value(PATIENCE, "a proved event", () -> {
            JsonArray events = json("/manage/audit?request_id=" + requestId).getJsonArray("events");
            return events.stream()
                    .map(event -> ((JsonObject) event).getString("id"))
                    .filter(id -> json("/manage/audit/" + id + "/proof").containsKey("leaf_index"))
                    .findFirst();
        });
    }

    private void walkEverything(String event) throws IOException, InterruptedException {
        String tile = "/manage/audit/tile/";
        List<String> absent = List.of(tile + "0/000", tile + "0/x001/000.p/1", tile + "0/x001/x001/000.p/1");
        Map<String, List<String>> places = Map.ofEntries(
                Map.entry("/manage/projects/{id}", List.of("/manage/projects/" + project)),
                Map.entry("/manage/projects/{id}/keys", List.of("/manage/projects/" + project + "/keys")),
                Map.entry(
                        "/manage/projects/{id}/tokens/revoke",
                        List.of("/manage/projects/" + UUID.randomUUID() + "/tokens/revoke")),
                Map.entry(
                        "/manage/projects/{id}/keys/{provider}/{name}",
                        List.of("/manage/projects/" + project + "/keys/openai/nothing")),
                Map.entry("/manage/tokens/{id}", List.of("/manage/tokens/" + tokenId)),
                Map.entry("/manage/principals/{id}", List.of("/manage/principals/" + principal)),
                Map.entry(
                        "/manage/principals/{id}/rotate",
                        List.of("/manage/principals/" + UUID.randomUUID() + "/rotate")),
                Map.entry("/manage/audit/{id}", List.of("/manage/audit/" + event)),
                Map.entry("/manage/audit/{id}/proof", List.of("/manage/audit/" + event + "/proof")),
                Map.entry("/manage/config/versions/{version}", List.of("/manage/config/versions/1")),
                Map.entry("/manage/config/versions/{version}/rollback", List.of("/manage/config/versions/1/rollback")),
                Map.entry("/manage/requests/{id}", List.of("/manage/requests/" + requestId)),
                Map.entry("/manage/usage/wallets/{wallet}", List.of("/manage/usage/wallets/" + wallet.address())),
                Map.entry("/manage/audit/tile/{a}/{b}", List.of(absent.getFirst())),
                Map.entry("/manage/audit/tile/{a}/{b}/{c}", List.of(tile + "0/000.p/2", tile + "entries/000.p/20")),
                Map.entry("/manage/audit/tile/{a}/{b}/{c}/{d}", List.of(absent.get(1))),
                Map.entry("/manage/audit/tile/{a}/{b}/{c}/{d}/{e}", List.of(absent.get(2))));
        walk().mistakes(places, canary("key in a mistake"));
        walk().reads(places, absent);
        for (String accept : List.of("text/plain", "application/openmetrics-text", "application/json")) {
            assertThat(walk().read(manage + "/metrics", "Accept", accept).statusCode())
                    .isEqualTo(200);
        }
        for (String path : List.of(
                "/health",
                "/ready",
                "/live",
                "/health/ready",
                "/health/providers",
                "/metrics/prometheus",
                "/nothing")) {
            walk().read(manage + path);
            walk().read(data + path);
        }
        for (String bearer : List.of(management, canary("token"), canary("first token of a principal"))) {
            walk().read(manage + "/config", "Authorization", "Bearer " + bearer);
        }
        walk().read(manage + "/health/providers", "Authorization", "Bearer " + management);
    }

    private void lookAtPages(String event) throws IOException {
        Path cookies = folder.resolve("cookies");
        NodeClients.Result result = NodeClients.browser()
                .run(
                        "kept.test.mjs",
                        Map.of(
                                "LG_UI_URL",
                                manage,
                                "LG_MANAGEMENT_TOKEN",
                                management,
                                "LG_COOKIES",
                                cookies.toString(),
                                "LG_KEPT",
                                folder("pages").toString(),
                                "LG_PAGES",
                                "/admin/projects/" + project + " /admin/requests/" + requestId + " /admin/audit/"
                                        + event),
                        PATIENCE);
        assertThat(result.good()).as(result.output()).isTrue();
        new JsonArray(Files.readString(cookies))
                .forEach(cookie -> canaries.put("cookie of the browser " + canaries.size(), (String) cookie));
    }

    /** Secrets that stand anywhere but in their own files. */
    private List<CanaryScan.Finding> leaks(Path... roots) {
        List<CanaryScan.Finding> found = new CanaryScan(canaries, keys).files(roots);
        return found.stream()
                .filter(finding ->
                        !SECRET_FILES.contains(finding.file().getFileName().toString())
                                || !finding.canary()
                                        .replace(' ', '-')
                                        .equals(finding.file().getFileName().toString()))
                .toList();
    }

    /** Puts a secret into something of each channel, and says in which it was found. */
    private Set<String> foundWherePlanted(Path seen, Path store) throws IOException {
        String credentials = Base64.getEncoder().encodeToString(("user:" + canary("key of a project")).getBytes(UTF_8));
        List<CanaryScan.Finding> found = new ArrayList<>();
        for (Path file : everyFile(seen, store)) {
            if (found.stream().noneMatch(one -> channel(one.file()).equals(channel(file)))) {
                byte[] before = Files.readAllBytes(file);
                Files.writeString(file, new String(before, UTF_8) + credentials);
                found.addAll(leaks(file));
                Files.write(file, before);
            }
        }
        return channelsOf(found);
    }

    private Set<String> channels(Path seen, Path store) throws IOException {
        Set<String> channels = new TreeSet<>();
        everyFile(seen, store).forEach(file -> channels.add(channel(file)));
        return channels;
    }

    private Set<String> channelsOf(List<CanaryScan.Finding> findings) {
        Set<String> channels = new TreeSet<>();
        findings.forEach(finding -> channels.add(channel(finding.file())));
        return channels;
    }

    /** A folder or file of what was seen, or the store. */
    private String channel(Path file) {
        Path relative = folder.relativize(file);
        return relative.startsWith("data") ? "store" : relative.getName(1).toString();
    }

    private static List<Path> everyFile(Path... roots) throws IOException {
        List<Path> all = new ArrayList<>();
        for (Path root : roots) {
            try (Stream<Path> files = Files.walk(root)) {
                files.filter(Files::isRegularFile).forEach(all::add);
            }
        }
        return all;
    }

    private static int count(Path root) throws IOException {
        return everyFile(root).size();
    }

    private String canary(String name) {
        return requireNonNull(canaries.get(name), name);
    }

    private ManagementWalk walk() {
        return requireNonNull(walk);
    }

    private Path folder(String name) throws IOException {
        return Files.createDirectories(folder.resolve("seen").resolve(name));
    }

    private JsonObject json(String path) {
        try {
            return new JsonObject(send("GET", path, "").body());
        } catch (IOException | InterruptedException fault) {
            throw new AssertionError(fault);
        }
    }

    /** @param secret name of the canary that stands for %s */
    private JsonObject call(String method, String path, String body, String secret)
            throws IOException, InterruptedException {
        HttpResponse<String> answer = send(method, path, body.formatted(canary(secret)));
        assertThat(answer.statusCode()).as(path + " " + answer.body()).isBetween(200, 299);
        return new JsonObject(answer.body());
    }

    private HttpResponse<String> send(String method, String path, String body)
            throws IOException, InterruptedException {
        return http.send(
                request(method, path, body)
                        .header("Authorization", "Bearer " + management)
                        .build(),
                BodyHandlers.ofString());
    }

    private HttpRequest.Builder request(String method, String path, String body) {
        return HttpRequest.newBuilder(URI.create(manage + path))
                .header("Content-Type", "application/json")
                .method(method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
    }

    private static String cookie(HttpResponse<?> answer) {
        return answer.headers().firstValue("Set-Cookie").orElseThrow().replaceFirst(";.*", "");
    }

    private static void secret(Path folder, String name, String text) throws IOException {
        Path file = Files.writeString(folder.resolve(name), text);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    }

    private static String text(byte[] bytes) {
        return new String(bytes, UTF_8);
    }

    private static String random() {
        return UUID.randomUUID().toString().replace("-", "");
    }
}
