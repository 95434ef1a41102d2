package io.latticegate.admin.manage;

import static org.assertj.core.api.Assertions.assertThat;

import io.latticegate.admin.manage.AdminStack.Reply;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The effective configuration shows every setting and no secret, wherever one may stand. */
class EffectiveConfigTest {
    private static final String CANARY = "canary-5c0ff1e5c0ff1e5c0ff1e";
    private static final String SECRETS = """
        providers:
          openai: { api_key: sk-%1$s-a }
          anthropic: { api_keys: [ { name: first, key: sk-%1$s-b }, { name: second, key: sk-%1$s-a } ] }
        redis: { url: 'redis://user:%1$s@redis.example.com:6379' }
        auth: { token_pepper: %1$s-pepper-of-at-least-32-bytes }
        """.formatted(CANARY);

    @TempDir
    private Path directory;

    @Test
    void showsEverySettingWithItsSourceAndNoSecret() {
        try (AdminStack stack = new AdminStack(directory, true, "", SECRETS)) {
            for (String path : List.of("/manage/config/effective", "/config")) {
                Reply reply = stack.get(path);
                assertThat(reply.status()).as(reply.text()).isEqualTo(200);
                assertThat(reply.text()).doesNotContain(CANARY).doesNotContain(AdminStack.TOKEN);
                Map<String, JsonObject> settings = settings(reply);
                assertThat(settings.size()).isGreaterThan(150);
                JsonObject listen = at(settings, "management.listen");
                assertThat(listen.getString("value")).isEqualTo("127.0.0.1:0");
                assertThat(listen.getString("source")).isEqualTo("text:2");
                assertThat(listen.getString("default")).isEqualTo("0.0.0.0:8081");
                assertThat(at(settings, "server.port").getString("source")).isEqualTo("default");
                assertThat(at(settings, "redis.url").getString("value")).doesNotContain("user");
            }
        }
    }

    @Test
    void secretsHaveAFingerprintThatTellsWhichAreTheSame() {
        try (AdminStack stack = new AdminStack(directory, true, "", SECRETS)) {
            Map<String, JsonObject> settings = settings(stack.get("/config"));
            JsonObject openai = at(settings, "providers.openai.api_key");
            assertThat(openai.getString("value")).isEqualTo("***");
            assertThat(openai.getBoolean("secret")).isTrue();
            assertThat(openai.getString("fingerprint")).matches("[0-9a-f]{12}");
            List<String> anthropic = settings.entrySet().stream()
                    .filter(one -> one.getKey().startsWith("providers.anthropic.api_keys")
                            && one.getValue().getBoolean("secret"))
                    .map(one -> one.getValue().getString("fingerprint"))
                    .toList();
            assertThat(anthropic)
                    .hasSize(2)
                    .contains(openai.getString("fingerprint"))
                    .doesNotHaveDuplicates();
            assertThat(at(settings, "storage.password").getValue("fingerprint")).isNull();
        }
    }

    @Test
    void followsTheRulesInForce() {
        try (AdminStack stack = new AdminStack(directory, true, "", SECRETS)) {
            Reply changed = stack.send(stack.request("/manage/config")
                    .header("Content-Type", "application/merge-patch+json")
                    .header("If-Match", stack.get("/manage/config").header("ETag"))
                    .method(
                            "PATCH",
                            java.net.http.HttpRequest.BodyPublishers.ofString(
                                    "{\"routing\":{\"strategy\":\"usage\"}}")));
            assertThat(changed.status()).as(changed.text()).isEqualTo(200);

            Reply reply = stack.get("/config");

            assertThat(reply.object().getLong("version")).isEqualTo(2);
            Map<String, JsonObject> settings = settings(reply);
            assertThat(at(settings, "routing.strategy").getString("value")).isEqualTo("usage");
            assertThat(at(settings, "routing.strategy").getString("source")).isEqualTo("rules at run time");
            assertThat(at(settings, "providers.openai.api_key").getString("value"))
                    .isEqualTo("***");
            assertThat(at(settings, "management.listen").getString("source")).isEqualTo("text:2");
            assertThat(reply.text()).doesNotContain(CANARY);
        }
    }

    @Test
    void nobodySeesItWithoutTheToken() {
        try (AdminStack stack = new AdminStack(directory)) {
            assertThat(stack.send(stack.anonymous("/config").GET()).status()).isEqualTo(401);
            assertThat(stack.post("/config", "{}").status()).isEqualTo(405);
            assertThat(stack.get("/config/").status()).isEqualTo(404);
        }
    }

    private static JsonObject at(Map<String, JsonObject> settings, String path) {
        return Objects.requireNonNull(settings.get(path), path);
    }

    private static Map<String, JsonObject> settings(Reply reply) {
        return reply.object().getJsonArray("settings").stream()
                .map(JsonObject.class::cast)
                .collect(Collectors.toMap(setting -> setting.getString("path"), Function.identity()));
    }
}
