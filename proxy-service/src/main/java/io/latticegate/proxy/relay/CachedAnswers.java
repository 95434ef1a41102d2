package io.latticegate.proxy.relay;

import io.latticegate.common.config.CacheConfig;
import io.latticegate.common.contract.VaultApi.Owner;
import io.latticegate.proxy.cache.CacheDirectives;
import io.latticegate.proxy.cache.CacheKey;
import io.latticegate.proxy.cache.ResponseCache;
import io.latticegate.proxy.cache.StoredAnswer;
import io.latticegate.proxy.dialect.Refusal;
import io.latticegate.proxy.dialect.RequestScan;
import io.latticegate.proxy.dialect.Sampling;
import io.latticegate.proxy.lease.KeyLease;
import io.latticegate.proxy.lease.KeyLeases;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.time.InstantSource;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Gives a project its own earlier answer again, and keeps new ones.
 *
 * <p>An answer belongs to the project, the operation, the query, every header that the provider would see and the body's
 * bytes; all of them are in its key, so that no rule can mix two tenants up. It also belongs to the provider's key that
 * paid for it: a project that no longer has that key is not given the answer. Only whole answers with status 200 are kept,
 * in the form that the client received.
 *
 * <p>The first of several equal requests asks the provider; the others wait for its answer, and ask themselves when it has
 * none to keep. Confined to one event loop but for the shared {@link ResponseCache}.
 */
public final class CachedAnswers {
    /** What leaves nothing behind at the provider, so that giving its answer again is the whole of it. */
    private static final Set<Operation> KEPT = EnumSet.of(
            Operation.CHAT,
            Operation.COMPLETIONS,
            Operation.EMBEDDINGS,
            Operation.MESSAGES,
            Operation.GENERATE_CONTENT,
            Operation.STREAM_GENERATE_CONTENT,
            Operation.EMBED_CONTENT,
            Operation.BATCH_EMBED_CONTENTS);

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
    private static final int NOT_IN_CACHE = 504;
    private static final Duration WAIT_MAX = Duration.ofSeconds(30);

    private final ResponseCache cache;
    private final CacheConfig config;
    private final KeyLeases keys;
    private final InstantSource clock;
    private final Executor loop;

    /** @param loop runs a task on the event loop that this object is confined to */
    public CachedAnswers(ResponseCache cache, KeyLeases keys, InstantSource clock, Executor loop) {
        this.loop = loop;
        this.cache = cache;
        this.config = cache.config();
        this.keys = keys;
        this.clock = clock;
    }

    /** One request that the cache may serve. */
    private static final class Lookup {
        private final Exchange exchange;
        private final boolean stream;
        private final CacheDirectives asked;
        private final CacheKey key;
        private final Runnable miss;
        private boolean decided;

        private Lookup(Exchange exchange, boolean stream, CacheDirectives asked, CacheKey key, Runnable miss) {
            this.exchange = exchange;
            this.stream = stream;
            this.asked = asked;
            this.key = key;
            this.miss = miss;
        }

        /** False when the request was answered, forwarded or ended before. */
        private boolean decide() {
            if (decided || exchange.finished()) {
                return false;
            }
            decided = true;
            return true;
        }
    }

    /** Answers the admitted and journalled request from the cache, or runs {@code miss}, now or later. */
    void answer(Exchange exchange, Operation operation, RequestScan.@Nullable Accepted scan, Runnable miss) {
        if (!config.active()
                || scan == null
                || !KEPT.contains(operation)
                || scan.stream() && !config.streamResponses()) {
            miss.run();
            return;
        }
        CacheDirectives asked = CacheDirectives.of(exchange.request().headers().getAll("Cache-Control"));
        if (asked.noStore() || !mayBeKept(asked, scan)) {
            miss.run();
            return;
        }
        find(new Lookup(exchange, scan.stream(), asked, key(exchange, operation, scan), miss));
    }

    private boolean mayBeKept(CacheDirectives asked, RequestScan.Accepted scan) {
        boolean byClient = asked.isPublic() && asked.sharedAgeSeconds() != CacheDirectives.UNSAID;
        return byClient
                || config.policy() == CacheConfig.Policy.FULL
                        && !asked.isPrivate()
                        && !Sampling.asksForVariety(scan.body());
    }

