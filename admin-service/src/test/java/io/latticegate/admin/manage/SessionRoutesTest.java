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

/** Sessions of the web interface over real sockets: signing in and out, and what a cookie may do. */
class SessionRoutesTest {
    private static final String SESSION = "/admin/api/session";

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

    /** @param cookie as a browser sends it back */
    record Signed(String cookie, String csrf) {}

    private AdminStack.Reply signIn(String token) {
        return admin.send(admin.anonymous(SESSION)
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(
                        new JsonObject().put("token", token).encode())));
    }

    private Signed signed(String token) {
        AdminStack.Reply reply = signIn(token);
        assertThat(reply.status()).as(reply.text()).isEqualTo(204);
        String cookie = reply.header("Set-Cookie").replaceFirst(";.*", "");
        String csrf = who(cookie).object().getString("csrf");
        return new Signed(cookie, csrf);
    }

    private AdminStack.Reply who(String cookie) {
        return admin.send(admin.anonymous(SESSION).header("Cookie", cookie).GET());
    }

    private HttpRequest.Builder with(Signed signed, String path) {
        return admin.anonymous(path).header("Cookie", signed.cookie());
    }

    private JsonObject principal(String json) {
        AdminStack.Reply made = admin.post("/manage/principals", json);
        assertThat(made.status()).as(made.text()).isEqualTo(201);
        return made.object();
    }

    private JsonArray events(String action) {
        admin.deliverAudit();
        return admin.get("/manage/audit?action=" + action).object().getJsonArray("events");
    }

    @Test
    void theManagementTokenBeginsASessionThatOnlyTheBrowserKnows() {
        AdminStack.Reply reply = signIn(AdminStack.TOKEN);

        assertThat(reply.status()).isEqualTo(204);
        assertThat(reply.header("Set-Cookie"))
                .matches(
                        "__Host-latticegate=[A-Za-z0-9_-]{43}; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=43200");
        assertThat(reply.header("Cache-Control")).isEqualTo("no-store");
        JsonObject session =
                who(reply.header("Set-Cookie").replaceFirst(";.*", "")).object();
        assertThat(session.getString("actor")).isEqualTo("management");
        assertThat(session.getString("role")).isEqualTo("admin");
        assertThat(session.getString("csrf")).matches("[A-Za-z0-9_-]{43}");
        assertThat(session.getString("expires_at"))
                .isEqualTo(admin.time.instant().plus(Duration.ofHours(12)).toString());
        JsonObject event = events("admin.login").getJsonObject(0);
        assertThat(event.getString("outcome")).isEqualTo("success");
        assertThat(event.getString("actor")).isEqualTo("management");
        assertThat(event.getJsonObject("metadata").getString("with")).isEqualTo("management token");
    }

    @Test
    void nobodyIsSignedInWithoutACookie() {
        AdminStack.Reply reply = admin.send(admin.anonymous(SESSION).GET());

        assertThat(reply.status()).isEqualTo(401);
        assertThat(reply.object().getString("code")).isEqualTo("session_ended");
        assertThat(reply.header("Set-Cookie")).isEmpty();
        assertThat(admin.send(admin.anonymous("/admin/api/login").GET()).object())
                .isEqualTo(new JsonObject().put("oidc", false));
    }

    @Test
    void aWrongTokenCountsAsAFailureAndTheAddressHasToWait() {
        for (int i = 0; i < 20; i++) {
            AdminStack.Reply refused = signIn("guess-number-" + i);
            assertThat(refused.status()).isEqualTo(401);
            assertThat(refused.header("Set-Cookie")).isEmpty();
        }

        AdminStack.Reply refused = signIn(AdminStack.TOKEN);

        assertThat(refused.status()).isEqualTo(429);
        assertThat(Integer.parseInt(refused.header("Retry-After"))).isBetween(1, 60);
        assertThat(admin.get("/manage/projects").status()).isEqualTo(429);
    }

    @Test
    void aDeniedSignInIsInTheAudit() {
        assertThat(signIn("lgm_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA").status()).isEqualTo(401);

        JsonObject event = events("admin.login").getJsonObject(0);
        assertThat(event.getString("outcome")).isEqualTo("denied");
        assertThat(event.getString("actor")).isEqualTo("anonymous");
        assertThat(event.getString("path")).isEqualTo(SESSION);
        assertThat(event.encode()).doesNotContain("lgm_AAAA");
    }

    @Test
    void aSessionReadsAndWithItsCsrfTokenChanges() {
        Signed signed = signed(AdminStack.TOKEN);

        assertThat(admin.send(with(signed, "/manage/projects").GET()).status()).isEqualTo(200);
        HttpRequest.Builder create = with(signed, "/manage/projects")
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString("{\"name\":\"one\",\"api_key\":\"sk-proj-abcdefghijklmnop\"}"));
        assertThat(admin.send(create.copy()).status()).isEqualTo(403);
        assertThat(admin.send(create.copy()
                                .header("X-CSRF-Token", "x" + signed.csrf().substring(1)))
                        .status())
                .isEqualTo(403);
        assertThat(admin.auth.projects()).isEmpty();
        assertThat(admin.send(create.copy().header("X-CSRF-Token", signed.csrf()))
                        .status())
                .isEqualTo(201);
    }

    @Test
    void theCsrfTokenOfAnotherSessionDoesNotServe() {
        Signed one = signed(AdminStack.TOKEN);
        Signed two = signed(AdminStack.TOKEN);

        AdminStack.Reply refused = admin.send(with(one, "/manage/tokens/01890000-0000-7000-8000-000000000000")
                .header("X-CSRF-Token", two.csrf())
                .DELETE());

        assertThat(refused.status()).isEqualTo(403);
    }

    @ParameterizedTest
    @CsvSource({
        "Sec-Fetch-Site, cross-site",
        "Sec-Fetch-Site, same-site",
        "Sec-Fetch-Site, nonsense",
        "Origin, https://evil.example",
        "Origin, null",
        "Origin, http://127.0.0.1.evil.example",
        "Origin, 127.0.0.1"
    })
    void pagesOfOtherOriginsAreRefused(String header, String value) {
        Signed signed = signed(AdminStack.TOKEN);

        assertThat(admin.send(with(signed, "/manage/projects")
                                .header(header, value)
                                .GET())
                        .status())
                .isEqualTo(403);
        assertThat(admin.send(with(signed, "/manage/projects")
                                .header(header, value)
                                .header("X-CSRF-Token", signed.csrf())
                                .header("Content-Type", "application/json")
                                .POST(BodyPublishers.ofString("{}")))
                        .status())
                .isEqualTo(403);
        assertThat(admin.send(admin.anonymous(SESSION)
                                .header(header, value)
                                .header("Content-Type", "application/json")
                                .POST(BodyPublishers.ofString("{\"token\":\"" + AdminStack.TOKEN + "\"}")))
                        .status())
                .isEqualTo(403);
        assertThat(who(signed.cookie()).status()).isEqualTo(200);
    }

    @Test
    void itsOwnPagesAreNot() {
        Signed signed = signed(AdminStack.TOKEN);

        for (String site : new String[] {"same-origin", "none"}) {
            assertThat(admin.send(with(signed, "/manage/projects")
                                    .header("Sec-Fetch-Site", site)
                                    .header("Origin", "http://127.0.0.1:" + admin.port)
                                    .GET())
                            .status())
                    .isEqualTo(200);
        }
    }

    @Test
    void pagesOfOtherOriginsLockNobodyOut() {
        for (int i = 0; i < 60; i++) {
            assertThat(admin.send(admin.anonymous("/manage/projects")
                                    .header("Sec-Fetch-Site", "cross-site")
                                    .GET())
                            .status())
                    .isEqualTo(403);
        }

        assertThat(admin.get("/manage/projects").status()).isEqualTo(200);
        admin.deliverAudit();
        assertThat(admin.get("/manage/audit?action=admin.access&page_size=100")
                        .object()
                        .getJsonArray("events"))
                .hasSize(20);
    }

    @Test
    void anAuthorizationHeaderCountsBeforeTheCookie() {
        Signed signed = signed(AdminStack.TOKEN);

        assertThat(admin.send(with(signed, "/manage/projects")
                                .header("Authorization", "Bearer wrong")
                                .GET())
                        .status())
                .isEqualTo(401);
    }

    @Test
    void twoCookiesAreNone() {
        Signed signed = signed(AdminStack.TOKEN);

        assertThat(admin.send(admin.anonymous("/manage/projects")
                                .header("Cookie", signed.cookie() + "; " + signed.cookie())
                                .GET())
                        .status())
                .isEqualTo(401);
    }

    @Test
    void signingOutEndsTheSessionEverywhere() {
        Signed signed = signed(AdminStack.TOKEN);

        assertThat(admin.send(with(signed, SESSION).DELETE()).status()).isEqualTo(403);
        AdminStack.Reply out = admin.send(
                with(signed, SESSION).header("X-CSRF-Token", signed.csrf()).DELETE());

        assertThat(out.status()).isEqualTo(204);
        assertThat(out.header("Set-Cookie")).startsWith("__Host-latticegate=;").contains("Max-Age=0");
        assertThat(who(signed.cookie()).status()).isEqualTo(401);
        AdminStack.Reply refused = admin.send(with(signed, "/manage/projects").GET());
        assertThat(refused.status()).isEqualTo(401);
        assertThat(refused.object().getString("code")).isEqualTo("session_ended");
        assertThat(events("admin.logout")).hasSize(2);
    }

    @Test
    void signingInAgainReplacesTheSession() {
        Signed before = signed(AdminStack.TOKEN);

        AdminStack.Reply again = admin.send(with(before, SESSION)
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString("{\"token\":\"" + AdminStack.TOKEN + "\"}")));

        assertThat(again.status()).isEqualTo(204);
        assertThat(again.header("Set-Cookie")).doesNotContain(before.cookie());
        assertThat(who(before.cookie()).status()).isEqualTo(401);
    }

    @Test
    void deadSessionsLockNobodyOut() {
        Signed signed = signed(AdminStack.TOKEN);
        admin.time.advance(Duration.ofMinutes(30));
        for (int i = 0; i < 40; i++) {
            assertThat(admin.send(with(signed, "/manage/projects").GET()).status())
                    .isEqualTo(401);
        }

        assertThat(admin.get("/manage/projects").status()).isEqualTo(200);
    }

    @Test
    void aPrincipalSignsInWithItsOwnTokenNameAndRole() {
        JsonObject viewer = principal("{\"name\":\"vera\",\"role\":\"viewer\"}");
        Signed signed = signed(viewer.getString("token"));

        JsonObject session = who(signed.cookie()).object();
        assertThat(session.getString("actor")).isEqualTo("vera");
        assertThat(session.getString("role")).isEqualTo("viewer");
        AdminStack.Reply refused = admin.send(with(signed, "/manage/projects")
                .header("X-CSRF-Token", signed.csrf())
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString("{\"name\":\"a\",\"api_key\":\"sk-1\"}")));
        assertThat(refused.status()).isEqualTo(403);
        assertThat(refused.error()).isEqualTo("this call needs the role operator; yours is viewer");
        assertThat(events("admin.login").getJsonObject(0).getString("actor")).isEqualTo("principal:vera");
    }

    @Test
    void aSessionEndsWithItsPrincipal() {
        JsonObject viewer = principal("{\"name\":\"vera\",\"role\":\"viewer\"}");
        Signed signed = signed(viewer.getString("token"));

        assertThat(admin.delete("/manage/principals/" + viewer.getString("id")).status())
                .isEqualTo(204);

        assertThat(admin.send(with(signed, "/manage/projects").GET()).status()).isEqualTo(401);
        assertThat(signIn(viewer.getString("token")).status()).isEqualTo(401);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{} | 400",
                "{\"token\":7} | 400",
                "{\"token\":\"\"} | 400",
                "{\"token\":\"a b\"} | 400",
                "{\"token\":\"a\",\"name\":\"x\"} | 400",
                "[] | 400"
            })
    void refusesBodiesThatAreNotExactlyAToken(String body, int status) {
        AdminStack.Reply refused = admin.send(admin.anonymous(SESSION)
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(body)));

        assertThat(refused.status()).as(refused.text()).isEqualTo(status);
    }

    @Test
    void takesNoFormsAndNoLongBodies() {
        assertThat(admin.send(admin.anonymous(SESSION)
                                .header("Content-Type", "application/x-www-form-urlencoded")
                                .POST(BodyPublishers.ofString("token=" + AdminStack.TOKEN)))
                        .status())
                .isEqualTo(415);
        assertThat(admin.send(admin.anonymous(SESSION)
                                .header("Content-Type", "application/json")
                                .POST(BodyPublishers.ofString("{\"token\":\"" + "x".repeat(9_000) + "\"}")))
                        .status())
                .isEqualTo(413);
        assertThat(admin.send(admin.anonymous(SESSION).method("PUT", BodyPublishers.noBody()))
                        .header("Allow"))
                .isEqualTo("GET, POST, DELETE");
    }

    @Test
    void withoutTheWebInterfaceACookieIsNothing() {
        admin.close();
        admin = new AdminStack(directory.resolve("other"), true, "admin_ui: { enabled: false }");

        assertThat(signIn(AdminStack.TOKEN).status()).isEqualTo(404);
        assertThat(admin.send(admin.anonymous("/admin").GET()).status()).isEqualTo(404);
        assertThat(admin.get("/manage/projects").status()).isEqualTo(200);
    }
}
