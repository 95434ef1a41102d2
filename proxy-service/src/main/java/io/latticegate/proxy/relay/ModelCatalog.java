package io.latticegate.proxy.relay;

import io.latticegate.common.value.Allowance;
import io.latticegate.common.value.TokenDigest;
import io.latticegate.proxy.dialect.ModelCapability;
import io.latticegate.proxy.dialect.ModelCard;
import io.latticegate.proxy.dialect.Refusal;
import io.latticegate.proxy.edge.Surface;
import io.latticegate.proxy.lease.KeySource;
import io.latticegate.proxy.provider.Provider;
import io.latticegate.proxy.provider.Routing;
import java.net.URI;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * {@code GET /v1/models} and the paths below it: the models that a token can use here. That is what the configuration names
 * and what the providers list themselves ({@link ModelSurvey}), as far as the project or the gateway has a key for them and
 * a request for the model would go to that provider. A provider that cannot be asked is named in {@value #UNLISTED_HEADER}.
 * The form is Anthropic's where the client sends {@code anthropic-version}, else OpenAI's.
 */
public final class ModelCatalog {
    /** Names providers whose own list is missing from an answer, comma-separated. */
    static final String UNLISTED_HEADER = "X-Latticegate-Unlisted";

    private static final String LIST = "/v1/models";
    private static final String CAPABILITY = LIST + "/capability/";
    private static final Allowance ONE_REQUEST = new Allowance(1, 0, 0);

    private final TokenRelay tokens;

    public ModelCatalog(TokenRelay tokens) {
        this.tokens = tokens;
    }

    /** Whether a path is this catalog's. */
    public static boolean owns(String path) {
        return path.equals(LIST) || path.startsWith(LIST + "/") && path.length() > LIST.length() + 1;
    }

    /** A path of this catalog's as metrics and traces show it. */
    public static String template(String path) {
        return path.equals(LIST) ? LIST : LIST + "/{model}";
    }

    /** Answers a path that {@link #owns} has accepted: a list, a list by capability, or one model. */
    public void handle(Exchange exchange, byte[] noBody) {
        TokenDigest token = tokens.authenticate(exchange);
        if (token == null) {
            return;
        }
        Routing routing = exchange.rules().routing();
        String path = URI.create(exchange.request().path()).getPath();
        boolean list = path.equals(LIST) || path.startsWith(CAPABILITY);
        switch (Filter.of(
                path.startsWith(CAPABILITY) ? path.substring(CAPABILITY.length()) : null,
                exchange.request().query(),
                routing.providers())) {
            case Filter.Refused(Refusal refusal) -> exchange.refuse(Outcome.FAILURE, refusal);
            case Filter.Wanted wanted -> {
                Consumer<List<ModelCard>> answer = list
                        ? cards -> answerList(exchange, cards)
                        : cards -> answerOne(exchange, cards, path.substring(LIST.length() + 1));
                tokens.admit(exchange, token, ONE_REQUEST, () -> survey(exchange, wanted, answer));
            }
        }
    }

    private void survey(Exchange exchange, Filter.Wanted wanted, Consumer<List<ModelCard>> answer) {
        Routing routing = exchange.access().routing();
        Supplier<Set<String>> providers = () -> routing.providers().stream()
                .filter(wanted::wants)
                .map(Provider::name)
                .collect(Collectors.toSet());
        switch (tokens.keys().choose(exchange, providers)) {
            case ProviderKeys.Choice.Refused(Refusal unclear) -> exchange.refuse(Outcome.FAILURE, unclear);
            case ProviderKeys.Choice.Look(KeySource source) ->
                new ModelSurvey(exchange, source, wanted, answer).start();
        }
    }

    private static void answerList(Exchange exchange, List<ModelCard> cards) {
        LocalModels.end(exchange, isAnthropic(exchange) ? ModelCard.anthropicList(cards) : ModelCard.openAiList(cards));
    }

    private static void answerOne(Exchange exchange, List<ModelCard> cards, String id) {
        ModelCard found =
                cards.stream().filter(card -> card.id().equals(id)).findFirst().orElse(null);
        if (found == null) {
            exchange.refuse(Outcome.FAILURE, TokenRelay.unserved(id));
            return;
        }
        LocalModels.end(exchange, isAnthropic(exchange) ? found.anthropic() : found.openAi());
    }

    private static boolean isAnthropic(Exchange exchange) {
        return exchange.facts().surface == Surface.ANTHROPIC;
    }

    /** What {@code ?capability=} and {@code ?provider=} leave of a list; other parameters are the clients' own. */
    sealed interface Filter {
        record Refused(Refusal refusal) implements Filter {}

        /** @param provider null for all, likewise {@code capability} */
        record Wanted(@Nullable String provider, @Nullable ModelCapability capability)
                implements Filter, Predicate<ModelCard> {
            boolean wants(Provider asked) {
                return provider == null || provider.equals(asked.name());
            }

            @Override
            public boolean test(ModelCard card) {
                return (provider == null || provider.equals(card.provider()))
                        && (capability == null || capability == card.capability());
            }
        }

        static Filter of(@Nullable String inPath, @Nullable String query, List<Provider> providers) {
            String capability = inPath == null ? parameter(query, "capability") : inPath;
            ModelCapability known = capability == null ? null : ModelCapability.labelled(capability);
            if (capability != null && known == null) {
                return new Refused(Refusal.invalid(
                        "capability",
                        "The capability must be one of: "
                                + Arrays.stream(ModelCapability.values())
                                        .map(ModelCapability::label)
                                        .collect(Collectors.joining(", "))));
            }
            String provider = parameter(query, "provider");
            if (provider != null
                    && providers.stream().noneMatch(each -> each.name().equals(provider))) {
                return new Refused(Refusal.invalid(
                        "provider",
                        "The provider must be one of: "
                                + providers.stream().map(Provider::name).collect(Collectors.joining(", "))));
            }
            return new Wanted(provider, known);
        }

        private static @Nullable String parameter(@Nullable String query, String name) {
            if (query != null) {
                for (String pair : query.split("&", -1)) {
                    if (pair.startsWith(name + "=")) {
                        return pair.substring(name.length() + 1);
                    }
                }
            }
            return null;
        }
    }
}