    private void find(Lookup lookup) {
        StoredAnswer kept = fresh(lookup);
        if (kept != null) {
            lookup.decide();
            serve(lookup, kept);
        } else if (lookup.asked.onlyIfCached()) {
            lookup.exchange.refuse(
                    Outcome.FAILURE,
                    new Refusal(NOT_IN_CACHE, "not_in_cache", "No answer to this request is in the cache", null));
        } else if (wantsNewAnswer(lookup.asked)) {
            fetch(lookup, false);
        } else if (cache.takeOff(lookup.key, () -> loop.execute(() -> afterWaiting(lookup)))) {
            fetch(lookup, true);
        } else {
            lookup.exchange.deadline(System.nanoTime(), WAIT_MAX, () -> fetch(lookup, false));
        }
    }

    private static boolean wantsNewAnswer(CacheDirectives asked) {
        return asked.noCache() || asked.sharedAgeSeconds() == 0;
    }

    private void afterWaiting(Lookup lookup) {
        StoredAnswer kept = fresh(lookup);
        if (kept == null) {
            fetch(lookup, false);
        } else if (lookup.decide()) {
            serve(lookup, kept);
        }
    }

    private @Nullable StoredAnswer fresh(Lookup lookup) {
        if (wantsNewAnswer(lookup.asked)) {
            return null;
        }
        StoredAnswer kept = cache.get(lookup.key);
        long oldest = lookup.asked.sharedAgeSeconds();
        boolean tooOld = kept != null && oldest != CacheDirectives.UNSAID && kept.ageSeconds(clock.millis()) >= oldest;
        return tooOld ? null : kept;
    }

    private void fetch(Lookup lookup, boolean othersWait) {
        if (lookup.decide()) {
            lookup.exchange.tap(new Recorder(lookup, othersWait));
            lookup.miss.run();
        }
    }

    private void serve(Lookup lookup, StoredAnswer kept) {
        keys.find(List.of(Owner.project(kept.projectId()), Owner.gateway()), kept.provider(), new KeyLeases.Outcome() {
            @Override
            public void leased(KeyLease lease) {
                boolean same = lease.fingerprint().equals(kept.keyFingerprint());
                lookup.exchange.facts().credentialSource = lease.source();
                lookup.exchange.facts().keyFingerprint = lease.fingerprint();
                lease.release();
                if (same) {
                    send(lookup, kept);
                } else {
                    none();
                }
            }

            @Override
            public void none() {
                cache.remove(lookup.key, kept);
                lookup.exchange.tap(new Recorder(lookup, false));
                lookup.miss.run();
            }

            @Override
            public void unavailable(String reason) {
                lookup.exchange.refuse(Outcome.ERROR, TokenRelay.unavailableBecause(reason), null, 1_000);
            }
        });
    }

    private void send(Lookup lookup, StoredAnswer kept) {
        Exchange exchange = lookup.exchange;
        if (exchange.finished()) {
            return;
        }
        long now = clock.millis();
        boolean unchanged = matches(exchange.request().getHeader("If-None-Match"), kept.entityTag());
        HttpServerResponse response = exchange.response();
        exchange.facts().provider = kept.provider();
        exchange.facts().cache = CacheOutcome.HIT;
        exchange.facts().status = unchanged ? 304 : 200;
        exchange.finish(Outcome.SUCCESS, "cache_hit", null, 0);
        response.setStatusCode(exchange.facts().status);
        response.putHeader("X-Request-ID", exchange.facts().requestId);
        response.putHeader("ETag", kept.entityTag());
        response.putHeader("Age", Long.toString(kept.ageSeconds(now)));
        response.putHeader("Cache-Status", "llm-proxy; hit; ttl=" + kept.remainingSeconds(now));
        response.putHeader("X-Cache", "HIT");
        response.putHeader("X-PROXY-CACHE", unchanged ? "conditional-hit" : "hit");
        if (unchanged) {
            response.end();
            return;
        }
        response.putHeader("Content-Type", kept.contentType());
        response.putHeader("X-Content-Type-Options", "nosniff");
        if (kept.droppedFields() != null) {
            response.putHeader(Translation.DROPPED_HEADER, kept.droppedFields());
        }
        if (kept.stream()) {
            response.setChunked(true);
        }
        response.end(Buffer.buffer(kept.body()));
    }

