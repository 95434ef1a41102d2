package io.latticegate.admin.manage;

import static org.assertj.core.api.Assertions.assertThat;

import io.latticegate.common.contract.AuthApi;
import io.latticegate.common.value.AccessToken;
import io.latticegate.testing.FakeTime;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TokenCallsTest {
    private static final String START = FakeTime.START.toString();
    private static final String UNKNOWN = "01890000-0000-7000-8000-000000000000";

    @TempDir
    private Path directory;

    private AdminStack admin;
    private String project;

    @BeforeEach
    void start() {
        admin = new AdminStack(directory);
        project = admin.project("tokens");
    }

    @AfterEach
    void stop() {
        admin.close();
    }

    @Test
    void makesATokenThatIsShownOnce() {
        AdminStack.Reply made = create("\"duration_minutes\":60,\"max_requests\":5");

        assertThat(made.status()).isEqualTo(200);
        String token = made.object().getString("token");
        String id = made.object().getString("id");
        assertThat(token).matches("^sk-[A-Za-z0-9_-]{22}$");
        assertThat(made.object())
                .isEqualTo(new JsonObject()
                        .put("id", id)
                        .put("token", token)
                        .put(
                                "expires_at",
                                FakeTime.START.plus(Duration.ofHours(1)).toString())
                        .put("max_requests", 5));
        try (AccessToken presented = AccessToken.of(token)) {
            assertThat(admin.auth.idOf(presented.digest())).isEqualTo(id);
        }
        String listed = admin.get("/manage/tokens/" + id).object().getString("token");
        assertThat(listed).isEqualTo(token.substring(0, 7) + "*".repeat(14) + token.substring(21));
    }

    @Test
    void leavesOutLimitsThatAreNotSet() {
        assertThat(create("\"duration_minutes\":60,\"max_requests\":0").object().fieldNames())
                .containsExactly("id", "token", "expires_at");
    }

    @Test
    void limitsModelTokensAndMoneyToo() {
        JsonObject made = create("\"duration_minutes\":60,\"max_tokens\":1000,\"max_cost_usd\":2.5")
                .object();

        assertThat(made.getLong("max_tokens")).isEqualTo(1_000);
        assertThat(made.getDouble("max_cost_usd")).isEqualTo(2.5);
        AuthApi.Token stored = admin.auth.tokens().getFirst();
        assertThat(stored.limits().tokens()).isEqualTo(1_000);
        assertThat(stored.limits().microUsd()).isEqualTo(2_500_000);
    }

    @Test
    void showsATokenFieldByField() {
        String id =
                create("\"duration_minutes\":60,\"max_requests\":5").object().getString("id");
        admin.time.advance(Duration.ofSeconds(7));
        admin.auth.use(id, 3, 120, 1_500);

        AdminStack.Reply shown = admin.get("/manage/tokens/" + id);

        assertThat(shown.status()).isEqualTo(200);
        assertThat(shown.object())
                .isEqualTo(new JsonObject()
                        .put("id", id)
                        .put("token", admin.auth.tokens().getFirst().obfuscated())
                        .put("project_id", project)
                        .put(
                                "expires_at",
                                FakeTime.START.plus(Duration.ofHours(1)).toString())
                        .put("is_active", true)
                        .put("request_count", 3)
                        .put("max_requests", 5)
                        .put("created_at", START)
                        .put("last_used_at", FakeTime.START.plusSeconds(7).toString())
                        .put("cache_hit_count", 0)
                        .put("token_count", 120)
                        .putNull("max_tokens")
                        .put("cost_usd", 0.0015)
                        .putNull("max_cost_usd"));
        assertThat(admin.get("/manage/tokens").array().getJsonObject(0)).isEqualTo(shown.object());
    }

    @Test
    void listsByProjectAndByUsability() {
        String other = admin.project("other");
        String revoked = admin.token(project).getString("id");
        admin.delete("/manage/tokens/" + revoked);
        admin.token(project);
        admin.token(other);

        assertThat(admin.get("/manage/tokens").array()).hasSize(3);
        assertThat(admin.get("/manage/tokens?projectId=" + project).array()).hasSize(2);
        assertThat(admin.get("/manage/tokens?projectId=" + project + "&activeOnly=true")
                        .array())
                .hasSize(1);
        assertThat(admin.get("/manage/tokens?active_only=1").array()).hasSize(2);
        admin.time.advance(Duration.ofHours(2));
        assertThat(admin.get("/manage/tokens?active_only=true").array()).isEmpty();
    }

    @Test
    void keepsTheFilterInTheLinkToTheNextPage() {
        admin.token(project);
        admin.token(project);

        assertThat(admin.get("/manage/tokens?projectId=" + project + "&limit=1").header("Link"))
                .isEqualTo("</manage/tokens?limit=1&after="
                        + admin.auth.tokens().getFirst().id() + "&projectId=" + project + ">; rel=\"next\"");
    }

    @Test
    void changesActivityAndLimit() {
        String id = admin.token(project).getString("id");

        AdminStack.Reply changed = admin.patch("/manage/tokens/" + id, "{\"is_active\":false,\"max_requests\":9}");

        assertThat(changed.status()).isEqualTo(200);
        assertThat(changed.object().getBoolean("is_active")).isFalse();
        assertThat(changed.object().getInteger("max_requests")).isEqualTo(9);
        assertThat(admin.patch("/manage/tokens/" + id, "{\"max_requests\":0}")
                        .object()
                        .getValue("max_requests"))
                .isNull();
        AdminStack.Reply nothing = admin.patch("/manage/tokens/" + id, "{}");
        assertThat(nothing.status()).isEqualTo(400);
        assertThat(nothing.object()).isEqualTo(new JsonObject().put("error", "no fields to update"));
    }

    @Test
    void revokesAsOftenAsAsked() {
        String id = admin.token(project).getString("id");

        for (int i = 0; i < 2; i++) {
            AdminStack.Reply revoked = admin.delete("/manage/tokens/" + id);
            assertThat(revoked.status()).isEqualTo(204);
            assertThat(revoked.text()).isEmpty();
        }

        assertThat(admin.auth.tokens().getFirst().active()).isFalse();
    }

    @Test
    void makesNoTokenForAnInactiveOrUnknownProject() {
        admin.patch("/manage/projects/" + project, "{\"is_active\":false}");

        AdminStack.Reply inactive = create("\"duration_minutes\":60");

        assertThat(inactive.status()).isEqualTo(403);
        assertThat(inactive.object())
                .isEqualTo(new JsonObject()
                        .put("error", "cannot create tokens for inactive projects")
                        .put("code", "project_inactive"));
        AdminStack.Reply unknown =
                admin.post("/manage/tokens", "{\"project_id\":\"" + UNKNOWN + "\",\"duration_minutes\":1}");
        assertThat(unknown.status()).isEqualTo(404);
        assertThat(unknown.object()).isEqualTo(new JsonObject().put("error", "project not found"));
        assertThat(admin.auth.tokens()).isEmpty();
    }

    @Test
    void knowsNoOtherToken() {
        JsonObject notFound = new JsonObject().put("error", "token not found");

        assertThat(admin.get("/manage/tokens/" + UNKNOWN).object()).isEqualTo(notFound);
        assertThat(admin.patch("/manage/tokens/" + UNKNOWN, "{\"is_active\":false}")
                        .object())
                .isEqualTo(notFound);
        assertThat(admin.delete("/manage/tokens/" + UNKNOWN).object()).isEqualTo(notFound);
        assertThat(admin.delete("/manage/tokens/" + UNKNOWN).status()).isEqualTo(404);
    }

    @Test
    void livesADayWhereNoDurationIsNamed() {
        assertThat(admin.post("/manage/tokens", "{\"project_id\":\"" + project + "\"}")
                        .object()
                        .getString("expires_at"))
                .isEqualTo(FakeTime.START.plus(Duration.ofDays(1)).toString());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    "duration_minutes":0 | duration_minutes must be 1 to 525600
                    "duration_minutes":-1 | duration_minutes must be 1 to 525600
                    "duration_minutes":525601 | duration_minutes must be 1 to 525600
                    "duration_minutes":1.5 | duration_minutes must be a whole number
                    "duration_minutes":"60" | duration_minutes must be a whole number
                    "duration_minutes":99999999999999999999 | duration_minutes must be a whole number
                    "max_requests":-1 | max_requests must be 0 (no limit) to 1000000000000000
                    "max_requests":9223372036854775807 | max_requests must be 0 (no limit) to 1000000000000000
                    "max_tokens":-1 | max_tokens must be 0 (no limit) to 1000000000000000
                    "max_cost_usd":-0.01 | max_cost_usd must be 0 (no limit) to 1000000000 with at most 6 decimal places
                    "max_cost_usd":0.0000001 | max_cost_usd must be 0 (no limit) to 1000000000 with at most 6 decimal places
                    "max_cost_usd":1e999999999 | max_cost_usd must be 0 (no limit) to 1000000000 with at most 6 decimal places
                    "max_cost_usd":"1" | max_cost_usd must be a number
                    """)
    void refusesNumbersOutOfBounds(String member, String error) {
        AdminStack.Reply refused = create(member);

        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.object()).isEqualTo(new JsonObject().put("error", error));
        assertThat(admin.auth.tokens()).isEmpty();
    }

    private AdminStack.Reply create(String members) {
        return admin.post("/manage/tokens", "{\"project_id\":\"" + project + "\"," + members + "}");
    }
}
