package io.latticegate.admin.manage;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jwt.JWTClaimsSet;
import io.latticegate.testing.FakeTime;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Signing in through an OpenID Connect provider, over real sockets. */
class OidcLoginTest {
    private static final String ORIGIN = "https://gate.example";

    @TempDir
    private Path directory;

    private FakeOidc provider;
    private AdminStack admin;

    @BeforeEach
    void start() {
        provider = new FakeOidc(new FakeTime());
        admin = new AdminStack(directory, true, """
                admin_ui: { origin: "%s" }
                oidc:
                  issuer: "%s"
                  client_id: gateway
                  client_secret: "%s"
                  role_claim: realm.groups
                  roles: { viewer: [everyone], operator: [on-call], admin: [platform] }
                """.formatted(ORIGIN, provider.issuer(), FakeOidc.SECRET));
    }

    @AfterEach
    void stop() {
        admin.close();
        provider.close();
    }

    /** A browser between the gateway and the provider. */
    private record Attempt(String cookie, URI back) {}

    private Attempt begin() {
        AdminStack.Reply sent = admin.send(admin.anonymous("/admin/oidc/login").GET());
        assertThat(sent.status()).isEqualTo(303);
        assertThat(sent.header("Set-Cookie"))
                .matches(
                        "__Host-latticegate-oidc=[A-Za-z0-9_-]{43}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=600");
        return new Attempt(
                sent.header("Set-Cookie").replaceFirst(";.*", ""), provider.approve(sent.header("Location")));
    }

    private AdminStack.Reply comeBack(String cookie, String query) {
        return admin.send(admin.anonymous("/admin/oidc/callback?" + query)
                .header("Cookie", cookie)
                .header("Sec-Fetch-Site", "cross-site")
                .GET());
    }

    private AdminStack.Reply signIn() {
        Attempt attempt = begin();
        assertThat(attempt.back().toString()).startsWith(ORIGIN + "/admin/oidc/callback?");
        return comeBack(attempt.cookie(), attempt.back().getRawQuery());
    }

    private JsonObject lastLogin() {
        admin.deliverAudit();
        return admin.get("/manage/audit?action=admin.login")
                .object()
                .getJsonArray("events")
                .getJsonObject(0);
    }

    private void isDenied(AdminStack.Reply reply) {
        assertThat(reply.status()).isEqualTo(303);
        assertThat(reply.header("Location")).isEqualTo("/admin?login=denied");
        assertThat(reply.header("Set-Cookie")).isEmpty();
        assertThat(lastLogin().getString("outcome")).isEqualTo("denied");
    }

    @Test
    void whomTheProviderVouchesForIsSignedInWithTheHighestOfItsRoles() {
        AdminStack.Reply reply = signIn();

        assertThat(reply.status()).isEqualTo(303);
        assertThat(reply.header("Location")).isEqualTo("/admin");
        assertThat(reply.header("Set-Cookie")).startsWith("__Host-latticegate=").contains("SameSite=Strict");
        JsonObject session = admin.send(admin.anonymous("/admin/api/session")
                        .header("Cookie", reply.header("Set-Cookie").replaceFirst(";.*", ""))
                        .GET())
                .object();
        assertThat(session.getString("actor")).isEqualTo("alice (u-1)");
        assertThat(session.getString("role")).isEqualTo("admin");
        JsonObject event = lastLogin();
        assertThat(event.getString("outcome")).isEqualTo("success");
        assertThat(event.getString("actor")).isEqualTo("oidc:alice (u-1)");
        assertThat(event.getJsonObject("metadata").getString("role")).isEqualTo("admin");
        assertThat(admin.send(admin.anonymous("/admin/api/login").GET()).object())
                .isEqualTo(new JsonObject().put("oidc", true));
    }

    @Test
    void whoHasNoRoleIsNotSignedIn() {
        provider.bend(claims -> claims.claim("realm", Map.of("groups", List.of("visitors"))));

        AdminStack.Reply reply = signIn();

        assertThat(reply.header("Location")).isEqualTo("/admin?login=role");
        assertThat(reply.header("Set-Cookie")).isEmpty();
        assertThat(lastLogin().getString("actor")).isEqualTo("oidc:alice (u-1)");
        assertThat(lastLogin().getString("outcome")).isEqualTo("denied");
    }

