package io.latticegate.admin.manage;

import static org.assertj.core.api.Assertions.assertThat;

import io.latticegate.testing.FakeTime;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProjectCallsTest {
    private static final String KEY = "sk-proj-0123456789abcdefWXYZ";
    private static final String SHOWN = "sk-proj-...WXYZ";
    private static final String START = FakeTime.START.toString();
    private static final String UNKNOWN = "01890000-0000-7000-8000-000000000000";

    @TempDir
    private Path directory;

    private AdminStack admin;

    @BeforeEach
    void start() {
        admin = new AdminStack(directory);
    }

    @AfterEach
    void stop() {
        admin.close();
    }

    @Test
    void createsAProjectAndShowsItsKeyObfuscatedOnly() {
        AdminStack.Reply created = admin.post("/manage/projects", "{\"name\":\"Shop\",\"api_key\":\"" + KEY + "\"}");

        assertThat(created.status()).isEqualTo(201);
        assertThat(created.header("Content-Type")).isEqualTo("application/json");
        assertThat(created.header("Cache-Control")).isEqualTo("no-store");
        assertThat(created.header("X-Request-ID")).startsWith("req_");
        JsonObject project = created.object();
        String id = project.getString("id");
        assertThat(project)
                .isEqualTo(new JsonObject()
                        .put("id", id)
                        .put("name", "Shop")
                        .put("api_key", SHOWN)
                        .put("is_active", true)
                        .put("created_at", START)
                        .put("updated_at", START)
                        .put("provider", "openai")
                        .put("api_keys", new JsonObject().put("openai", SHOWN)));
        assertThat(admin.vault.key(id, "openai")).isEqualTo(KEY);
        assertThat(admin.get("/manage/projects/" + id).object()).isEqualTo(project);
        assertThat(admin.get("/manage/projects").array().getJsonObject(0)).isEqualTo(project);
    }

    @Test
    void takesAKeyWrittenWithJsonEscapes() {
        String escaped = "\\u0073k-proj-0123\\/456\\\\789\\\"x";

        String id = admin.post("/manage/projects", "{\"name\":\"e\",\"api_key\":\"" + escaped + "\"}")
                .object()
                .getString("id");

        assertThat(admin.vault.key(id, "openai")).isEqualTo("sk-proj-0123/456\\789\"x");
    }

    @Test
    void refusesAKeyThatWasCopiedFromAListing() {
        for (String key : new String[] {SHOWN, "sk-p****WXYZ"}) {
            AdminStack.Reply refused =
                    admin.post("/manage/projects", "{\"name\":\"Shop\",\"api_key\":\"" + key + "\"}");

            assertThat(refused.status()).isEqualTo(400);
            assertThat(refused.error()).startsWith("api_key holds ... or ****");
        }
        assertThat(admin.auth.projects()).isEmpty();
    }

    @Test
    void namesWhatIsMissing() {
        assertThat(admin.post("/manage/projects", "{}").error()).isEqualTo("name and api_key are required");
        assertThat(admin.post("/manage/projects", "{\"name\":\"x\"}").error()).isEqualTo("api_key is required");
        assertThat(admin.post("/manage/projects", "{\"api_key\":\"sk-1\",\"name\":null}")
                        .error())
                .isEqualTo("name is required");
    }

    @Test
    void changesNameAndKeyAndKeepsTheRest() {
        String id = admin.project("before");
        admin.time.advance(Duration.ofSeconds(5));

        AdminStack.Reply changed =
                admin.patch("/manage/projects/" + id, "{\"name\":\"after\",\"api_key\":\"" + KEY + "\"}");

        assertThat(changed.status()).isEqualTo(200);
        assertThat(changed.object().getString("name")).isEqualTo("after");
        assertThat(changed.object().getString("api_key")).isEqualTo(SHOWN);
        assertThat(changed.object().getBoolean("is_active")).isTrue();
        assertThat(changed.object().getString("created_at")).isEqualTo(START);
        assertThat(changed.object().getString("updated_at"))
                .isEqualTo(FakeTime.START.plusSeconds(5).toString());
        assertThat(admin.vault.key(id, "openai")).isEqualTo(KEY);
    }

    @Test
    void keepsAKeyPerProvider() {
        String id = admin.project("two");

        JsonObject changed = admin.patch(
                        "/manage/projects/" + id, "{\"provider\":\"anthropic\",\"api_key\":\"sk-ant-0123456789abcd\"}")
                .object();

        assertThat(changed.getString("api_key")).isEqualTo("sk-proj-...mnop");
        assertThat(changed.getString("provider")).isEqualTo("openai");
        assertThat(changed.getJsonObject("api_keys"))
                .isEqualTo(new JsonObject().put("anthropic", "sk-ant-0...abcd").put("openai", "sk-proj-...mnop"));
        assertThat(admin.vault.key(id, "anthropic")).isEqualTo("sk-ant-0123456789abcd");
        AdminStack.Reply unknown =
                admin.patch("/manage/projects/" + id, "{\"provider\":\"elsewhere\",\"api_key\":\"sk-1\"}");
        assertThat(unknown.status()).isEqualTo(400);
        assertThat(unknown.error()).isEqualTo("provider must be one of: anthropic, cohere, gemini, openai");
        assertThat(admin.patch("/manage/projects/" + id, "{\"provider\":\"anthropic\"}")
                        .status())
                .isEqualTo(400);
    }

    @Test
    void deactivatesAndRevokesEveryToken() {
        String id = admin.project("ends");
        String token = admin.token(id).getString("id");

        JsonObject changed = admin.patch("/manage/projects/" + id, "{\"is_active\":false,\"revoke_tokens\":true}")
                .object();

        assertThat(changed.getBoolean("is_active")).isFalse();
        assertThat(changed.getString("deactivated_at")).isEqualTo(START);
        assertThat(admin.get("/manage/tokens/" + token).object().getBoolean("is_active"))
                .isFalse();
        assertThat(admin.patch("/manage/projects/" + id, "{\"is_active\":true}")
                        .object()
                        .containsKey("deactivated_at"))
                .isFalse();
    }

    @Test
    void revokesTokensOnlyWithTheProject() {
        String id = admin.project("stays");

        for (String body : new String[] {"{\"revoke_tokens\":true}", "{\"revoke_tokens\":true,\"is_active\":true}"}) {
            AdminStack.Reply refused = admin.patch("/manage/projects/" + id, body);

            assertThat(refused.status()).isEqualTo(400);
            assertThat(refused.object())
                    .isEqualTo(new JsonObject().put("error", "revoke_tokens requires is_active=false"));
        }
    }

    @Test
    void doesNotDeleteProjects() {
        String id = admin.project("stays");

        AdminStack.Reply refused = admin.delete("/manage/projects/" + id);

        assertThat(refused.status()).isEqualTo(405);
        assertThat(refused.header("Allow")).isEqualTo("GET, PATCH");
        assertThat(refused.object())
                .isEqualTo(new JsonObject()
                        .put("error", "method not allowed")
                        .put("message", "project deletion is not permitted"));
        assertThat(admin.auth.projects()).hasSize(1);
    }

    @Test
    void countsWhatABatchRevoked() {
        String id = admin.project("batch");
        admin.token(id);
        admin.delete("/manage/tokens/" + admin.token(id).getString("id"));

        AdminStack.Reply revoked = admin.post("/manage/projects/" + id + "/tokens/revoke", "");

        assertThat(revoked.status()).isEqualTo(200);
        assertThat(revoked.object())
                .isEqualTo(new JsonObject()
                        .put("revoked_count", 1)
                        .put("already_revoked_count", 1)
                        .put("total_tokens", 2));
        assertThat(admin.post("/manage/projects/" + id + "/tokens/revoke", "{}").object())
                .isEqualTo(new JsonObject()
                        .put("revoked_count", 0)
                        .put("already_revoked_count", 2)
                        .put("total_tokens", 2));
    }

    @Test
    void knowsNoOtherProject() {
        JsonObject notFound = new JsonObject().put("error", "project not found");

        assertThat(admin.get("/manage/projects/" + UNKNOWN).object()).isEqualTo(notFound);
        assertThat(admin.get("/manage/projects/" + UNKNOWN).status()).isEqualTo(404);
        assertThat(admin.patch("/manage/projects/" + UNKNOWN, "{\"name\":\"x\"}")
                        .object())
                .isEqualTo(notFound);
        assertThat(admin.post("/manage/projects/" + UNKNOWN + "/tokens/revoke", "")
                        .object())
                .isEqualTo(notFound);
    }

    @Test
    void listsEveryProjectOverAllPagesOfTheRegistry() {
        admin.auth.seedProjects(1_203);

        assertThat(admin.get("/manage/projects").array()).hasSize(1_203);
    }

    @Test
    void listsAPageWhereALimitIsGiven() {
        admin.auth.seedProjects(5);
        String next = "/manage/projects?limit=2";
        int[] sizes = new int[3];

        for (int i = 0; i < sizes.length; i++) {
            AdminStack.Reply page = admin.get(next);
            sizes[i] = page.array().size();
            String link = page.header("Link");
            next = link.isEmpty() ? "" : link.substring(1, link.indexOf('>'));
        }

        assertThat(IntStream.of(sizes)).containsExactly(2, 2, 1);
        assertThat(next).isEmpty();
    }

    @Test
    void refusesAListingThatIsTooLongToBeComplete() {
        admin.auth.seedProjects(10_001);

        AdminStack.Reply refused = admin.get("/manage/projects");

        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.error())
                .isEqualTo("there are more than 10000 projects; ask for them in pages with limit and after");
    }
}
