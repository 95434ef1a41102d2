package io.latticegate.admin.manage;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PrincipalCallsTest {
    private static final String NOBODY = "01890000-0000-7000-8000-000000000000";

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

    private JsonObject make(String json) {
        AdminStack.Reply made = admin.post("/manage/principals", json);
        assertThat(made.status()).as(made.text()).isEqualTo(201);
        return made.object();
    }

    private HttpRequest.Builder as(JsonObject principal, String path) {
        return admin.anonymous(path).header("Authorization", "Bearer " + principal.getString("token"));
    }

    private AdminStack.Reply get(JsonObject principal, String path) {
        return admin.send(as(principal, path).GET());
    }

    private AdminStack.Reply send(JsonObject principal, String method, String path, String body) {
        return admin.send(as(principal, path)
                .header("Content-Type", "application/json")
                .method(method, BodyPublishers.ofString(body)));
    }

    private JsonObject limitedTo(String project, String role) {
        return make("{\"name\":\"lim\",\"role\":\"" + role + "\",\"projects\":[\"" + project + "\"]}");
    }

    @Test
    void showsATokenOnceAndNeverAgain() {
        JsonObject made = make("{\"name\":\"Ops bot\",\"role\":\"operator\"}");

        assertThat(made.getString("token")).matches("lgm_[A-Za-z0-9_-]{32}");
        JsonArray all = admin.get("/manage/principals").array();
        assertThat(all).hasSize(1);
        JsonObject listed = all.getJsonObject(0);
        assertThat(listed.fieldNames())
                .containsExactlyInAnyOrder(
                        "id", "name", "role", "projects", "created_at", "last_used_at", "expires_at");
        assertThat(listed.getValue("projects")).isNull();
        assertThat(listed.getValue("last_used_at")).isNull();
        admin.deliverAudit();
        assertThat(admin.get("/manage/audit").text()).doesNotContain(made.getString("token"));
    }

    @Test
    void aPrincipalActsUnderItsNameAndRole() {
        JsonObject operator = make("{\"name\":\"ops\",\"role\":\"operator\"}");

        assertThat(send(operator, "POST", "/manage/projects", "{\"name\":\"a\",\"api_key\":\"sk-proj-1234567890\"}")
                        .status())
                .isEqualTo(201);
        AdminStack.Reply refused = get(operator, "/manage/principals");
        assertThat(refused.status()).isEqualTo(403);
        admin.deliverAudit();
        JsonObject created = admin.get("/manage/audit?action=project.create")
                .object()
                .getJsonArray("events")
                .getJsonObject(0);
        assertThat(created.getString("actor")).isEqualTo("principal:ops");
        JsonObject denied = admin.get("/manage/audit?action=principal.list&outcome=denied")
                .object()
                .getJsonArray("events")
                .getJsonObject(0);
        assertThat(denied.getString("actor")).isEqualTo("principal:ops");
    }

    @Test
    void aViewerChangesNothing() {
        JsonObject viewer = make("{\"name\":\"v\",\"role\":\"viewer\"}");
        String project = admin.project("one");
        String token = admin.token(project).getString("id");

        assertThat(get(viewer, "/manage/projects").status()).isEqualTo(200);
        assertThat(send(viewer, "POST", "/manage/tokens", "{\"project_id\":\"" + project + "\"}")
                        .status())
                .isEqualTo(403);
        assertThat(send(viewer, "DELETE", "/manage/tokens/" + token, "").status())
                .isEqualTo(403);
        assertThat(send(viewer, "PATCH", "/manage/config", "{}").status()).isEqualTo(403);
        assertThat(send(viewer, "POST", "/manage/principals", "{\"name\":\"x\",\"role\":\"admin\"}")
                        .status())
                .isEqualTo(403);
        assertThat(admin.get("/manage/tokens/" + token).object().getBoolean("is_active"))
                .isTrue();
    }

    @Test
    void rotationEndsTheOldToken() {
        JsonObject before = make("{\"name\":\"v\",\"role\":\"viewer\"}");

        JsonObject after = admin.post("/manage/principals/" + before.getString("id") + "/rotate", "{}")
                .object();

        assertThat(after.getString("id")).isEqualTo(before.getString("id"));
        assertThat(get(before, "/manage/projects").status()).isEqualTo(401);
        assertThat(get(after, "/manage/projects").status()).isEqualTo(200);
    }

    @Test
    void changesHoldForTheNextCall() {
        JsonObject one = make("{\"name\":\"v\",\"role\":\"admin\"}");
        assertThat(get(one, "/manage/principals").status()).isEqualTo(200);

        AdminStack.Reply changed =
                admin.patch("/manage/principals/" + one.getString("id"), "{\"role\":\"viewer\",\"name\":\"w\"}");

        assertThat(changed.object().getString("role")).isEqualTo("viewer");
        assertThat(changed.object().getString("name")).isEqualTo("w");
        assertThat(changed.object().containsKey("token")).isFalse();
        assertThat(get(one, "/manage/principals").status()).isEqualTo(403);
    }

    @Test
    void expiryIsKept() {
        String end = admin.time.instant().plus(Duration.ofHours(1)).toString();
        JsonObject one = make("{\"name\":\"v\",\"role\":\"viewer\",\"expires_at\":\"" + end + "\"}");
        assertThat(one.getString("expires_at")).isEqualTo(end);
        assertThat(get(one, "/manage/projects").status()).isEqualTo(200);

        admin.time.advance(Duration.ofHours(1));

        assertThat(get(one, "/manage/projects").status()).isEqualTo(401);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
                    {"name":"a"} | name and role are required
                    {"role":"viewer"} | name and role are required
                    {"name":" a","role":"viewer"} | name must have
                    {"name":"a\\nb","role":"viewer"} | name must have
                    {"name":"a:b","role":"viewer"} | name must have
                    {"name":"a","role":"root"} | role must be viewer, operator or admin
                    {"name":"a","role":"ADMIN"} | role must be viewer, operator or admin
                    {"name":"a","role":"viewer","projects":[]} | projects must hold 1 to 200 ids
                    {"name":"a","role":"viewer","projects":["x"]} | projects must hold 1 to 200 ids
                    {"name":"a","role":"viewer","projects":"all"} | projects must be a list of strings
                    {"name":"a","role":"viewer","projects":[1]} | projects must be a list of strings
                    {"name":"a","role":"viewer","projects":[["x"]]} | projects must be a list of strings
                    {"name":"a","role":"viewer","all_projects":false} | all_projects is false
                    {"name":"a","role":"viewer","expires_at":"tomorrow"} | expires_at must be a time
                    {"name":"a","role":"viewer","expires_at":"2001-01-01T00:00:00Z"} | expires_at must lie in the next
                    {"name":"a","role":"viewer","token":"lgm_x"} | unknown member "token"
                    """)
    void refusesWhatIsNotAPrincipal(String body, String error) {
        AdminStack.Reply refused = admin.post("/manage/principals", body);

        assertThat(refused.status()).as(refused.text()).isEqualTo(400);
        assertThat(refused.error()).startsWith(error);
        assertThat(admin.get("/manage/principals").array()).isEmpty();
    }

    @Test
    void namesAreUniqueAndIdsAreKnown() {
        make("{\"name\":\"a\",\"role\":\"viewer\"}");

        AdminStack.Reply taken = admin.post("/manage/principals", "{\"name\":\"a\",\"role\":\"admin\"}");
        assertThat(taken.status()).isEqualTo(409);
        assertThat(taken.object().getString("code")).isEqualTo("name_taken");
        assertThat(admin.patch("/manage/principals/" + NOBODY, "{\"role\":\"viewer\"}")
                        .status())
                .isEqualTo(404);
        assertThat(admin.delete("/manage/principals/" + NOBODY).status()).isEqualTo(404);
        assertThat(admin.post("/manage/principals/" + NOBODY + "/rotate", "{}").status())
                .isEqualTo(404);
    }

    @Test
    void aLimitedPrincipalSeesItsProjectsOnly() {
        String mine = admin.project("mine");
        String other = admin.project("other");
        String mineToken = admin.token(mine).getString("id");
        String otherToken = admin.token(other).getString("id");
        JsonObject lim = limitedTo(mine, "admin");

        assertThat(get(lim, "/manage/projects").array())
                .extracting(row -> ((JsonObject) row).getString("id"))
                .containsExactly(mine);
        assertThat(get(lim, "/manage/tokens").array())
                .extracting(row -> ((JsonObject) row).getString("id"))
                .containsExactly(mineToken);
        assertThat(get(lim, "/manage/projects/" + mine).status()).isEqualTo(200);
        assertThat(get(lim, "/manage/tokens/" + mineToken).status()).isEqualTo(200);
        AdminStack.Reply hidden = get(lim, "/manage/projects/" + other);
        assertThat(hidden.status()).isEqualTo(404);
        assertThat(hidden.text())
                .isEqualTo(get(lim, "/manage/projects/" + NOBODY).text())
                .isEqualTo("{\"error\":\"project not found\"}");
        assertThat(get(lim, "/manage/tokens/" + otherToken).text())
                .isEqualTo(get(lim, "/manage/tokens/" + NOBODY).text())
                .isEqualTo("{\"error\":\"token not found\"}");
        assertThat(get(lim, "/manage/projects/" + other + "/keys").status()).isEqualTo(404);
        assertThat(get(lim, "/manage/tokens?projectId=" + other).status()).isEqualTo(404);
    }

    @Test
    void aLimitedPrincipalChangesItsProjectsOnly() {
        String mine = admin.project("mine");
        String other = admin.project("other");
        String mineToken = admin.token(mine).getString("id");
        String otherToken = admin.token(other).getString("id");
        JsonObject lim = limitedTo(mine, "admin");

        assertThat(send(lim, "POST", "/manage/tokens", "{\"project_id\":\"" + mine + "\"}")
                        .status())
                .isEqualTo(200);
        assertThat(send(lim, "POST", "/manage/tokens", "{\"project_id\":\"" + other + "\"}")
                        .status())
                .isEqualTo(404);
        assertThat(send(lim, "DELETE", "/manage/tokens/" + otherToken, "").status())
                .isEqualTo(404);
        assertThat(send(lim, "PATCH", "/manage/tokens/" + otherToken, "{\"max_requests\":1}")
                        .status())
                .isEqualTo(404);
        assertThat(send(lim, "PATCH", "/manage/projects/" + other, "{\"is_active\":false}")
                        .status())
                .isEqualTo(404);
        assertThat(send(lim, "POST", "/manage/projects/" + other + "/tokens/revoke", "{}")
                        .status())
                .isEqualTo(404);
        assertThat(send(lim, "DELETE", "/manage/tokens/" + mineToken, "").status())
                .isEqualTo(204);

        assertThat(admin.get("/manage/tokens/" + otherToken).object().getBoolean("is_active"))
                .isTrue();
        assertThat(admin.get("/manage/projects/" + other).object().getBoolean("is_active"))
                .isTrue();
        admin.deliverAudit();
        assertThat(admin.get("/manage/audit?action=project.update&actor=principal:lim")
                        .object()
                        .getJsonArray("events")
                        .getJsonObject(0)
                        .getString("project_id"))
                .isEqualTo(other);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "GET|/manage/config|",
                "GET|/manage/config/versions|",
                "GET|/manage/audit|",
                "GET|/manage/principals|",
                "GET|/manage/privacy/budgets|",
                "POST|/manage/principals|{\"name\":\"x\",\"role\":\"admin\"}",
                "POST|/manage/projects|{\"name\":\"x\",\"api_key\":\"sk-proj-1234567890\"}"
            })
    void whatIsAboutNoProjectIsRefusedToALimitedPrincipal(String method, String path, String body) {
        JsonObject lim = limitedTo(admin.project("mine"), "admin");

        AdminStack.Reply refused = send(lim, method, path, body == null ? "" : body);

        assertThat(refused.status()).as(refused.text()).isEqualTo(403);
        assertThat(refused.error()).startsWith("you may manage some projects only");
        assertThat(admin.get("/manage/projects").array()).hasSize(1);
        assertThat(admin.get("/manage/principals").array()).hasSize(1);
    }

    @Test
    void aLimitedPrincipalReadsTheAuditOfItsProjectsOnly() {
        String mine = admin.project("mine");
        String other = admin.project("other");
        JsonObject lim = limitedTo(mine, "viewer");
        admin.deliverAudit();
        String event = admin.get("/manage/audit?project_id=" + other + "&action=project.create")
                .object()
                .getJsonArray("events")
                .getJsonObject(0)
                .getString("id");

        assertThat(get(lim, "/manage/audit?project_id=" + mine).object().getJsonArray("events"))
                .isNotEmpty();
        assertThat(get(lim, "/manage/audit?project_id=" + other).status()).isEqualTo(404);
        AdminStack.Reply hidden = get(lim, "/manage/audit/" + event);
        assertThat(hidden.status()).isEqualTo(404);
        assertThat(hidden.error()).isEqualTo("audit event not found");
    }

    @Test
    void aLimitMayBeWidenedAndNarrowed() {
        String mine = admin.project("mine");
        JsonObject lim = limitedTo(mine, "admin");
        String path = "/manage/principals/" + lim.getString("id");

        assertThat(admin.patch(path, "{\"all_projects\":true}").object().getValue("projects"))
                .isNull();
        assertThat(get(lim, "/manage/config").status()).isEqualTo(200);
        assertThat(admin.patch(path, "{\"projects\":[\"" + mine + "\"]}")
                        .object()
                        .getJsonArray("projects"))
                .containsExactly(mine);
        assertThat(get(lim, "/manage/config").status()).isEqualTo(403);
        assertThat(admin.patch(path, "{\"role\":\"viewer\"}").object().getJsonArray("projects"))
                .containsExactly(mine);
    }
}
