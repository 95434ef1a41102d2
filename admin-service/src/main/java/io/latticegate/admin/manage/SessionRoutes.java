package io.latticegate.admin.manage;

import io.latticegate.admin.manage.Authentication.Admission;
import io.latticegate.admin.manage.Authentication.Bearer;
import io.latticegate.admin.session.OidcProvider;
import io.latticegate.admin.session.OidcProvider.Outcome;
import io.latticegate.admin.session.SessionKey;
import io.latticegate.admin.session.Sessions;
import io.latticegate.common.journal.AuditActor;
import io.latticegate.common.journal.AuditOutcome;
import io.latticegate.common.store.StoreFault;
import io.latticegate.common.telemetry.Log;
import io.latticegate.common.telemetry.LogKey;
import io.latticegate.common.value.Secret;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Signing in to the web interface and out of it: {@code /admin/api/session}, {@code /admin/api/login} and, with an OpenID
 * Connect provider, {@code /admin/oidc/}. A session is begun anew by every sign-in, and the one that the browser had ends.
 */
final class SessionRoutes {
    private static final Log LOG = Log.of(SessionRoutes.class);
    private static final int BODY_BYTES_MAX = 8 * 1024;
    private static final String LOGIN = "admin.login";
    private static final String LOGOUT = "admin.logout";
    private static final String OIDC_COOKIE = "__Host-latticegate-oidc";
    private static final long OIDC_SECONDS_MAX = 600;
    private static final String ATTRIBUTES = "; Path=/; Secure; HttpOnly; SameSite=";

    private final Responses responses;
    private final RequestReader reader;
    private final Authentication authentication;
    private final Sessions sessions;
    private final AuditedCall.Trail trail;
    private final @Nullable OidcProvider provider;
    private final SecureRandom random = new SecureRandom();

    /** @param provider null: there is none */
    SessionRoutes(
            Responses responses,
            RequestReader reader,
            Authentication authentication,
            Sessions sessions,
            AuditedCall.Trail trail,
            @Nullable OidcProvider provider) {
        this.responses = responses;
        this.reader = reader;
        this.authentication = authentication;
        this.sessions = sessions;
        this.trail = trail;
        this.provider = provider;
    }

    void mount(Router router) {
        router.route("/admin/api/*").handler(this::api);
        router.get("/admin/oidc/login").handler(this::beginOidc);
        router.get("/admin/oidc/callback").handler(this::finishOidc);
        router.route("/admin/oidc/*").handler(this::noSuchPath);
    }

    /** Lets the provider's connections go. */
    void close() {
        if (provider != null) {
            provider.close();
        }
    }

    private void noSuchPath(RoutingContext routing) {
        HttpServerRequest request = routing.request();
        responses.open(request);
        responses.done(
                request,
                reader.head(request).requestId(),
                Refused.notFound("path").answer());
    }

    private void api(RoutingContext routing) {
        HttpServerRequest request = routing.request();
        responses.open(request);
        ManageRequest head = reader.head(request);
        Credentials presented = Credentials.of(request);
        Optional<Admission.Denied> refusal = authentication.refusal(head, presented);
        if (refusal.isPresent()) {
            responses.run(request, head.requestId(), () -> deny(head, refusal.get()));
            return;
        }
        switch (head.path() + " " + head.method()) {
            case "/admin/api/session POST" -> signIn(request, head, presented);
            case "/admin/api/session GET" -> responses.run(request, head.requestId(), () -> whoIsThere(presented));
            case "/admin/api/session DELETE" ->
                responses.run(request, head.requestId(), () -> signOut(head, presented));
            case "/admin/api/login GET" ->
                responses.done(
                        request, head.requestId(), Answer.json(200, new JsonObject().put("oidc", provider != null)));
            default ->
                responses.done(request, head.requestId(), noSuchCall(head).answer());
        }
    }

    private static Refused noSuchCall(ManageRequest head) {
        return switch (head.path()) {
            case "/admin/api/session" -> Refused.methodNotAllowed("GET, POST, DELETE", null);
            case "/admin/api/login" -> Refused.methodNotAllowed("GET", null);
            default -> Refused.notFound("path");
        };
    }

    private Answer deny(ManageRequest head, Admission.Denied denied) {
        if (denied.recorded()) {
            new AuditedCall(trail, denied.action(), denied.actor(), head)
                    .end(denied.refused().status(), AuditOutcome.DENIED, denied.reason());
        }
        return denied.refused().answer();
    }

