package io.latticegate.admin.manage;

import static org.assertj.core.api.Assertions.assertThat;

import io.latticegate.common.contract.VaultApi;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KeyCallsTest {
    private static final String KEY = "sk-proj-0123456789abcdefWXYZ";
    private static final String OTHER = "sk-proj-9876543210fedcbaABCD";

    @TempDir
    private Path directory;

    private AdminStack admin;
    private String project = "";
    private String keys = "";

    @BeforeEach
    void start() {
        admin = new AdminStack(directory);
        project = admin.post("/manage/projects", "{\"name\":\"Shop\",\"api_key\":\"" + KEY + "\"}")
                .object()
                .getString("id");
        keys = "/manage/projects/" + project + "/keys";
    }

    @AfterEach
    void stop() {
        admin.close();
    }

    @Test
    void addsAKeyBesideTheFirstAndNeverShowsIt() {
        AdminStack.Reply added = admin.post(keys, "{\"name\":\"second\",\"weight\":3,\"api_key\":\"" + OTHER + "\"}");

        assertThat(added.status()).isEqualTo(201);
        assertThat(added.object())
                .isEqualTo(new JsonObject()
                        .put("provider", "openai")
                        .put("name", "second")
                        .put("weight", 3)
                        .put("api_key", "sk-proj-...ABCD")
                        .put("fingerprint", "fp-openai")
                        .put("created_at", added.object().getString("created_at")));
        assertThat(admin.vault.key(project, "openai", "second")).isEqualTo(OTHER);
        assertThat(admin.vault.key(project, "openai")).isEqualTo(KEY);
        JsonArray listed = admin.get(keys).array();
        assertThat(listed.stream().map(one -> ((JsonObject) one).getString("name")))
                .containsExactly("default", "second");
        assertThat(listed.encode()).doesNotContain(KEY, OTHER);
    }

    @Test
    void aProjectShowsTheFirstKeyOfEachProvider() {
        admin.post(keys, "{\"name\":\"a\",\"api_key\":\"" + OTHER + "\"}");

        assertThat(admin.get("/manage/projects/" + project).object().getJsonObject("api_keys"))
                .isEqualTo(new JsonObject().put("openai", "sk-proj-...ABCD"));
    }

    @Test
    void weighsAndDeletesAKeyByItsName() {
        AdminStack.Reply weighed = admin.patch(keys + "/openai/default", "{\"weight\":9}");
        assertThat(weighed.status()).isEqualTo(200);
        assertThat(weighed.object().getInteger("weight")).isEqualTo(9);

        assertThat(admin.delete(keys + "/openai/default").status()).isEqualTo(204);
        assertThat(admin.vault.key(project, "openai")).isNull();
        assertThat(admin.delete(keys + "/openai/default").status()).isEqualTo(404);
        assertThat(admin.patch(keys + "/openai/default", "{\"weight\":9}").status())
                .isEqualTo(404);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{\"name\":\"a\"}",
                "{\"api_key\":\"sk-1\"}",
                "{\"name\":\"A\",\"api_key\":\"sk-1\"}",
                "{\"name\":\"-a\",\"api_key\":\"sk-1\"}",
                "{\"name\":\"a/b\",\"api_key\":\"sk-1\"}",
                "{\"name\":\"a\",\"api_key\":\"sk-p...WXYZ\"}",
                "{\"name\":\"a\",\"api_key\":\"sk-1\",\"weight\":0}",
                "{\"name\":\"a\",\"api_key\":\"sk-1\",\"weight\":1001}",
                "{\"name\":\"a\",\"api_key\":\"sk-1\",\"weight\":\"1\"}",
                "{\"name\":\"a\",\"api_key\":\"sk-1\",\"provider\":\"none\"}",
                "{\"name\":\"a\",\"api_key\":\"sk-1\",\"is_active\":true}"
            })
    void refusesWhatIsNoKeyOrNoName(String body) {
        assertThat(admin.post(keys, body).status()).isEqualTo(400);
        assertThat(admin.get(keys).array()).hasSize(1);
    }

    @Test
    void anUnknownProjectHasNoKeys() {
        String unknown = "/manage/projects/01890000-0000-7000-8000-000000000000/keys";
        assertThat(admin.get(unknown).status()).isEqualTo(404);
        assertThat(admin.post(unknown, "{\"name\":\"a\",\"api_key\":\"sk-1\"}").status())
                .isEqualTo(404);
        assertThat(admin.delete(unknown + "/openai/a").status()).isEqualTo(404);
    }

    @Test
    void saysWhatIsUnknownWhenTheVaultDoesNotAnswer() {
        admin.vault.fail(VaultApi.DELETE_KEY);
        AdminStack.Reply failed = admin.delete(keys + "/openai/default");
        assertThat(failed.status()).isEqualTo(503);
        assertThat(failed.object().getString("error")).contains("unknown");
    }
}
