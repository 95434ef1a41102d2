package io.latticegate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.latticegate.common.value.Allowance;
import io.latticegate.testing.Await;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Walk E: a key-encryption key is replaced while clients use the keys that it protects. Every request is the first of its
 * project, so each leases a key from the vault; none fails. At the end the former key is not needed any more.
 */
final class VaultRotationTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final int PROJECTS = 120;

    @TempDir
    private Path directory;

    @Test
    void theFormerKeyGoesWhileEveryRequestIsServed() throws Exception {
        Path data = Files.createDirectory(directory.resolve("data"));
        Map<String, String> former = key("former");
        Map<String, String> next = key("next");
        List<String> tokens = new ArrayList<>();
        try (LocalStack stack = stack(data, "former", List.of(former))) {
            for (int i = 0; i < PROJECTS; i++) {
                String project = stack.project("rotated-" + i);
                stack.storeKey(project, "openai", providerKey(i));
                tokens.add(stack.token(project, Allowance.WITHOUT_LIMIT));
            }
        }
        try (LocalStack stack = stack(data, "next", List.of(former, next));
                ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor();
                HttpClient http = HttpClient.newHttpClient()) {
            stack.openai().acceptOnly(providerKeys());
            long records = manage(http, stack, "GET", "/manage/vault", "").getLong("records");
            assertThat(protectedBy(http, stack, "former")).isGreaterThanOrEqualTo(PROJECTS);
            AtomicInteger upcoming = new AtomicInteger();
            List<Future<List<Integer>>> asking = new ArrayList<>();
            for (int client = 0; client < 2; client++) {
                asking.add(clients.submit(() -> {
                    List<Integer> statuses = new ArrayList<>();
                    for (int i = upcoming.getAndIncrement(); i < PROJECTS; i = upcoming.getAndIncrement()) {
                        statuses.add(chat(http, stack, tokens.get(i)));
                    }
                    return statuses;
                }));
            }
            rotate(http, stack, "kek");
            do {
                rotate(http, stack, "dek");
            } while (upcoming.get() < PROJECTS);

            List<Integer> statuses = new ArrayList<>();
            for (Future<List<Integer>> client : asking) {
                statuses.addAll(client.get());
            }
            assertThat(statuses).hasSize(PROJECTS).containsOnly(200);
            assertThat(protectedBy(http, stack, "former")).isZero();
            assertThat(protectedBy(http, stack, "next")).isEqualTo(records);
            JsonArray keys = manage(http, stack, "GET", "/manage/vault/keys?limit=1000", "")
                    .getJsonArray("keys");
            assertThat(keys).hasSizeGreaterThanOrEqualTo(PROJECTS).allSatisfy(key -> {
                assertThat(((JsonObject) key).getString("kek")).isEqualTo("next");
                assertThat(((JsonObject) key).getString("rotated_at")).isNotEmpty();
            });
        }
        try (LocalStack stack = stack(data, "next", List.of(next));
                HttpClient http = HttpClient.newHttpClient()) {
            stack.openai().acceptOnly(providerKeys());
            for (int i = 0; i < PROJECTS; i += 10) {
                assertThat(chat(http, stack, tokens.get(i))).isEqualTo(200);
            }
        }
    }

    private static LocalStack stack(Path data, String active, List<Map<String, String>> keys) {
        return LocalStack.with()
                .folder(data)
                .setting("auth.token_pepper", "the same in every process of this test")
                .setting("encryption.keys", keys)
                .setting("encryption.active", active)
                .start();
    }

    private static void rotate(HttpClient http, LocalStack stack, String what) {
        String id = manage(http, stack, "POST", "/manage/vault/rotate", "{\"what\":\"" + what + "\"}")
                .getString("id");
        JsonObject ended = Await.value(
                PATIENCE,
                "the end of the rotation",
                () -> Optional.of(
                                manage(http, stack, "GET", "/manage/vault", "").getJsonObject("rotation"))
                        .filter(rotation -> !rotation.getString("state").equals("running")));
        assertThat(ended.getString("id")).isEqualTo(id);
        assertThat(ended.getString("state")).as(ended.encode()).isEqualTo("done");
        assertThat(ended.getLong("done")).isEqualTo(ended.getLong("total"));
    }

    private static long protectedBy(HttpClient http, LocalStack stack, String kek) {
        return manage(http, stack, "GET", "/manage/vault", "").getJsonArray("keks").stream()
                .map(JsonObject.class::cast)
                .filter(one -> one.getString("id").equals(kek))
                .mapToLong(one -> one.getLong("records"))
                .sum();
    }

    private static JsonObject manage(HttpClient http, LocalStack stack, String method, String path, String body) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(stack.managementUrl() + path))
                .header("Authorization", "Bearer " + LocalStack.MANAGEMENT_TOKEN)
                .method(method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
        HttpResponse<String> answer =
                send(http, body.isEmpty() ? request : request.header("Content-Type", "application/json"));
        assertThat(answer.statusCode()).as(path + " " + answer.body()).isLessThan(300);
        return new JsonObject(answer.body());
    }

    private static int chat(HttpClient http, LocalStack stack, String token) {
        return send(
                        http,
                        HttpRequest.newBuilder(stack.uri("/v1/chat/completions"))
                                .header("Authorization", "Bearer " + token)
                                .header("Content-Type", "application/json")
                                .POST(
                                        BodyPublishers.ofString(
                                                "{\"model\":\"gpt-4o\",\"messages\":[{\"role\":\"user\",\"content\":\"one\"}]}")))
                .statusCode();
    }

    private static HttpResponse<String> send(HttpClient http, HttpRequest.Builder request) {
        try {
            return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
        } catch (IOException fault) {
            throw new AssertionError(fault);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new AssertionError(stopped);
        }
    }

    private static String providerKey(int project) {
        return "sk-of-project-" + project + "-under-rotation";
    }

    private static String[] providerKeys() {
        String[] keys = new String[PROJECTS];
        for (int i = 0; i < PROJECTS; i++) {
            keys[i] = providerKey(i);
        }
        return keys;
    }

    private Map<String, String> key(String id) throws IOException {
        byte[] key = new byte[32];
        new SecureRandom().nextBytes(key);
        Path file = Files.writeString(directory.resolve(id), Base64.getEncoder().encodeToString(key));
        return Map.of("id", id, "source", "file:" + file);
    }
}