    private void signIn(HttpServerRequest request, ManageRequest head, Credentials presented) {
        reader.body(request, BODY_BYTES_MAX)
                .onSuccess(body -> responses.run(request, head.requestId(), () -> {
                    try {
                        return signIn(head.with(Map.of(), body), presented);
                    } finally {
                        Arrays.fill(body, (byte) 0);
                    }
                }))
                .onFailure(fault -> {
                    if (fault instanceof Refused refused) {
                        responses.done(request, head.requestId(), refused.answer());
                    } else {
                        responses.abandon();
                    }
                });
    }

    /** {@code POST /admin/api/session}. */
    private Answer signIn(ManageRequest request, Credentials presented) {
        Optional<Bearer> bearer;
        try (MemberValues members = request.members(Member.TOKEN)) {
            Secret token = members.secret(Member.TOKEN);
            if (token == null) {
                throw Refused.badRequest("token is required");
            }
            bearer = token.expose(authentication::recognised);
        }
        Optional<Principal> principal = bearer.flatMap(Authentication::principal);
        if (bearer.isEmpty() || principal.isEmpty()) {
            return deny(request, authentication.failed(request));
        }
        Bearer known = bearer.get();
        AuditedCall audited = new AuditedCall(trail, LOGIN, principal.get().actor(), request);
        audited.note("with", known instanceof Bearer.Management ? "management token" : "token");
        Sessions.Begun begun = begin(audited, presented, () -> switch (known) {
            case Bearer.Management() -> sessions.beginManagement(Role.ADMIN.wireName());
            case Bearer.Named(var account) -> sessions.begin(account);
        });
        return new Answer(204, null, "application/json", Map.of("Set-Cookie", sessionCookie(begun.key())));
    }

    /** Begins a session under its entry in the audit, and ends the one that the browser had. */
    private Sessions.Begun begin(AuditedCall audited, Credentials presented, Supplier<Sessions.Begun> beginning) {
        audited.begin();
        try {
            presented.session().flatMap(SessionKey::parse).ifPresent(sessions::end);
            Sessions.Begun begun = beginning.get();
            audited.end(204, AuditOutcome.SUCCESS, "");
            return begun;
        } catch (StoreFault fault) {
            Refused refused = Refused.unavailable("the store does not answer; nobody was signed in");
            audited.end(refused.status(), refused.outcome(), refused.error());
            throw refused;
        }
    }

    /** {@code GET /admin/api/session}: asked by every page when it is loaded, so it is not in the audit. */
    private Answer whoIsThere(Credentials presented) {
        Optional<Sessions.Live> live = authentication.session(presented);
        Optional<Principal> principal = live.map(Sessions.Live::holder).flatMap(Principal::of);
        Optional<SessionKey> key = presented.session().flatMap(SessionKey::parse);
        if (live.isEmpty() || principal.isEmpty() || key.isEmpty()) {
            Refused refused = Refused.failed(401, "nobody is signed in", "session_ended");
            return presented.cookies().isEmpty()
                    ? refused.answer()
                    : Answer.json(
                            401,
                            new JsonObject().put("error", refused.error()).put("code", "session_ended"),
                            Map.of("Set-Cookie", cookie(Credentials.SESSION_COOKIE, "", "Strict", 0)));
        }
        Sessions.Holder holder = live.get().holder();
        List<String> projects = holder.projects();
        return Answer.json(
                200,
                new JsonObject()
                        .put("actor", holder.name().isEmpty() ? "management" : holder.name())
                        .put("role", principal.get().role().wireName())
                        .put("projects", projects == null ? null : new JsonArray(List.copyOf(new TreeSet<>(projects))))
                        .put("csrf", key.get().csrfToken())
                        .put("expires_at", live.get().expiresAt().toString()));
    }

    /** {@code DELETE /admin/api/session}; without a live session there is nothing to end, and that is fine. */
    private Answer signOut(ManageRequest request, Credentials presented) {
        Optional<Principal> principal =
                authentication.session(presented).map(Sessions.Live::holder).flatMap(Principal::of);
        if (principal.isPresent()) {
            AuditActor actor = principal.get().actor();
            if (!Authentication.hasCsrfToken(presented)) {
                return deny(
                        request,
                        new Admission.Denied(
                                Refused.denied(403, "with a session, a change needs its X-CSRF-Token"),
                                LOGOUT,
                                actor,
                                "no valid CSRF token",
                                true));
            }
            AuditedCall audited = new AuditedCall(trail, LOGOUT, actor, request);
            audited.begin();
            try {
                presented.session().flatMap(SessionKey::parse).ifPresent(sessions::end);
            } catch (StoreFault fault) {
                Refused refused = Refused.unavailable("the store does not answer; the session goes on");
                audited.end(refused.status(), refused.outcome(), refused.error());
                throw refused;
            }
            audited.end(204, AuditOutcome.SUCCESS, "");
        }
        return new Answer(
                204,
                null,
                "application/json",
                Map.of("Set-Cookie", cookie(Credentials.SESSION_COOKIE, "", "Strict", 0)));
    }

