package io.latticegate.admin.manage;

import static org.assertj.core.api.Assertions.assertThat;

import io.latticegate.admin.manage.AdminStack.Reply;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PrivacyCallsTest {
    private static final String OWNER = "0b3f7a52-0000-4000-8000-000000000001";
    private static final String READER = "0b3f7a52-0000-4000-8000-000000000002";
    private static final String INDEX = OWNER + "~recipes";
    private static final String RESET = "/manage/privacy/budgets/reset";

    @TempDir
    Path directory;

    private static String body(String project, String index) {
        return new JsonObject().put("project", project).put("index", index).encode();
    }

    @Test
    void resetsABudgetAndRecordsIt() {
        try (AdminStack stack = new AdminStack(directory)) {
            stack.fhe.spend(READER, INDEX, 97);
            Reply reply = stack.post(RESET, body(READER, INDEX));
            assertThat(reply.status()).isEqualTo(200);
            assertThat(reply.object().getLong("generation")).isEqualTo(2);
            assertThat(reply.object().getLong("remaining_queries")).isEqualTo(100);
            stack.deliverAudit();
            JsonObject event = stack.get("/manage/audit?action=privacy.reset")
                    .object()
                    .getJsonArray("events")
                    .getJsonObject(0);
            assertThat(event.getString("outcome")).isEqualTo("success");
            assertThat(event.getString("actor")).contains("management");
            assertThat(event.getString("project_id")).isEqualTo(READER);
            assertThat(event.getJsonObject("metadata").getString("index")).isEqualTo(INDEX);
            assertThat(event.getJsonObject("metadata").getString("generation")).isEqualTo("2");
        }
    }

    @Test
    void nobodyResetsWithoutTheManagementToken() {
        try (AdminStack stack = new AdminStack(directory)) {
            stack.fhe.spend(READER, INDEX, 97);
            Reply reply = stack.send(stack.anonymous(RESET)
                    .header("Content-Type", "application/json")
                    .POST(BodyPublishers.ofString(body(READER, INDEX))));
            assertThat(reply.status()).isEqualTo(401);
            assertThat(stack.get("/manage/privacy/budgets")
                            .array()
                            .getJsonObject(0)
                            .getLong("queries"))
                    .isEqualTo(97);
        }
    }

    @Test
    void nothingIsResetThatTheAuditDoesNotHold() {
        try (AdminStack stack = new AdminStack(directory, false)) {
            stack.fhe.spend(READER, INDEX, 97);
            stack.fillJournal();
            assertThat(stack.post(RESET, body(READER, INDEX)).status()).isEqualTo(503);
            assertThat(stack.fhe.generation(READER, INDEX)).isEqualTo(1);
        }
    }

    @Test
    void listsPageByPage() {
        try (AdminStack stack = new AdminStack(directory)) {
            stack.fhe.spend(READER, INDEX, 1);
            stack.fhe.spend(READER, OWNER + "~songs", 2);
            stack.fhe.spend(OWNER, READER + "~songs", 3);
            assertThat(stack.get("/manage/privacy/budgets").array()).hasSize(3);
            assertThat(stack.get("/manage/privacy/budgets?project_id=" + READER).array())
                    .hasSize(2);
            Reply first = stack.get("/manage/privacy/budgets?limit=2");
            assertThat(first.array().getJsonObject(0).getString("project")).isEqualTo(OWNER);
            String link = first.header("Link");
            assertThat(link).endsWith("; rel=\"next\"");
            Reply second = stack.get(link.substring(1, link.indexOf('>')));
            assertThat(second.array()).hasSize(1);
            assertThat(second.array().getJsonObject(0).getString("index")).isEqualTo(OWNER + "~songs");
            assertThat(second.header("Link")).isEmpty();
        }
    }

    @Test
    void refusesWhatNamesNoBudget() {
        try (AdminStack stack = new AdminStack(directory)) {
            assertThat(stack.post(RESET, body(READER, INDEX)).status()).isEqualTo(404);
            assertThat(stack.post(RESET, body("everybody", INDEX)).error()).contains("must be the id of a project");
            assertThat(stack.post(RESET, body(READER, "recipes")).status()).isEqualTo(400);
            assertThat(stack.post(RESET, "{\"project\":\"" + READER + "\"}").error())
                    .isEqualTo("project and index are required");
            assertThat(stack.post(RESET, "{\"tenant\":\"x\"}").status()).isEqualTo(400);
            assertThat(stack.get("/manage/privacy/budgets?after=x").status()).isEqualTo(400);
            assertThat(stack.get("/manage/privacy/budgets?limit=1001").status()).isEqualTo(400);
            assertThat(stack.get(RESET).status()).isEqualTo(405);
        }
    }

    @Test
    void aSilentServiceIsSaidToBeOne() {
        try (AdminStack stack = new AdminStack(directory)) {
            stack.fhe.fail();
            Reply reply = stack.post(RESET, body(READER, INDEX));
            assertThat(reply.status()).isEqualTo(503);
            assertThat(reply.error()).contains("fhe-service does not answer", "list it before repeating the call");
            assertThat(stack.get("/manage/privacy/budgets").status()).isEqualTo(503);
        }
    }
}
