package io.latticegate.admin.manage;

import static org.assertj.core.api.Assertions.assertThat;

import io.latticegate.admin.manage.AdminStack.Reply;
import io.latticegate.common.contract.VaultApi;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VaultCallsTest {
    private static final String ROTATE = "/manage/vault/rotate";

    @TempDir
    private Path directory;

    @Test
    void beginsARotationRecordsItAndShowsHowFarItIs() {
        try (AdminStack stack = new AdminStack(directory)) {
            assertThat(stack.get("/manage/vault")
                            .object()
                            .getJsonObject("rotation")
                            .getString("state"))
                    .isEqualTo("idle");

            Reply begun = stack.post(ROTATE, "{\"what\":\"dek\"}");

            assertThat(begun.status()).isEqualTo(202);
            String id = begun.object().getString("id");
            assertThat(stack.post(ROTATE, "{\"what\":\"dek\"}").object().getString("id"))
                    .as("asked again")
                    .isEqualTo(id);
            Reply other = stack.post(ROTATE, "{\"what\":\"kek\"}");
            assertThat(other.status()).isEqualTo(409);
            assertThat(other.object().getString("code")).isEqualTo("rotation_running");
            JsonObject vault = stack.get("/manage/vault").object();
            assertThat(vault.getString("active_kek")).isEqualTo("k2");
            assertThat(vault.getLong("records")).isEqualTo(7);
            assertThat(vault.getJsonArray("keks").getJsonObject(0).getLong("records"))
                    .isEqualTo(3);
            assertThat(vault.getJsonObject("rotation").getString("id")).isEqualTo(id);
            assertThat(vault.getJsonObject("rotation").getString("state")).isEqualTo("running");
            assertThat(vault.getJsonObject("rotation").getLong("done")).isEqualTo(3);
            stack.deliverAudit();
            JsonObject event = stack.get("/manage/audit?action=vault.rotate&outcome=success")
                    .object()
                    .getJsonArray("events")
                    .getJsonObject(1);
            assertThat(event.getJsonObject("metadata").getString("what")).isEqualTo("dek");
            assertThat(event.getJsonObject("metadata").getString("rotation")).isEqualTo(id);
        }
    }

    @Test
    void isRefusedWhileAnInstanceLacksTheActiveKey() {
        try (AdminStack stack = new AdminStack(directory)) {
            stack.nodes.vault(FakeNodes.FIRST, "k1", "k2");
            stack.nodes.vault(FakeNodes.SECOND, "k1");
            Reply refused = stack.post(ROTATE, "{\"what\":\"kek\"}");
            assertThat(refused.status()).isEqualTo(409);
            assertThat(refused.object().getString("code")).isEqualTo("kek_missing");
            assertThat(refused.error()).contains(FakeNodes.SECOND).doesNotContain(FakeNodes.FIRST);
            assertThat(stack.get("/manage/vault")
                            .object()
                            .getJsonObject("rotation")
                            .getString("state"))
                    .isEqualTo("idle");
        }
    }

    @Test
    void nothingIsRotatedThatTheAuditDoesNotHoldOrThatNobodyKnows() {
        try (AdminStack stack = new AdminStack(directory, false)) {
            for (String wrong : List.of("{}", "{\"what\":\"all\"}", "{\"what\":1}", "{\"what\":\"kek\",\"x\":1}")) {
                assertThat(stack.post(ROTATE, wrong).status()).as(wrong).isEqualTo(400);
            }
            stack.fillJournal();
            assertThat(stack.post(ROTATE, "{\"what\":\"kek\"}").status()).isEqualTo(503);
        }
    }

    @Test
    void saysThatTheVaultDoesNotAnswer() {
        try (AdminStack stack = new AdminStack(directory)) {
            stack.vault.fail(VaultApi.DESCRIBE_VAULT);
            stack.vault.fail(VaultApi.LIST_RECORDS);
            assertThat(stack.get("/manage/vault").status()).isEqualTo(503);
            assertThat(stack.get("/manage/vault/keys").status()).isEqualTo(503);
            assertThat(stack.post(ROTATE, "{\"what\":\"kek\"}").error()).contains("repeating is safe");
        }
    }

    @Test
    void listsRecordsInPages() {
        try (AdminStack stack = new AdminStack(directory)) {
            List<String> owners = new ArrayList<>();
            String path = "/manage/vault/keys?limit=2";
            int pages = 0;
            while (!path.isEmpty()) {
                Reply page = stack.get(path);
                JsonArray keys = page.object().getJsonArray("keys");
                keys.forEach(key -> owners.add(((JsonObject) key).getString("owner_id")));
                String link = page.header("Link");
                path = link.isEmpty() ? "" : link.substring(1, link.indexOf('>'));
                assertThat(page.object().getString("next") == null).isEqualTo(path.isEmpty());
                pages++;
            }
            assertThat(pages).isEqualTo(3);
            assertThat(owners).containsExactly("proj_1", "proj_2", "proj_3", "proj_4", "proj_5");
            assertThat(stack.get("/manage/vault/keys?limit=1001").status()).isEqualTo(400);
            assertThat(stack.get("/manage/vault/keys?after=x").status()).isEqualTo(400);
        }
    }
}
