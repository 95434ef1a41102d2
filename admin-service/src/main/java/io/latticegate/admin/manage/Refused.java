package io.latticegate.admin.manage;

import io.latticegate.common.bus.BusFault;
import io.latticegate.common.config.ConfigProblem;
import io.latticegate.common.journal.AuditOutcome;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Ends a call with an error answer. Its text goes to the client and into the audit, so it never repeats what the client
 * sent as a secret.
 */
final class Refused extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int status;
    private final @Nullable String code;
    private final @Nullable String detail;
    private final AuditOutcome outcome;
    private final transient Map<String, String> headers;
    private final transient List<ConfigProblem> problems;

    private Refused(
            int status,
            String error,
            @Nullable String code,
            @Nullable String detail,
            AuditOutcome outcome,
            Map<String, String> headers) {
        this(status, error, code, detail, outcome, headers, List.of());
    }

    private Refused(
            int status,
            String error,
            @Nullable String code,
            @Nullable String detail,
            AuditOutcome outcome,
            Map<String, String> headers,
            List<ConfigProblem> problems) {
        super(error, null, false, false);
        this.status = status;
        this.code = code;
        this.detail = detail;
        this.outcome = outcome;
        this.headers = headers;
        this.problems = problems;
    }

    /** 400: the request itself is wrong. */
    static Refused badRequest(String error) {
        return denied(400, error);
    }

    /** Refused before anything was tried. */
    static Refused denied(int status, String error) {
        return new Refused(status, error, null, null, AuditOutcome.DENIED, Map.of());
    }

    /** As {@link #denied(int, String)}, with a header. */
    static Refused denied(int status, String error, String header, String value) {
        return new Refused(status, error, null, null, AuditOutcome.DENIED, Map.of(header, value));
    }

    /** Tried, and found impossible. */
    static Refused failed(int status, String error, @Nullable String code) {
        return new Refused(status, error, code, null, AuditOutcome.FAILURE, Map.of());
    }

    /** 400: rules that are malformed or not allowed, with every reason. */
    static Refused config(List<ConfigProblem> problems) {
        return new Refused(
                400,
                "the rules are refused; nothing was changed",
                "config_refused",
                null,
                AuditOutcome.DENIED,
                Map.of(),
                problems);
    }

    /** Problems as an answer lists them. */
    static JsonArray problems(List<ConfigProblem> problems) {
        JsonArray listed = new JsonArray();
        for (ConfigProblem problem : problems) {
            listed.add(new JsonObject()
                    .put("path", problem.path())
                    .put("where", problem.where())
                    .put("message", problem.message()));
        }
        return listed;
    }

    static Refused notFound(String what) {
        return failed(404, what + " not found", null);
    }

    /** 412: the client has not seen the last change. */
    static Refused stale(String what) {
        return failed(412, "the " + what + " has changed since; read it and repeat the change", "stale");
    }

    static Refused methodNotAllowed(String allow, @Nullable String message) {
        return new Refused(405, "method not allowed", null, message, AuditOutcome.DENIED, Map.of("Allow", allow));
    }

    /** 503: something of ours does not answer; the text says what was and was not done. */
    static Refused unavailable(String error) {
        return new Refused(503, error, "service_unavailable", null, AuditOutcome.ERROR, Map.of("Retry-After", "1"));
    }

    /** 503 for a question that got no answer. The bus' own words name addresses, which are of no use to the client. */
    static Refused unanswered(String service, BusFault fault, String consequence) {
        return unavailable(
                service + " does not answer (" + fault.kind().name().toLowerCase(Locale.ROOT) + "); " + consequence);
    }

    AuditOutcome outcome() {
        return outcome;
    }

    int status() {
        return status;
    }

    String error() {
        return String.valueOf(getMessage());
    }

    Answer answer() {
        JsonObject body = new JsonObject().put("error", error());
        if (detail != null) {
            body.put("message", detail);
        }
        if (code != null) {
            body.put("code", code);
        }
        if (!problems.isEmpty()) {
            body.put("problems", problems(problems));
        }
        return Answer.json(status, body, headers);
    }
}
