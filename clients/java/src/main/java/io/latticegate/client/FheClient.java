package io.latticegate.client;

import com.fasterxml.jackson.databind.JsonNode;
import io.latticegate.fhe.core.backend.Backends;
import io.latticegate.fhe.core.preset.Preset;
import io.latticegate.fhe.core.ring.RnsBackend;
import java.net.URI;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * A client of encrypted compute, for one project at one service: sessions with keys that renew themselves, operations,
 * encrypted search and classification heads. Calls block the thread that makes them. Every failure of a call is one of
 * {@link io.latticegate.client.error.FheClientException}'s kinds; arguments that no service could take are
 * {@link IllegalArgumentException}s. Safe for use by several threads.
 */
public final class FheClient implements AutoCloseable {
    private final Service service;
    private final SeedFile seed;
    private final RnsBackend backend;
    private final SecureRandom random;
    private final InstantSource clock;
    private final Duration renewBefore;
    private final SearchIndexes indexes;
    private final Heads heads;
    private final Map<Preset, Session> sessions = new EnumMap<>(Preset.class);
    private final Map<Preset, Scheme> schemes = new EnumMap<>(Preset.class);

    private FheClient(Builder builder) {
        this.service = new Service(builder.base, builder.allowHttp, builder.token, builder.timeout);
        this.seed = builder.seed;
        this.backend = builder.backend;
        this.random = builder.random;
        this.clock = builder.clock;
        this.renewBefore = builder.renewBefore;
        this.indexes = new SearchIndexes(service, this::session);
        this.heads = new Heads(service, this::session);
    }

    /**
     * What a client needs at least.
     *
     * @param base the address of fhe-service, without a path; over plain HTTP only on this machine
     * @param token the project's token, asked for at every request, so that it may change
     * @param seed stays the caller's to close, after the client
     */
    public static Builder to(URI base, Supplier<String> token, SeedFile seed) {
        return new Builder(base, token, seed);
    }

    /** Collects what differs from the defaults. */
    public static final class Builder {
        private final URI base;
        private final Supplier<String> token;
        private final SeedFile seed;
        private boolean allowHttp;
        private Duration timeout = Duration.ofSeconds(60);
        private Duration renewBefore = Duration.ofMinutes(10);
        private RnsBackend backend = Backends.cpu();
        private SecureRandom random = new SecureRandom();
        private InstantSource clock = InstantSource.system();

        private Builder(URI base, Supplier<String> token, SeedFile seed) {
            this.base = base;
            this.token = token;
            this.seed = seed;
        }

        /** Sends the token over plain HTTP to other machines too. */
        public Builder allowHttp() {
            allowHttp = true;
            return this;
        }

        /** The longest time of one call, uploads excepted. */
        public Builder timeout(Duration limit) {
            timeout = limit;
            return this;
        }

        /** How long before they expire keys are renewed; at most half of their life. */
        public Builder renewBefore(Duration margin) {
            renewBefore = margin;
            return this;
        }

        /** What computes in the client. */
        public Builder backend(RnsBackend chosen) {
            backend = chosen;
            return this;
        }

        /** Where randomness comes from. */
        public Builder random(SecureRandom source) {
            random = source;
            return this;
        }

        /** What tells the time. */
        public Builder clock(InstantSource source) {
            clock = source;
            return this;
        }

        /** The client; nothing is sent yet. */
        public FheClient build() {
            return new FheClient(this);
        }
    }

    /**
     * The session of a parameter set, made at the service when it is first used.
     *
     * @throws IllegalArgumentException for a set whose keys do not travel in SEAL's containers
     */
    public synchronized Session session(Preset preset) {
        return sessions.computeIfAbsent(
                preset, wanted -> new Session(service, scheme(wanted), seed, clock, renewBefore));
    }

    private synchronized Scheme scheme(Preset preset) {
        return schemes.computeIfAbsent(preset, wanted -> new Scheme(wanted, backend, random));
    }

    /** Indexes of embeddings and encrypted searches in them. */
    public SearchIndexes indexes() {
        return indexes;
    }

    /** Classification heads at the service, and encrypted inference with them. */
    public Heads heads() {
        return heads;
    }

    /** What the service says it offers, and what is and is not encrypted there. */
    public JsonNode capabilities() {
        return service.get("/v1/fhe/capabilities");
    }

    /** What the project may still ask of indexes whose scores carry noise. */
    public List<PrivacyBudget> privacyBudgets() {
        return new Fields(service.get("/v1/privacy/budget"), "the privacy budget")
                .objects("budgets").stream()
                        .map(budget -> new PrivacyBudget(
                                budget.text("index"),
                                budget.number("epsilon_budget"),
                                budget.number("epsilon_spent"),
                                budget.number("delta"),
                                budget.whole("queries", 0, Long.MAX_VALUE),
                                budget.whole("remaining_queries", 0, Long.MAX_VALUE)))
                        .toList();
    }

    /** Deletes the sessions at the service and destroys their secrets. */
    @Override
    public synchronized void close() {
        sessions.values().forEach(Session::close);
        service.close();
    }
}
