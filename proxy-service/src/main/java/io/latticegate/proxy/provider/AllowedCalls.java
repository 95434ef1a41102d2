package io.latticegate.proxy.provider;

import com.fasterxml.jackson.databind.JsonNode;
import io.latticegate.proxy.dialect.Refusal;
import io.latticegate.proxy.dialect.StrictJson;
import io.vertx.core.MultiMap;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What clients may ask of a provider's own API below {@code /p/<provider>} (S1-040, S1-041). Nothing that is not listed is
 * allowed. Endpoints are compared by whole segments with a path that is already known to be unambiguous, and a body is
 * judged in the very bytes that are sent on (C-44, C-45). Immutable.
 */
public final class AllowedCalls {
    private static final int VALUE_LENGTH_MAX = 1_000;

    private final Set<String> methods;
    private final Set<String> endpoints = new HashSet<>();
    private final List<String> prefixes = new ArrayList<>();
    private final Predicate<String> served;
    private final Map<String, List<Pattern>> parameters = new HashMap<>();
    private final Set<String> requiredHeaders;

    /**
     * @param methods such as {@code POST}
     * @param endpoints paths, or with {@code /*} at the end all below one
     * @param served whether a path, in lower case, is one that this gateway serves itself, and so counts or binds to a
     *     project's own key; never allowed here, whatever the endpoints say
     * @param parameters members that a JSON body must have, and their values with {@code *} for any characters
     * @param requiredHeaders names in lower case
     */
    public AllowedCalls(
            Set<String> methods,
            List<String> endpoints,
            Predicate<String> served,
            Map<String, List<String>> parameters,
            Set<String> requiredHeaders) {
        this.methods = Set.copyOf(methods);
        for (String endpoint : endpoints) {
            if (endpoint.endsWith("/*")) {
                prefixes.add(endpoint.substring(0, endpoint.length() - 1));
            } else {
                this.endpoints.add(endpoint);
            }
        }
        this.served = served;
        parameters.forEach((name, values) -> this.parameters.put(
                name, values.stream().map(AllowedCalls::pattern).toList()));
        this.requiredHeaders = Set.copyOf(requiredHeaders);
    }

    /** Whether {@code path}, without percent-encoded slashes and dots, is an allowed endpoint. */
    public boolean permitsPath(String path) {
        if (served.test(plain(path))) {
            return false;
        }
        if (endpoints.contains(path)) {
            return true;
        }
        for (String prefix : prefixes) {
            if (path.length() > prefix.length() && path.startsWith(prefix)) {
                return true;
            }
        }
        return false;
    }

    /** Whether {@code method}, in the case in which it came, is allowed (RFC 9110 section 9.1). */
    public boolean permitsMethod(String method) {
        return methods.contains(method);
    }

    /** The allowed methods in alphabetical order, as {@code Allow} lists them. */
    public String methods() {
        return String.join(", ", new TreeSet<>(methods));
    }

    /** Whether {@link #fault} has to read the bodies. */
    public boolean judgesBodies() {
        return !parameters.isEmpty();
    }

    /**
     * What keeps a request to an allowed endpoint from being sent, or null.
     *
     * @param query the decoded parameters of the query
     * @param body not looked at unless {@link #judgesBodies}
     */
    public @Nullable Refusal fault(String method, MultiMap headers, MultiMap query, byte[] body) {
        for (String required : requiredHeaders) {
            String value = headers.get(required);
            if (value == null || value.isBlank()) {
                return new Refusal(400, "missing_header", "The header " + required + " is required here", required);
            }
        }
        return parameters.isEmpty() ? null : parameterFault(method, headers, query, body);
    }

    private @Nullable Refusal parameterFault(String method, MultiMap headers, MultiMap query, byte[] body) {
        for (String name : parameters.keySet()) {
            if (query.contains(name)) {
                return Refusal.invalid(name, name + " is limited here and belongs in the JSON body, not in the query");
            }
        }
        boolean sendsData = method.equals("POST") || method.equals("PUT") || method.equals("PATCH");
        if (body.length == 0 && !sendsData) {
            return null;
        }
        if (!isJson(headers.get("Content-Type"))) {
            return new Refusal(
                    415, "unsupported_media_type", "The body must be JSON, and say so in Content-Type", null);
        }
        return switch (StrictJson.parse(body)) {
            case StrictJson.Parsed.Malformed(Refusal refusal) -> refusal;
            case StrictJson.Parsed.Tree(JsonNode root) -> memberFault(root);
        };
    }

    private @Nullable Refusal memberFault(JsonNode root) {
        if (!root.isObject()) {
            return Refusal.invalid(null, "The body must be a JSON object");
        }
        for (Map.Entry<String, List<Pattern>> limited : parameters.entrySet()) {
            String name = limited.getKey();
            JsonNode value = root.get(name);
            if (value == null || !value.isValueNode() || value.isNull()) {
                return Refusal.invalid(name, name + " is required here, as text, number or truth value");
            }
            String text = value.asText();
            boolean allowed = text.length() <= VALUE_LENGTH_MAX
                    && limited.getValue().stream()
                            .anyMatch(pattern -> pattern.matcher(text).matches());
            if (!allowed) {
                return new Refusal(
                        403, "parameter_not_allowed", "This value of " + name + " is not allowed here", name);
            }
        }
        return null;
    }

    private static boolean isJson(@Nullable String contentType) {
        if (contentType == null) {
            return false;
        }
        int end = contentType.indexOf(';');
        String type =
                (end < 0 ? contentType : contentType.substring(0, end)).strip().toLowerCase(Locale.ROOT);
        return type.equals("application/json") || type.startsWith("application/") && type.endsWith("+json");
    }

    private static Pattern pattern(String value) {
        StringBuilder regex = new StringBuilder();
        for (String literal : value.split("\\*", -1)) {
            regex.append(regex.isEmpty() ? "" : ".*").append(Pattern.quote(literal));
        }
        return Pattern.compile(regex.toString(), Pattern.DOTALL);
    }

    /** As the most forgiving server would read the path: escapes decoded, in lower case, without slashes at its end. */
    private static String plain(String path) {
        StringBuilder plain = new StringBuilder(path.length());
        for (int at = 0; at < path.length(); at++) {
            char c = path.charAt(at);
            if (c == '%') {
                c = (char) Integer.parseInt(path, at + 1, at + 3, 16);
                at += 2;
            }
            plain.append(Character.toLowerCase(c));
        }
        int end = plain.length();
        while (end > 1 && plain.charAt(end - 1) == '/') {
            end--;
        }
        return plain.substring(0, end);
    }
}
