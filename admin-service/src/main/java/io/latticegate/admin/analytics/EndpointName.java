package io.latticegate.admin.analytics;

import java.util.List;
import java.util.Set;

/**
 * Names what a path of the data port does, with a word in braces in place of an id, a model or a provider. The names are a
 * closed set, so that paths which somebody makes up cannot make rows.
 */
final class EndpointName {
    private static final Set<String> FIXED = Set.of(
            "/v1/chat/completions",
            "/v1/llm/chat/completions",
            "/v1/completions",
            "/v1/embeddings",
            "/v1/responses",
            "/v1/messages",
            "/v1/messages/count_tokens",
            "/v1/models",
            "/v1/moderations",
            "/v1/images/generations",
            "/v1/images/edits",
            "/v1/images/variations",
            "/v1/audio/speech",
            "/v1/audio/transcriptions",
            "/v1/audio/translations",
            "/v1/files",
            "/v1/batches",
            "/v1beta/models",
            "/v2/chat",
            "/v2/embed",
            "/v2/rerank",
            "/api/llm/proxy",
            "/api/vault/store",
            "/api/relay/config");

    private static final Set<String> GEMINI_CALLS =
            Set.of("generateContent", "streamGenerateContent", "embedContent", "batchEmbedContents", "countTokens");

    /** Collections of OpenAI's API, and what may follow the id of an element. */
    private record Collection(String prefix, Set<String> calls) {}

    private static final List<Collection> COLLECTIONS = List.of(
            new Collection("/v1/responses/", Set.of("cancel", "input_items")),
            new Collection("/v1/files/", Set.of("content")),
            new Collection("/v1/batches/", Set.of("cancel")));

    private static final String MODEL = "{model}";

    static String of(String path) {
        if (FIXED.contains(path)) {
            return path;
        }
        for (Collection collection : COLLECTIONS) {
            if (path.startsWith(collection.prefix())) {
                return element(path, collection);
            }
        }
        if (path.startsWith("/v1beta/models/")) {
            return gemini(path, "/v1beta/models/" + MODEL);
        }
        if (path.startsWith("/v1/models/")) {
            return gemini(path, "/v1/models/" + MODEL);
        }
        if (path.startsWith("/model/")) {
            return path.endsWith("/converse-stream")
                    ? "/model/" + MODEL + "/converse-stream"
                    : path.endsWith("/converse") ? "/model/" + MODEL + "/converse" : Facets.OTHER;
        }
        if (path.startsWith("/v1/fhe/")) {
            return "/v1/fhe";
        }
        if (path.startsWith("/p/")) {
            return "/p/{provider}";
        }
        return path.startsWith("/api/") ? api(path) : Facets.OTHER;
    }

    private static String element(String path, Collection collection) {
        String rest = path.substring(collection.prefix().length());
        int slash = rest.indexOf('/');
        if (slash < 0) {
            return collection.prefix() + "{id}";
        }
        String call = rest.substring(slash + 1);
        return collection.calls().contains(call) ? collection.prefix() + "{id}/" + call : Facets.OTHER;
    }

    private static String gemini(String path, String name) {
        int colon = path.lastIndexOf(':');
        if (colon < 0) {
            return name;
        }
        String call = path.substring(colon + 1);
        return GEMINI_CALLS.contains(call) ? "/v1beta/models/" + MODEL + ":" + call : Facets.OTHER;
    }

    private static String api(String path) {
        if (path.startsWith("/api/vault/")) {
            return "/api/vault/{provider}";
        }
        if (path.startsWith("/api/relay/nonce/")) {
            return "/api/relay/nonce/{wallet}";
        }
        if (path.startsWith("/api/usage/")) {
            return "/api/usage/{wallet}";
        }
        String rest = path.substring("/api/".length());
        int slash = rest.indexOf('/');
        return slash < 0 || rest.substring(slash).equals("/messages") ? "/api/{provider}" : Facets.OTHER;
    }

    private EndpointName() {}
}
