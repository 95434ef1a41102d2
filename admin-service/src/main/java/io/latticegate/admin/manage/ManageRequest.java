package io.latticegate.admin.manage;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One authenticated call, read whole.
 *
 * @param correlationId the client's own id of the request, or empty
 * @param path as sent, without the query
 * @param segments of the path after {@code /manage}
 * @param query decoded, each name once
 * @param contentType as sent, or empty
 * @param ifMatch the header of that name, or empty
 * @param accept the header of that name, or empty
 * @param body wiped when the call has ended
 */
record ManageRequest(
        String requestId,
        String correlationId,
        String clientIp,
        String userAgent,
        String method,
        String path,
        List<String> segments,
        Map<String, String> query,
        String contentType,
        String ifMatch,
        String accept,
        byte[] body) {
    private static final Pattern UUID = Pattern.compile("[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}");
    private static final Pattern TAG = Pattern.compile("\"[!#-~]{1,100}\"");
    private static final Pattern JSON = Pattern.compile(
            "application/(?:[a-z0-9.-]+\\+)?json *(?:; *charset=\"?utf-8\"? *)?", Pattern.CASE_INSENSITIVE);

    private static final Pattern YAML =
            Pattern.compile("application/yaml *(?:; *charset=\"?utf-8\"? *)?", Pattern.CASE_INSENSITIVE);
    private static final String MERGE_PATCH = "application/merge-patch+json";

    static boolean isUuid(String text) {
        return UUID.matcher(text).matches();
    }

    /** This request with what is read after its authentication. */
    ManageRequest with(Map<String, String> parameters, byte[] read) {
        return new ManageRequest(
                requestId,
                correlationId,
                clientIp,
                userAgent,
                method,
                path,
                segments,
                parameters,
                contentType,
                ifMatch,
                accept,
                read);
    }

    /** The id in the path; one that cannot be ours names nothing. */
    String id(String what) {
        String id = segments.get(1);
        if (!isUuid(id)) {
            throw Refused.notFound(what);
        }
        return id;
    }

    /** Refuses parameters of the query that this call does not know: a misspelt filter must not widen a listing. */
    void allowQuery(String... names) {
        Set<String> allowed = Set.of(names);
        for (String name : query.keySet()) {
            if (!allowed.contains(name)) {
                throw Refused.badRequest("unknown query parameter " + Member.shown(name) + "; allowed: "
                        + (names.length == 0 ? "none" : String.join(", ", names)));
            }
        }
    }

    /** The tag that {@code If-Match} names; null where any will do. */
    @Nullable
    String expectedTag() {
        String wanted = ifMatch.strip();
        if (wanted.isEmpty() || wanted.equals("*")) {
            return null;
        }
        if (!TAG.matcher(wanted).matches()) {
            throw Refused.badRequest(
                    "If-Match must be one ETag as an answer has it, such as \"0123456789abcdef\", or *");
        }
        return wanted.substring(1, wanted.length() - 1);
    }

    /** A parameter that may be spelt in two ways. */
    @Nullable
    String query(String name, String alias) {
        String value = query.get(name);
        String other = query.get(alias);
        if (value != null && other != null) {
            throw Refused.badRequest(name + " and " + alias + " are the same parameter; give one");
        }
        return value == null ? other : value;
    }

    /** The id after which a page begins, or null. */
    @Nullable
    String after() {
        String after = query.get("after");
        if (after != null && !isUuid(after)) {
            throw Refused.badRequest("after must be an id of this listing");
        }
        return after;
    }

    /** A number of the query within bounds, or {@code otherwise}. */
    int number(String name, int otherwise, int max) {
        String text = query.get(name);
        if (text == null) {
            return otherwise;
        }
        if (!text.matches("[0-9]{1,9}") || Integer.parseInt(text) < 1 || Integer.parseInt(text) > max) {
            throw Refused.badRequest(name + " must be a number of 1 to " + max);
        }
        return Integer.parseInt(text);
    }

    boolean isJson() {
        return JSON.matcher(contentType.strip()).matches();
    }

    /** Whether the body is a JSON merge patch (RFC 7396). */
    boolean isMergePatch() {
        return isJson() && contentType.strip().regionMatches(true, 0, MERGE_PATCH, 0, MERGE_PATCH.length());
    }

    /** Whether the body is YAML (RFC 9512). */
    boolean isYaml() {
        return YAML.matcher(contentType.strip()).matches();
    }

    /** Reads the JSON body, in which only {@code allowed} members may stand. */
    MemberValues members(Member... allowed) {
        if (!isJson()) {
            throw Refused.denied(415, "Content-Type must be application/json");
        }
        return MemberValues.parse(body, List.of(allowed));
    }

    /** For calls that take nothing: an empty object is accepted where clients send one. */
    void noBody() {
        String text = new String(body, StandardCharsets.UTF_8).strip();
        if (!text.isEmpty() && !text.equals("{}")) {
            throw Refused.badRequest("this call takes no body");
        }
    }

    /** Never the body or the query. */
    @Override
    public String toString() {
        return method + " " + path;
    }
}
