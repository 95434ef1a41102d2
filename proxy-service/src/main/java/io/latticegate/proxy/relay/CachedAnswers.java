package io.latticegate.proxy.relay;

import io.latticegate.common.config.CacheConfig;
import io.latticegate.proxy.cache.AnswerStore;
import io.latticegate.proxy.cache.CacheDirectives;
import io.latticegate.proxy.cache.CacheKey;
import io.latticegate.proxy.cache.ResponseCache;
import io.latticegate.proxy.cache.StoredAnswer;
import io.latticegate.proxy.cache.semantic.SemanticCache;
import io.latticegate.proxy.cache.semantic.SemanticPrompt;
import io.latticegate.proxy.dialect.Refusal;
import io.latticegate.proxy.dialect.RequestScan;
import io.latticegate.proxy.dialect.Sampling;
import io.latticegate.proxy.lease.KeyLease;
import io.latticegate.proxy.lease.KeyLeases;
import io.latticegate.proxy.lease.KeySource;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.time.InstantSource;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
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
 * none to keep. Where the semantic cache is on, a request without an answer of its own may be given that of one which
 * differs in nothing but the words of its last message, and means the same. Confined to one event loop but for the shared
 * {@link ResponseCache} and {@link SemanticCache}.
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
            Operation.BATCH_EMBED_CONTENTS,
            Operation.CONVERSE,
            Operation.CONVERSE_STREAM,
            Operation.COHERE_CHAT,
            Operation.COHERE_EMBED,
            Operation.COHERE_RERANK);

    private static final int NOT_IN_CACHE = 504;
    private static final Duration WAIT_MAX = Duration.ofSeconds(30);

    private final ResponseCache cache;
    private final AnswerStore answers;
    private final @Nullable SimilarAnswers similar;
    private final CacheConfig config;
    private final ProviderKeys keys;
    private final InstantSource clock;
    private final Executor loop;

    /**
     * @param cache where requests that are on their way meet
     * @param answers where answers are kept
     * @param semantic null where it is off
     * @param loop runs a task on the event loop that this object is confined to
     */
    public CachedAnswers(
            ResponseCache cache,
            AnswerStore answers,
            @Nullable SemanticCache semantic,
            ProviderKeys keys,
            InstantSource clock,
            Executor loop) {
        this.loop = loop;
        this.cache = cache;
        this.answers = answers;
        this.similar = semantic == null ? null : new SimilarAnswers(semantic, answers, loop);
        this.config = cache.config();
        this.keys = keys;
        this.clock = clock;
    }

    /** One request that the cache may serve. */
    private static final class Lookup {
        private final Exchange exchange;
        private final Operation operation;
        private final RequestScan.Accepted scan;
        private final CacheDirectives asked;
        private final CacheKey key;
        private final Runnable miss;
        private @Nullable SemanticPrompt prompt;
        private @Nullable String generation;
        private boolean decided;

        private Lookup(
                Exchange exchange,
                Operation operation,
                RequestScan.Accepted scan,
                CacheDirectives asked,
                Runnable miss) {
            this.exchange = exchange;
            this.operation = operation;
            this.scan = scan;
            this.asked = asked;
            this.key = RequestKeys.exact(exchange, operation, scan);
            this.miss = miss;
        }

        private String projectId() {
            return String.valueOf(exchange.facts().projectId);
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

    /**
     * A kept answer that a request may be given.
     *
     * @param similarity null where it is the request's own
     */
    private record Hit(
            CacheKey key, StoredAnswer answer, @Nullable Double similarity) {}

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
        exchange.step("cache");
        find(new Lookup(exchange, operation, scan, asked, miss));
    }

    private boolean mayBeKept(CacheDirectives asked, RequestScan.Accepted scan) {
        boolean byClient = asked.isPublic() && asked.sharedAgeSeconds() != CacheDirectives.UNSAID;
        return byClient
                || config.policy() == CacheConfig.Policy.FULL
                        && !asked.isPrivate()
                        && !Sampling.asksForVariety(scan.body());
    }

    private void find(Lookup lookup) {
        own(lookup).onSuccess(kept -> {
            if (kept == null) {
                findSimilar(lookup);
            } else if (lookup.decide()) {
                serve(lookup, new Hit(lookup.key, kept, null));
            }
        });
    }

    /** The request's own earlier answer, where there is one that it takes. */
    private Future<@Nullable StoredAnswer> own(Lookup lookup) {
        return answers.find(lookup.projectId(), lookup.key).map(found -> {
            lookup.generation = found.generation();
            return fresh(lookup, found.answer());
        });
    }

    private @Nullable StoredAnswer fresh(Lookup lookup, @Nullable StoredAnswer kept) {
        if (kept == null || wantsNewAnswer(lookup.asked)) {
            return null;
        }
        long oldest = lookup.asked.sharedAgeSeconds();
        return oldest != CacheDirectives.UNSAID && kept.ageSeconds(clock.millis()) >= oldest ? null : kept;
    }

    private void findSimilar(Lookup lookup) {
        if (similar == null || wantsNewAnswer(lookup.asked) || lookup.exchange.finished()) {
            ask(lookup);
            return;
        }
        lookup.prompt = RequestKeys.semantic(lookup.exchange, lookup.operation, lookup.scan);
        if (lookup.prompt == null) {
            ask(lookup);
            return;
        }
        similar.find(lookup.exchange, lookup.prompt, kept -> takes(lookup, kept), hit -> {
            if (hit == null) {
                ask(lookup);
            } else if (lookup.decide()) {
                serve(lookup, new Hit(hit.key(), hit.answer(), hit.similarity()));
            }
        });
    }

    private boolean takes(Lookup lookup, StoredAnswer kept) {
        return kept.stream() == lookup.scan.stream() && fresh(lookup, kept) != null;
    }

    /** Asks the provider, or waits for another request that does so. */
    private void ask(Lookup lookup) {
        if (lookup.exchange.finished()) {
            return;
        }
        if (lookup.asked.onlyIfCached()) {
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
        own(lookup).onSuccess(kept -> {
            if (kept == null) {
                fetch(lookup, false);
            } else if (lookup.decide()) {
                serve(lookup, new Hit(lookup.key, kept, null));
            }
        });
    }

    private void fetch(Lookup lookup, boolean othersWait) {
        if (lookup.decide()) {
            lookup.exchange.tap(new Recorder(lookup, othersWait));
            lookup.miss.run();
        }
    }

    private void serve(Lookup lookup, Hit hit) {
        StoredAnswer kept = hit.answer();
        switch (keys.choose(lookup.exchange, () -> Set.of(kept.provider()))) {
            case ProviderKeys.Choice.Refused(Refusal unclear) -> lookup.exchange.refuse(Outcome.FAILURE, unclear);
            case ProviderKeys.Choice.Look(KeySource source) -> serve(lookup, hit, source);
        }
    }

    private void serve(Lookup lookup, Hit hit, KeySource source) {
        StoredAnswer kept = hit.answer();
        source.findAll(kept.provider(), new KeyLeases.Outcomes() {
            @Override
            public void leased(List<KeyLease> leases) {
                boolean same = false;
                for (KeyLease lease : leases) {
                    if (lease.fingerprint().equals(kept.keyFingerprint())) {
                        same = true;
                        lookup.exchange.facts().credentialSource = lease.source();
                        lookup.exchange.facts().keyFingerprint = lease.fingerprint();
                    }
                    lease.release();
                }
                if (same) {
                    send(lookup, hit);
                } else {
                    none();
                }
            }

            @Override
            public void none() {
                if (lookup.generation != null) {
                    answers.forget(hit.key(), lookup.generation, kept);
                }
                lookup.exchange.tap(new Recorder(lookup, false));
                lookup.miss.run();
            }

            @Override
            public void unavailable(String reason) {
                lookup.exchange.refuse(Outcome.ERROR, TokenRelay.unavailableBecause(reason), null, 1_000);
            }
        });
    }

    private void send(Lookup lookup, Hit hit) {
        Exchange exchange = lookup.exchange;
        StoredAnswer kept = hit.answer();
        Double similarity = hit.similarity();
        if (exchange.finished()) {
            return;
        }
        long now = clock.millis();
        boolean unchanged = matches(exchange.request().getHeader("If-None-Match"), kept.entityTag());
        HttpServerResponse response = exchange.response();
        exchange.facts().provider = kept.provider();
        exchange.facts().family =
                exchange.access().routing().nameOf(exchange.facts().model, lookup.operation.protocol());
        exchange.facts().cache = similarity == null ? CacheOutcome.HIT : CacheOutcome.SEMANTIC;
        exchange.facts().savedMicroUsd = kept.costMicroUsd();
        exchange.facts().status = unchanged ? 304 : 200;
        exchange.finish(Outcome.SUCCESS, similarity == null ? "cache_hit" : "semantic_cache_hit", null, 0);
        response.setStatusCode(exchange.facts().status);
        response.putHeader("X-Request-ID", exchange.facts().requestId);
        response.putHeader("ETag", kept.entityTag());
        response.putHeader("Age", Long.toString(kept.ageSeconds(now)));
        response.putHeader(
                "Cache-Status",
                "llm-proxy; hit; ttl=" + kept.remainingSeconds(now) + (similarity == null ? "" : "; detail=semantic"));
        response.putHeader("X-Cache", similarity == null ? "HIT" : "SEMANTIC");
        if (similarity != null) {
            response.putHeader("X-Cache-Similarity", String.format(Locale.ROOT, "%.4f", similarity));
        }
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
        private Future<Void> keeping = Future.succeededFuture();

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
                    && eventStream == lookup.scan.stream()
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
            if (!keep
                    || contentType == null
                    || facts.provider == null
                    || facts.keyFingerprint == null
                    || lookup.generation == null) {
                return;
            }
            byte[] bytes = body.toByteArray();
            long now = clock.millis();
            var answer = new StoredAnswer(
                    bytes,
                    contentType,
                    stream,
                    droppedFields,
                    lookup.projectId(),
                    facts.method,
                    facts.path,
                    facts.provider,
                    facts.keyFingerprint,
                    StoredAnswer.entityTagOf(bytes),
                    lookup.exchange.costSoFar(),
                    now,
                    now + aliveMillis);
            keeping = answers.keep(lookup.key, lookup.generation, answer);
            facts.cache = CacheOutcome.STORED;
            if (similar != null && lookup.prompt != null) {
                SemanticPrompt prompt = lookup.prompt;
                keeping.onSuccess(kept -> similar.remember(prompt, lookup.key, answer));
            }
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
                keeping.onComplete(kept -> cache.land(lookup.key));
            }
        }
    }
}