    /** Each claim that has to be right, made wrong. */
    enum Wrong {
        ISSUER(claims -> claims.issuer("https://elsewhere.example")),
        AUDIENCE(claims -> claims.audience("another-client")),
        PARTY(claims -> claims.claim("azp", "another-client")),
        AUDIENCES_WITHOUT_PARTY(claims -> claims.audience(List.of(FakeOidc.CLIENT, "another-client"))),
        NONCE(claims -> claims.claim("nonce", "of-another-sign-in")),
        NO_NONCE(claims -> claims.claim("nonce", null)),
        NO_SUBJECT(claims -> claims.subject(null)),
        NO_EXPIRY(claims -> claims.expirationTime(null)),
        EXPIRED(claims -> claims.expirationTime(Date.from(FakeTime.START.minus(Duration.ofMinutes(5))))),
        NOT_YET(claims -> claims.notBeforeTime(Date.from(FakeTime.START.plus(Duration.ofMinutes(5)))));

        private final UnaryOperator<JWTClaimsSet.Builder> bend;

        Wrong(UnaryOperator<JWTClaimsSet.Builder> bend) {
            this.bend = bend;
        }
    }

    @ParameterizedTest
    @EnumSource(Wrong.class)
    void anIdTokenWithAWrongClaimSignsNobodyIn(Wrong wrong) {
        provider.bend(wrong.bend);

        isDenied(signIn());
    }

    @ParameterizedTest
    @EnumSource(value = FakeOidc.Signing.class, mode = EnumSource.Mode.EXCLUDE, names = "PROPER")
    void anIdTokenThatTheProviderDidNotSignSignsNobodyIn(FakeOidc.Signing signing) {
        provider.sign(signing);

        isDenied(signIn());
    }

    @Test
    void aResponseWithoutTheBrowsersOwnCookieIsRefused() {
        Attempt attempt = begin();
        Attempt victim = begin();

        isDenied(admin.send(
                admin.anonymous("/admin/oidc/callback?" + attempt.back().getRawQuery())
                        .GET()));
        isDenied(comeBack(victim.cookie(), attempt.back().getRawQuery()));
    }

    @Test
    void aResponseOfAnotherProviderIsRefused() {
        Attempt attempt = begin();
        String query = attempt.back().getRawQuery();

        isDenied(comeBack(attempt.cookie(), query.replaceFirst("&iss=.*", "&iss=https%3A%2F%2Felsewhere.example")));
        isDenied(comeBack(attempt.cookie(), query.replaceFirst("&iss=.*", "")));
    }

    @Test
    void aCodeServesOnce() {
        Attempt attempt = begin();
        assertThat(comeBack(attempt.cookie(), attempt.back().getRawQuery()).header("Location"))
                .isEqualTo("/admin");

        isDenied(comeBack(attempt.cookie(), attempt.back().getRawQuery()));
    }

    @Test
    void whatTheUserRefusedIsDenied() {
        Attempt attempt = begin();

        isDenied(comeBack(
                attempt.cookie(), attempt.back().getRawQuery().replaceFirst("code=[^&]*", "error=access_denied")));
        assertThat(lastLogin().getString("reason")).isEqualTo("the provider refused: access_denied");
    }

    @Test
    void aProviderThatIsAwayIsSaidToBe() {
        provider.failWith(503);

        assertThat(admin.send(admin.anonymous("/admin/oidc/login").GET()).header("Location"))
                .isEqualTo("/admin?login=unavailable");
        assertThat(admin.get("/manage/projects").status()).isEqualTo(200);
    }

    @Test
    void failuresCount() {
        Attempt attempt = begin();
        for (int i = 0; i < 20; i++) {
            assertThat(comeBack(attempt.cookie(), "state=wrong&code=x").status())
                    .isEqualTo(303);
        }

        assertThat(comeBack(attempt.cookie(), attempt.back().getRawQuery()).status())
                .isEqualTo(429);
    }
}
