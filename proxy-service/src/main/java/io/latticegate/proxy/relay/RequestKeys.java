package io.latticegate.proxy.relay;

import io.latticegate.proxy.cache.CacheKey;
import io.latticegate.proxy.cache.semantic.SemanticPrompt;
import io.latticegate.proxy.dialect.LastPrompt;
import io.latticegate.proxy.dialect.RequestScan;
import io.latticegate.proxy.dialect.Sampling;
import io.vertx.core.MultiMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Names a request for the cache: its project, its operation, its path and query, every header that the provider would see,
 * and its body's bytes.
 */
final class RequestKeys {
    private static final Set<String> WITHOUT_INFLUENCE = Set.of(
            "user-agent",
            "cache-control",
            "pragma",
            "if-none-match",
            "if-modified-since",
            "idempotency-key",
            "traceparent",
            "tracestate",
            "baggage",
            "date",
            "priority");
    private static final String[] WITHOUT_INFLUENCE_PREFIXES = {"x-stainless-", "x-b3-", "sec-"};
    private static final int COMPARED_BODY_MAX = 256 << 10;
    private static final int COMPARED_TEXT_MAX = 2_000;

    /** The key of this request and of no other. */
    static CacheKey exact(Exchange exchange, Operation operation, RequestScan.Accepted scan) {
        return about(exchange, operation).add(scan.body()).build();
    }

    /**
     * The request without the text of its last message, and that text; null where no other request can mean the same: it
     * is no chat of plain text, wants a varied answer, or is longer than the model reads.
     */
    static @Nullable SemanticPrompt semantic(Exchange exchange, Operation operation, RequestScan.Accepted scan) {
        byte[] body = scan.body();
        if (body.length > COMPARED_BODY_MAX || Sampling.asksForVariety(body)) {
            return null;
        }
        LastPrompt last = LastPrompt.of(body);
        if (last == null || last.text().isBlank() || last.text().length() > COMPARED_TEXT_MAX) {
            return null;
        }
        CacheKey.Builder partition = about(exchange, operation).add("all but the last message");
        for (byte[] part : last.around(body)) {
            partition.add(part);
        }
        return new SemanticPrompt(partition.build(), last.text());
    }

    private static CacheKey.Builder about(Exchange exchange, Operation operation) {
        var request = exchange.request();
        String query = request.query();
        CacheKey.Builder key = new CacheKey.Builder()
                .add(Long.toString(exchange.rules().version()))
                .add(String.valueOf(exchange.facts().projectId))
                .add(operation.name())
                .add(String.valueOf(request.path()))
                .add(query == null ? "" : query);
        MultiMap forwarded = MultiMap.caseInsensitiveMultiMap();
        EndToEndHeaders.toProvider(request.headers(), forwarded);
        Map<String, List<String>> influential = new TreeMap<>();
        for (String header : forwarded.names()) {
            String name = header.toLowerCase(Locale.ROOT);
            if (!withoutInfluence(name)) {
                influential.put(name, forwarded.getAll(name));
            }
        }
        key.add(Integer.toString(influential.size()));
        influential.forEach((name, values) -> {
            key.add(name).add(Integer.toString(values.size()));
            values.forEach(key::add);
        });
        ClientKeys own = exchange.clientKeys();
        if (own != null) {
            key.add("client keys");
            own.fingerprints().forEach(key::add);
        }
        Guarding guarding = exchange.guarding();
        if (guarding != null) {
            key.add("guards").add(guarding.guards().names());
        }
        return key;
    }

    private static boolean withoutInfluence(String name) {
        if (WITHOUT_INFLUENCE.contains(name)) {
            return true;
        }
        for (String prefix : WITHOUT_INFLUENCE_PREFIXES) {
            if (name.startsWith(prefix)) {
                return true;
            }
        }
        return false;
    }

    private RequestKeys() {}
}