    private void beginOidc(RoutingContext routing) {
        HttpServerRequest request = routing.request();
        responses.open(request);
        ManageRequest head = reader.head(request);
        OidcProvider offered = provider;
        if (offered == null) {
            responses.done(request, head.requestId(), Refused.notFound("path").answer());
            return;
        }
        if (responses.full()) {
            responses.done(request, head.requestId(), toLogin("unavailable"));
            return;
        }
        responses.run(request, head.requestId(), () -> {
            SessionKey attempt = SessionKey.create(random);
            String address = offered.authorizationAddress(attempt);
            return address.isEmpty()
                    ? toLogin("unavailable")
                    : redirect(address, cookie(OIDC_COOKIE, attempt.cookie(), "Lax", OIDC_SECONDS_MAX));
        });
    }

    private void finishOidc(RoutingContext routing) {
        HttpServerRequest request = routing.request();
        responses.open(request);
        ManageRequest head = reader.head(request);
        OidcProvider offered = provider;
        Optional<SessionKey> attempt = Optional.of(Credentials.cookies(request, OIDC_COOKIE))
                .filter(cookies -> cookies.size() == 1)
                .flatMap(cookies -> SessionKey.parse(cookies.getFirst()));
        Map<String, String> query;
        try {
            query = reader.query(request);
        } catch (Refused malformed) {
            responses.done(request, head.requestId(), malformed.answer());
            return;
        }
        if (offered == null) {
            responses.done(request, head.requestId(), Refused.notFound("path").answer());
            return;
        }
        // Where the provider sends a browser back, fetch metadata says cross-site, so only the waiting applies here.
        Optional<Admission.Denied> refusal = authentication
                .refusal(head, new Credentials(List.of(), List.of(), "", "", List.of(), ""))
                .filter(denied -> denied.refused().status() == 429);
        if (refusal.isPresent()) {
            responses.done(request, head.requestId(), refusal.get().refused().answer());
            return;
        }
        Credentials presented = Credentials.of(request);
        responses.run(
                request,
                head.requestId(),
                () -> finished(
                        head,
                        presented,
                        attempt.map(key -> offered.finish(key, query))
                                .orElseGet(() -> new Outcome.Denied("no sign-in was begun in this browser"))));
    }

    private Answer finished(ManageRequest head, Credentials presented, Outcome outcome) {
        return switch (outcome) {
            case Outcome.SignedIn(String name, String role) -> {
                AuditedCall audited = new AuditedCall(trail, LOGIN, Principal.identity(name), head);
                audited.note("with", "oidc");
                audited.note("role", role);
                Sessions.Begun begun = begin(audited, presented, () -> sessions.beginOidc(name, role));
                yield redirect("/admin", sessionCookie(begun.key()));
            }
            case Outcome.NoRole(String name) -> {
                record(head, Principal.identity(name), "no role is mapped to this identity");
                yield toLogin("role");
            }
            case Outcome.Denied(String reason) -> {
                Admission.Denied failed = authentication.failed(head);
                record(head, failed.actor(), reason);
                yield toLogin("denied");
            }
            case Outcome.Unreachable(String reason) -> {
                LOG.warn("the identity provider cannot be used", LogKey.REASON.of(reason));
                yield toLogin("unavailable");
            }
        };
    }

    private void record(ManageRequest head, AuditActor actor, String reason) {
        AuditedCall audited = new AuditedCall(trail, LOGIN, actor, head);
        audited.note("with", "oidc");
        audited.end(401, AuditOutcome.DENIED, reason);
    }

    private static Answer toLogin(String reason) {
        return new Answer(303, null, "text/plain", Map.of("Location", "/admin?login=" + reason));
    }

    private static Answer redirect(String target, String cookie) {
        return new Answer(
                303,
                null,
                "text/plain",
                Map.of("Location", target, "Set-Cookie", cookie, "Referrer-Policy", "no-referrer"));
    }

    private static String sessionCookie(SessionKey key) {
        return cookie(Credentials.SESSION_COOKIE, key.cookie(), "Strict", Sessions.LIFE_MAX.toSeconds());
    }

    private static String cookie(String name, String value, String sameSite, long seconds) {
        return name + "=" + value + ATTRIBUTES + sameSite + "; Max-Age=" + seconds;
    }
}
