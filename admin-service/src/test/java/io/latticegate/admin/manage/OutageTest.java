package io.latticegate.admin.manage;

import static org.assertj.core.api.Assertions.assertThat;

import io.latticegate.common.contract.AuthApi;
import io.latticegate.common.contract.VaultApi;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is left when another service or the journal fails in the middle of a call, and what the answer says of it. */
class OutageTest {
    private static final String CREATE = "{\"name\":\"Shop\",\"api_key\":\"sk-proj-0123456789abcdefWXYZ\"}";

    @TempDir
    private Path directory;

    private AdminStack admin;

    @BeforeEach
    void start() {
        admin = new AdminStack(directory, false);
    }

    @AfterEach
    void stop() {
        admin.close();
    }

    @Test
    void createsNothingWhenTheVaultIsAway() {
        admin.vault.fail(VaultApi.TRANSPORT_KEY);

        AdminStack.Reply refused = admin.post("/manage/projects", CREATE);

        assertUnavailable(refused, "vault-service does not answer (server_failed); nothing was created");
        assertThat(admin.auth.projects()).isEmpty();
    }

    @Test
    void leavesAProjectWhoseKeyWasNotStoredInactive() {
        admin.vault.fail(VaultApi.STORE_KEY);

        AdminStack.Reply refused = admin.post("/manage/projects", CREATE);

        AuthApi.Project left = admin.auth.projects().getFirst();
        assertThat(left.active()).isFalse();
        assertUnavailable(
                refused,
                "vault-service does not answer (server_failed); project " + left.id()
                        + " was created but its key is not known to be stored; it was made inactive; PATCH it with api_key"
                        + " and is_active=true to use it");
        admin.vault.recover();
        AdminStack.Reply repaired = admin.patch(
                "/manage/projects/" + left.id(), "{\"api_key\":\"sk-proj-0123456789abcdefWXYZ\",\"is_active\":true}");
        assertThat(repaired.object().getBoolean("is_active")).isTrue();
        assertThat(repaired.object().getString("api_key")).isEqualTo("sk-proj-...WXYZ");
    }

    @Test
    void saysSoWhenNeitherTheKeyNorTheDeactivationWasDone() {
        admin.vault.fail(VaultApi.STORE_KEY);
        admin.auth.fail(AuthApi.UPDATE_PROJECT);

        AdminStack.Reply refused = admin.post("/manage/projects", CREATE);

        assertThat(refused.status()).isEqualTo(503);
        assertThat(refused.error())
                .contains(admin.auth.projects().getFirst().id())
                .contains("could not be made inactive either");
    }

    @Test
    void doesNotClaimToKnowWhetherAProjectWasCreated() {
        admin.auth.fail(AuthApi.CREATE_PROJECT);

        assertThat(admin.post("/manage/projects", CREATE).error())
                .startsWith("auth-service does not answer (server_failed); whether the project was created is unknown");
    }

    @Test
    void asksOnceMoreWhenTheTransportKeyWasRetired() {
        admin.vault.rotateAfterNextAnswer();

        AdminStack.Reply created = admin.post("/manage/projects", CREATE);

        assertThat(created.status()).isEqualTo(201);
        assertThat(admin.vault.key(created.object().getString("id"), "openai"))
                .isEqualTo("sk-proj-0123456789abcdefWXYZ");
    }

    @Test
    void deactivatesEvenWhenTheVaultIsAway() {
        String id = admin.project("ends");
        admin.vault.fail(VaultApi.TRANSPORT_KEY);
        admin.vault.fail(VaultApi.DESCRIBE_KEYS);

        AdminStack.Reply alone = admin.patch("/manage/projects/" + id, "{\"is_active\":false}");

        assertThat(alone.status()).isEqualTo(200);
        assertThat(alone.object().getBoolean("is_active")).isFalse();
        assertThat(alone.object().getString("api_key")).isEqualTo("****");
        AdminStack.Reply withKey =
                admin.patch("/manage/projects/" + id, "{\"is_active\":false,\"api_key\":\"sk-proj-another-key\"}");
        assertUnavailable(
                withKey,
                "vault-service does not answer (server_failed); the project was made inactive, whether the key for openai"
                        + " was stored is unknown; repeat the call");
    }

    @Test
    void saysWhichHalfOfAChangeWasDone() {
        String id = admin.project("half");
        admin.auth.fail(AuthApi.UPDATE_PROJECT);

        AdminStack.Reply refused =
                admin.patch("/manage/projects/" + id, "{\"name\":\"new\",\"api_key\":\"sk-proj-another-key\"}");

        assertUnavailable(
                refused,
                "auth-service does not answer (server_failed); the key for openai was stored, whether the rest was changed"
                        + " is unknown; repeat the call");
        assertThat(admin.vault.key(id, "openai")).isEqualTo("sk-proj-another-key");
    }

    @Test
    void readsNothingWithoutTheServiceThatKnows() {
        String id = admin.project("read");
        admin.vault.fail(VaultApi.DESCRIBE_KEYS);
        assertThat(admin.get("/manage/projects").status()).isEqualTo(503);
        assertThat(admin.get("/manage/projects/" + id).status()).isEqualTo(503);
        admin.auth.fail(AuthApi.LIST_TOKENS);
        admin.auth.fail(AuthApi.GET_TOKEN);
        assertThat(admin.get("/manage/tokens").status()).isEqualTo(503);
        assertThat(admin.get("/manage/tokens/" + id).status()).isEqualTo(503);
        admin.vault.recover();
        admin.auth.recover();

        assertThat(admin.get("/manage/projects").status()).isEqualTo(200);
        assertThat(admin.get("/manage/tokens").status()).isEqualTo(200);
    }

    @Test
    void changesAndTellsNothingWhenTheJournalIsFull() {
        String id = admin.project("full");
        String token = admin.token(id).getString("id");
        admin.fillJournal();

        for (AdminStack.Reply refused : new AdminStack.Reply[] {
            admin.post("/manage/projects", CREATE),
            admin.patch("/manage/projects/" + id, "{\"is_active\":false}"),
            admin.post("/manage/projects/" + id + "/tokens/revoke", ""),
            admin.post("/manage/tokens", "{\"project_id\":\"" + id + "\",\"duration_minutes\":1}"),
            admin.patch("/manage/tokens/" + token, "{\"is_active\":false}"),
            admin.delete("/manage/tokens/" + token)
        }) {
            assertUnavailable(refused, "the audit journal takes no entries; nothing was changed");
        }
        assertUnavailable(admin.get("/manage/tokens"), "the audit journal takes no entries; nothing was changed");
        assertThat(admin.send(admin.anonymous("/manage/tokens").GET()).status()).isEqualTo(503);
        assertThat(admin.auth.projects()).hasSize(1);
        assertThat(admin.auth.projects().getFirst().active()).isTrue();
        assertThat(admin.auth.tokens()).hasSize(1);
        assertThat(admin.auth.tokens().getFirst().active()).isTrue();
    }

    private static void assertUnavailable(AdminStack.Reply refused, String error) {
        assertThat(refused.status()).isEqualTo(503);
        assertThat(refused.header("Retry-After")).isEqualTo("1");
        assertThat(refused.object())
                .isEqualTo(new JsonObject().put("error", error).put("code", "service_unavailable"));
    }
}