    private static boolean matches(@Nullable String condition, String tag) {
        if (condition == null) {
            return false;
        }
        for (String one : condition.split(",", -1)) {
            String wanted = one.strip();
            if (wanted.equals("*") || wanted.equals(tag) || wanted.equals("W/" + tag)) {
                return true;
            }
        }
        return false;
    }

    private static CacheKey key(Exchange exchange, Operation operation, RequestScan.Accepted scan) {
        var request = exchange.request();
        String query = request.query();
        CacheKey.Builder key = new CacheKey.Builder()
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
        Guarding guarding = exchange.guarding();
        if (guarding != null) {
            key.add("guards").add(guarding.guards().names());
        }
        return key.add(scan.body()).build();
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

    /** Keeps the answer of one flight, and lets those who wait for it go on when it has ended. */
    private final class Recorder implements AnswerTap {
        private final Lookup lookup;
        private final ByteArrayOutputStream body = new ByteArrayOutputStream();
        private @Nullable String contentType;
        private @Nullable String droppedFields;
        private boolean stream;
        private boolean keep;
        private long aliveMillis;
        private boolean othersWait;

        private Recorder(Lookup lookup, boolean othersWait) {
            this.lookup = lookup;
            this.othersWait = othersWait;
        }

        @Override
        public void head(int status, boolean eventStream, MultiMap provider, MultiMap client) {
            CacheDirectives answered = CacheDirectives.of(provider.getAll("Cache-Control"));
            stream = eventStream;
            contentType = client.get("Content-Type");
            droppedFields = client.get(Translation.DROPPED_HEADER);
            keep = status == 200
                    && contentType != null
                    && eventStream == lookup.stream
                    && !answered.noStore()
                    && !answered.isPrivate()
                    && !client.contains("Content-Encoding");
            aliveMillis = aliveMillis(answered);
            lookup.exchange.facts().cache = CacheOutcome.MISS;
            client.set("Cache-Status", "llm-proxy; fwd=" + (wantsNewAnswer(lookup.asked) ? "request" : "miss"));
            client.set("X-Cache", "MISS");
            client.set("X-PROXY-CACHE", "miss");
            if (!keep) {
                giveUp();
            }
        }

        private long aliveMillis(CacheDirectives answered) {
            long seconds = config.ttl().toSeconds();
            if (answered.sharedAgeSeconds() != CacheDirectives.UNSAID) {
                seconds = Math.min(seconds, answered.sharedAgeSeconds());
            }
            return seconds * 1_000;
        }

        @Override
        public void bytes(Buffer bytes) {
            if (!keep) {
                return;
            }
            if (body.size() + bytes.length() > config.maxObjectBytes()) {
                giveUp();
                return;
            }
            body.writeBytes(bytes.getBytes());
        }

        @Override
        public void whole() {
            RequestFacts facts = lookup.exchange.facts();
            if (!keep || contentType == null || facts.provider == null || facts.keyFingerprint == null) {
                return;
            }
            byte[] bytes = body.toByteArray();
            long now = clock.millis();
            cache.put(
                    lookup.key,
                    new StoredAnswer(
                            bytes,
                            contentType,
                            stream,
                            droppedFields,
                            String.valueOf(facts.projectId),
                            facts.method,
                            facts.path,
                            facts.provider,
                            facts.keyFingerprint,
                            StoredAnswer.entityTagOf(bytes),
                            now,
                            now + aliveMillis));
            facts.cache = CacheOutcome.STORED;
        }

        @Override
        public void over() {
            giveUp();
        }

        private void giveUp() {
            keep = false;
            body.reset();
            if (othersWait) {
                othersWait = false;
                cache.land(lookup.key);
            }
        }
    }
}
