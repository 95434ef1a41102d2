package io.latticegate.admin.manage;

import static org.assertj.core.api.Assertions.assertThat;

import io.latticegate.testing.FakeTime;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AuditCallsTest {
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
    void recordsEveryCallWithItsOutcome() {
        String project = admin.project("audited");
        String token = admin.token(project).getString("id");
        admin.get("/manage/projects");
        admin.get("/manage/projects/" + project);
        admin.patch("/manage/projects/" + project, "{\"name\":\"b\"}");
        admin.delete("/manage/projects/" + project);
        admin.get("/manage/tokens");
        admin.get("/manage/tokens/" + token);
        admin.patch("/manage/tokens/" + token, "{\"max_requests\":1}");
        admin.delete("/manage/tokens/" + token);
        admin.delete("/manage/tokens/" + UNKNOWN);
        admin.post("/manage/projects/" + project + "/tokens/revoke", "");
        admin.post("/manage/projects", "{\"name\":1}");
        admin.get("/manage/audit");
        admin.get("/manage/audit/x-1");
        admin.get("/manage/elsewhere");
        admin.deliverAudit();

        assertThat(oldestFirst())
                .containsExactly(
                        "project.create success " + project + " ",
                        "token.create success " + project + " " + token,
                        "project.list success  ",
                        "project.read success " + project + " ",
                        "project.update success " + project + " ",
                        "project.delete denied " + project + " ",
                        "token.list success  ",
                        "token.read success " + project + " " + token,
                        "token.update success " + project + " " + token,
                        "token.revoke success " + project + " " + token,
                        "token.revoke failure  " + UNKNOWN,
                        "token.revoke_batch success " + project + " ",
                        "project.create denied  ",
                        "audit.list success  ",
                        "audit.show failure  ",
                        "admin.access failure  ");
    }

    @Test
    void showsAnEventFieldByField() {
        admin.time.advance(Duration.ofMillis(1));
        AdminStack.Reply made = admin.send(admin.jsonRequest("/manage/tokens?x=1")
                .header("X-Correlation-ID", "trace-1")
                .header("User-Agent", "the tests")
                .GET());
        admin.deliverAudit();

        JsonObject event = admin.get("/manage/audit?action=token.list")
                .object()
                .getJsonArray("events")
                .getJsonObject(0);

        String node = admin.journal.nodeId().toString();
        assertThat(event)
                .isEqualTo(new JsonObject()
                        .put("id", node + "-1")
                        .put("timestamp", FakeTime.START.plusMillis(1).toString())
                        .put("action", "token.list")
                        .put("actor", "management")
                        .put("project_id", "")
                        .put("request_id", made.header("X-Request-ID"))
                        .put("correlation_id", "trace-1")
                        .put("client_ip", "127.0.0.1")
                        .put("method", "GET")
                        .put("path", "/manage/tokens")
                        .put("user_agent", "the tests")
                        .put("outcome", "denied")
                        .put(
                                "reason",
                                "unknown query parameter \"x\"; allowed: projectId, project_id, activeOnly, active_only,"
                                        + " after, limit")
                        .put("token_id", "")
                        .put("metadata", new JsonObject().put("status", 400).put("surface", "manage")));
        assertThat(admin.get("/manage/audit/" + node + "-1").object()).isEqualTo(event);
        assertThat(admin.get("/manage/audit/" + node + "-99").status()).isEqualTo(404);
    }

    @Test
    void pagesNewestFirst() {
        for (int i = 0; i < 5; i++) {
            admin.get("/manage/tokens");
            admin.time.advance(Duration.ofSeconds(1));
        }
        admin.deliverAudit();

        JsonObject page =
                admin.get("/manage/audit?action=token.list&page=2&page_size=2").object();

        assertThat(page.fieldNames()).containsExactly("events", "pagination");
        JsonObject pagination = page.getJsonObject("pagination");
        String next = pagination.getString("next");
        assertThat(pagination)
                .isEqualTo(new JsonObject()
                        .put("page", 2)
                        .put("page_size", 2)
                        .put("total_count", 5)
                        .put("total_is_exact", true)
                        .put("total_pages", 3)
                        .put("has_next", true)
                        .put("has_prev", true)
                        .put("next", next)
                        .put("examined_to", null));
        assertThat(page.getJsonArray("events").getJsonObject(0).getString("timestamp"))
                .isEqualTo(FakeTime.START.plusSeconds(2).toString());

        JsonObject last = admin.get("/manage/audit?action=token.list&page_size=2&after=" + next)
                .object();
        assertThat(last.getJsonObject("pagination"))
                .isEqualTo(new JsonObject()
                        .put("page", 3)
                        .put("page_size", 2)
                        .put("total_count", 5)
                        .put("total_is_exact", true)
                        .put("total_pages", 3)
                        .put("has_next", false)
                        .put("has_prev", true)
                        .put("next", null)
                        .put("examined_to", null));
        assertThat(last.getJsonArray("events")).hasSize(1);
        assertThat(admin.get("/manage/audit?action=token.read&after=" + next).error())
                .isEqualTo("after must be the next of an earlier page of the same filters");
        assertThat(admin.get("/manage/audit?page=1001").error()).contains("1 to 1000", "after");
    }

    @Test
    void filtersByTimeOutcomeAndText() {
        admin.get("/manage/tokens");
        admin.time.advance(Duration.ofSeconds(10));
        admin.get("/manage/nothing");
        admin.deliverAudit();

        assertThat(count("start_time=" + FakeTime.START.plusSeconds(5) + "&outcome=failure"))
                .isEqualTo(1);
        assertThat(count("end_time=" + FakeTime.START.plusSeconds(5) + "&outcome=failure"))
                .isZero();
        assertThat(count("search=NOTHING&method=GET")).isEqualTo(1);
        assertThat(count("actor=management&client_ip=127.0.0.1&path=/manage/tokens"))
                .isEqualTo(1);
    }

    private int count(String query) {
        return admin.get("/manage/audit?" + query)
                .object()
                .getJsonObject("pagination")
                .getInteger("total_count");
    }

    private List<String> oldestFirst() {
        return admin.get("/manage/audit?page_size=100").object().getJsonArray("events").stream()
                .map(JsonObject.class::cast)
                .map(event -> event.getString("action") + " " + event.getString("outcome") + " "
                        + event.getString("project_id") + " " + event.getString("token_id"))
                .toList()
                .reversed();
    }
}
