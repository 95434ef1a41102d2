package io.latticegate.admin.manage;

import static org.assertj.core.api.Assertions.assertThat;

import io.latticegate.admin.manage.AdminStack.Reply;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LoggingCallsTest {
    private static final String LOGGING = "/manage/logging";

    @TempDir
    private Path directory;

    @Test
    void keepsWhatIsSetAndGoesBackToTheConfiguration() {
        try (AdminStack stack = new AdminStack(directory)) {
            assertThat(stack.get(LOGGING).object())
                    .isEqualTo(new JsonObject()
                            .put("version", 0)
                            .put("level", "info")
                            .put("components", new JsonObject())
                            .put("configured_level", "info"));

            Reply set = stack.put(
                    LOGGING,
                    "{\"level\":\"warn\",\"components\":{\"gateway:router\":\"debug\",\"io.latticegate.vault\":\"error\"}}");

            assertThat(set.status()).as(set.text()).isEqualTo(200);
            assertThat(stack.get(LOGGING).object())
                    .isEqualTo(new JsonObject()
                            .put("version", 1)
                            .put("level", "warn")
                            .put(
                                    "components",
                                    new JsonObject()
                                            .put("io.latticegate.proxy.routing", "debug")
                                            .put("io.latticegate.vault", "error"))
                            .put("configured_level", "info"));
            assertThat(stack.put(LOGGING, "{}").object().getString("level")).isEqualTo("info");
            assertThat(stack.get(LOGGING).object().getJsonObject("components")).isEmpty();
            stack.deliverAudit();
            assertThat(stack.get("/manage/audit?action=logging.replace")
                            .object()
                            .getJsonArray("events")
                            .getJsonObject(1)
                            .getJsonObject("metadata")
                            .getString("components"))
                    .isEqualTo("io.latticegate.proxy.routing=debug,io.latticegate.vault=error");
        }
    }

    @Test
    void aRestartKeepsWhatIsSet() {
        try (AdminStack stack = new AdminStack(directory)) {
            stack.put(LOGGING, "{\"level\":\"error\"}");
        }
        try (AdminStack stack = new AdminStack(directory)) {
            assertThat(stack.get(LOGGING).object().getString("level")).isEqualTo("error");
        }
    }

    @Test
    void refusesWhatIsNoLevelNoLoggerOfOursOrTooMuch() {
        String many = IntStream.range(0, 101)
                .mapToObj(i -> "\"io.latticegate.x" + i + "\":\"debug\"")
                .collect(Collectors.joining(","));
        List<String> wrong = List.of(
                "[]",
                "{\"level\":\"loud\"}",
                "{\"level\":1}",
                "{\"level\":\"info\",\"level\":\"debug\"}",
                "{\"levels\":{}}",
                "{\"components\":[]}",
                "{\"components\":{\"io.netty\":\"debug\"}}",
                "{\"components\":{\"io.latticegateway\":\"debug\"}}",
                "{\"components\":{\"gateway:nothing\":\"debug\"}}",
                "{\"components\":{\"io.latticegate\":{\"x\":\"debug\"}}}",
                "{\"components\":{" + many + "}}",
                "{} {}",
                "{");
        try (AdminStack stack = new AdminStack(directory)) {
            for (String body : wrong) {
                Reply refused = stack.put(LOGGING, body);
                assertThat(refused.status()).as(body).isEqualTo(400);
            }
            assertThat(stack.get(LOGGING).object().getLong("version")).isZero();
            assertThat(stack.put(LOGGING, "{\"components\":{\"gateway:nothing\":\"debug\"}}")
                            .error())
                    .contains("gateway:router");
        }
    }
}
