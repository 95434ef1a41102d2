package io.latticegate.proxy.relay;

import io.latticegate.proxy.chat.ProviderError;
import io.latticegate.proxy.chat.TokenUsage;
import io.latticegate.proxy.dialect.ModelCard;
import io.latticegate.proxy.lease.KeyLease;
import io.latticegate.proxy.lease.KeyLeases;
import io.latticegate.proxy.lease.KeySource;
import io.latticegate.proxy.provider.Provider;
import io.latticegate.proxy.provider.ProviderKind;
import io.latticegate.proxy.provider.Routing;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Asks every provider for which a key can be had for its list of models, all at once, and merges them with the configured
 * names. One deadline for all; who has not answered by then, or answered with anything but a list, is left out by name.
 * Confined to one event loop.
 */
final class ModelSurvey implements Exchange.Cancellation {
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final int LIST_BYTES_MAX = 4 * 1024 * 1024;

    private final Exchange exchange;
    private final KeySource keys;
    private final ProjectAccess access;
    private final Routing routing;
    private final ModelCatalog.Filter.Wanted wanted;
    private final Consumer<List<ModelCard>> answer;
    private final Map<String, ModelCard> cards = new TreeMap<>();
    private final Set<String> asked = new TreeSet<>();
    private final Set<String> unlisted = new TreeSet<>();
    private final Set<HttpClientRequest> open = new HashSet<>();
    private boolean started;
    private boolean over;

    ModelSurvey(
            Exchange exchange, KeySource keys, ModelCatalog.Filter.Wanted wanted, Consumer<List<ModelCard>> answer) {
        this.exchange = exchange;
        this.keys = keys;
        this.access = exchange.access();
        this.routing = access.routing();
        this.wanted = wanted;
        this.answer = answer;
    }

    void start() {
        exchange.onCancel(this);
        exchange.deadline(System.nanoTime(), PATIENCE, () -> {
            unlisted.addAll(asked);
            asked.clear();
            proceed();
        });
        List<Provider> providers = routing.providers().stream()
                .filter(provider -> provider.kind() != ProviderKind.GENERIC)
                .filter(wanted::wants)
                .toList();
        providers.forEach(provider -> asked.add(provider.name()));
        providers.forEach(this::survey);
        started = true;
        proceed();
    }

    private void survey(Provider provider) {
        if (provider.kind() == ProviderKind.ECHO || provider.kind() == ProviderKind.BEDROCK) {
            addConfigured(provider);
            done(provider);
            return;
        }
        keys.find(provider.name(), new KeyLeases.Outcome() {
            @Override
            public void leased(KeyLease lease) {
                if (over) {
                    lease.release();
                    return;
                }
                addConfigured(provider);
                if (lists(provider)) {
                    ask(provider, lease);
                } else {
                    lease.release();
                    done(provider);
                }
            }

            @Override
            public void none() {
                done(provider);
            }

            @Override
            public void unavailable(String reason) {
                if (!over) {
                    exchange.refuse(Outcome.ERROR, TokenRelay.unavailableBecause(reason), null, 1_000);
                }
            }
        });
    }

    /** A server of one model has no list, and Azure's is of models that may be deployed, not of deployments. */
    private static boolean lists(Provider provider) {
        return provider.kind() != ProviderKind.TGI
                && provider.settings().variant().azure() == null;
    }

    private void ask(Provider provider, KeyLease key) {
        String path = switch (provider.kind()) {
            case OPENAI -> "/v1/models";
            case ANTHROPIC -> "/v1/models?limit=1000";
            case GEMINI -> "/v1beta/models?pageSize=1000";
            case COHERE -> "/v1/models?page_size=1000";
            case TGI, ECHO, GENERIC, BEDROCK ->
                throw new IllegalArgumentException(provider.kind() + " providers list no models");
        };
        exchange.attempting();
        exchange.dispatched();
        provider.open(HttpMethod.GET, path).onComplete(opened -> {
            if (opened.failed() || over) {
                key.release();
                if (opened.succeeded()) {
                    opened.result().reset();
                }
                left(provider);
                return;
            }
            HttpClientRequest request = opened.result();
            open.add(request);
            request.putHeader("Accept", "application/json").putHeader("Accept-Encoding", "identity");
            if (provider.kind() == ProviderKind.ANTHROPIC) {
                request.putHeader("anthropic-version", provider.settings().apiVersion());
            }
            var credential = provider.credentialHeader();
            request.putHeader(credential.getKey(), credential.getValue());
            provider.send(request, Buffer.buffer(), key).onComplete(answered -> {
                key.release();
                exchange.answeredBy(
                        provider.name(),
                        answered.succeeded() ? answered.result().statusCode() : 0);
                if (answered.failed()) {
                    left(provider);
                    return;
                }
                HttpClientResponse response = answered.result();
                response.exceptionHandler(cut -> left(provider));
                if (response.statusCode() == 200) {
                    read(provider, request, response);
                } else {
                    request.reset();
                    left(provider);
                }
            });
        });
    }

    private void read(Provider provider, HttpClientRequest request, HttpClientResponse response) {
        Buffer list = Buffer.buffer();
        response.handler(bytes -> {
            if (list.length() + bytes.length() > LIST_BYTES_MAX) {
                request.reset();
                left(provider);
            } else {
                list.appendBuffer(bytes);
            }
        });
        response.endHandler(end -> {
            open.remove(request);
            List<ModelCard> found = ModelCard.read(provider.name(), list.getBytes());
            if (found == null) {
                left(provider);
                return;
            }
            found.stream().filter(card -> goesTo(provider, card.id())).forEach(this::add);
            done(provider);
        });
    }

    private boolean goesTo(Provider provider, String model) {
        Routing.Target target = routing.resolve(model, provider.kind());
        return target != null && target.provider().name().equals(provider.name());
    }

    private void addConfigured(Provider provider) {
        routing.models().forEach((name, target) -> {
            if (target.provider().name().equals(provider.name())) {
                add(new ModelCard(name, provider.name(), 0));
            }
        });
    }

    /** A provider's own card knows more than the configuration's. */
    private void add(ModelCard card) {
        if (wanted.test(card) && access.permitsModel(card.id())) {
            cards.merge(card.id(), card, (first, second) -> first.createdSeconds() == 0 ? second : first);
        }
    }

    private void left(Provider provider) {
        if (asked.contains(provider.name())) {
            unlisted.add(provider.name());
        }
        done(provider);
    }

    private void done(Provider provider) {
        asked.remove(provider.name());
        proceed();
    }

    private void proceed() {
        if (over || !started || !asked.isEmpty()) {
            return;
        }
        cancel();
        if (cards.isEmpty() && !unlisted.isEmpty()) {
            exchange.fail(
                    ProviderError.of(
                            ProviderError.Kind.OUTAGE,
                            "provider_unlisted",
                            "No list of models could be had from " + String.join(", ", unlisted)),
                    0);
            return;
        }
        if (!unlisted.isEmpty()) {
            exchange.response().putHeader(ModelCatalog.UNLISTED_HEADER, String.join(", ", unlisted));
        }
        answer.accept(new ArrayList<>(cards.values()));
    }

    /** Breaks off what has not answered. */
    @Override
    public void cancel() {
        over = true;
        exchange.onCancel(null);
        open.forEach(HttpClientRequest::reset);
        open.clear();
    }

    @Override
    public @Nullable TokenUsage usage() {
        return TokenUsage.NONE;
    }

    @Override
    public long outputTextBytes() {
        return 0;
    }

    @Override
    public boolean mayHaveCharged() {
        return false;
    }
}
