package io.latticegate.proxy.relay;

import io.latticegate.common.bus.MeshBus;
import io.latticegate.common.contract.AuthApi;
import io.latticegate.common.contract.VaultApi;
import io.latticegate.common.contract.VaultApi.Owner;
import io.latticegate.common.crypto.Hpke;
import io.latticegate.common.value.SealedSecret;
import io.latticegate.common.value.Secret;
import io.latticegate.common.value.WalletAddress;
import io.latticegate.common.wallet.Reading;
import io.latticegate.common.wallet.RequestOptions;
import io.latticegate.common.wallet.SignedActions;
import io.latticegate.common.wallet.SignedBody;
import io.latticegate.common.wallet.SignedBodyReader;
import io.latticegate.common.wallet.WalletDomains;
import io.latticegate.proxy.chat.ChatMessage;
import io.latticegate.proxy.chat.ChatRequest;
import io.latticegate.proxy.chat.ContentPart;
import io.latticegate.proxy.chat.Sampling;
import io.latticegate.proxy.dialect.AnswerTerms;
import io.latticegate.proxy.dialect.ProviderDialect;
import io.latticegate.proxy.dialect.Refusal;
import io.latticegate.proxy.dialect.RequestWriting;
import io.latticegate.proxy.dialect.openai.OpenAiChat;
import io.latticegate.proxy.provider.Provider;
import io.latticegate.proxy.provider.ProviderKind;
import io.latticegate.proxy.provider.Routing;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Walk B: requests that carry nothing but a wallet's EIP-712 signature. The body is checked against the server's own
 * typed data and hashed here; auth-service recovers the signer and consumes the nonce; then the wallet's own provider key
 * is lent for this one request and the rest is as in walk A.
 */
public final class WalletRelay {
    /** Where a wallet's completions are asked for. */
    public static final String COMPLETION_PATH = "/api/llm/proxy";

    private static final String SIGNATURE_HEADER = "X-Wallet-Signature";
    private static final String TYPED_DATA_HEADER = "X-Typed-Data";

    private final MeshBus bus;
    private final WalletGate gate;
    private final Attempts.Collaborators attempts;
    private final AuditTrail audit;
    private final SignedBodyReader reader;
    private final WalletDomains domains;
    private final LocalModels localModels;
    private final InstantSource clock;
    private final boolean storeAllowed;
    private final Guards guards;
    private final WalletUsage usage;

    public WalletRelay(
            MeshBus bus,
            Attempts.Collaborators attempts,
            SignedBodyReader reader,
            WalletDomains domains,
            LocalModels localModels,
            boolean storeAllowed,
            Guards guards) {
        this.bus = bus;
        this.gate = new WalletGate(bus);
        this.attempts = attempts;
        this.audit = attempts.audit();
        this.reader = reader;
        this.domains = domains;
        this.localModels = localModels;
        this.clock = attempts.clock();
        this.storeAllowed = storeAllowed;
        this.guards = guards;
        this.usage = new WalletUsage(bus, gate, new SignedActions(domains));
    }

    /** {@code POST /api/llm/proxy}. */
    public void complete(Exchange exchange, byte[] body) {
        String signature = exchange.request().getHeader(SIGNATURE_HEADER);
        switch (reader.readLlmRequest(body, signature)) {
            case Reading.Refused<SignedBody.LlmRequest> refused -> refuse(exchange, refused);
            case Reading.Accepted<SignedBody.LlmRequest>(SignedBody.LlmRequest request) -> {
                exchange.requestBytes(request.prompt().length());
                exchange.facts().model = request.model();
                gate.admit(
                        exchange,
                        request.claim(),
                        wallet -> audit.begin(
                                exchange.facts(),
                                () -> route(exchange, wallet, request),
                                () -> journalRefuses(exchange)));
            }
        }
    }

    /** {@code POST /api/vault/store}. The key crosses the bus sealed to the vault and is wiped here. */
    public void store(Exchange exchange, byte[] body) {
        if (!storeAllowed) {
            exchange.refuse(
                    Outcome.DENIED,
                    new Refusal(
                            403,
                            "vault_store_disabled",
                            "This deployment does not take keys in VaultStore (relay.vault.allow_legacy_store)",
                            null));
            return;
        }
        Reading<SignedBody.VaultStore> reading =
                reader.readVaultStore(body, exchange.request().getHeader(SIGNATURE_HEADER));
        Arrays.fill(body, (byte) 0);
        switch (reading) {
            case Reading.Refused<SignedBody.VaultStore> refused -> refuse(exchange, refused);
            case Reading.Accepted<SignedBody.VaultStore>(SignedBody.VaultStore store) -> {
                if (!knownProvider(exchange, store.provider())) {
                    store.close();
                    return;
                }
                gate.admit(
                        exchange,
                        store.claim(),
                        wallet -> {
                            audit.begin(exchange.facts(), () -> storeKey(exchange, wallet, store), () -> {
                                store.close();
                                journalRefuses(exchange);
                            });
                        },
                        store::close);
            }
        }
    }

    /** {@code DELETE /api/vault/{provider}}, with the typed data in the body or in {@code X-Typed-Data}. */
    public void delete(Exchange exchange, String provider, byte[] body) {
        String signature = exchange.request().getHeader(SIGNATURE_HEADER);
        String header = exchange.request().getHeader(TYPED_DATA_HEADER);
        Reading<SignedBody.VaultDelete> reading = body.length == 0 && header != null
                ? reader.readVaultDeleteHeader(header, signature)
                : reader.readVaultDelete(body, signature);
        switch (reading) {
            case Reading.Refused<SignedBody.VaultDelete> refused -> refuse(exchange, refused);
            case Reading.Accepted<SignedBody.VaultDelete>(SignedBody.VaultDelete deletion) -> {
                if (!deletion.provider().equals(provider)) {
                    exchange.refuse(
                            Outcome.DENIED,
                            new Refusal(
                                    400,
                                    "provider_mismatch",
                                    "The provider in the path is not the one that was signed",
                                    "provider"));
                    return;
                }
                gate.admit(
                        exchange,
                        deletion.claim(),
                        wallet -> audit.begin(
                                exchange.facts(),
                                () -> deleteKey(exchange, wallet, provider),
                                () -> journalRefuses(exchange)));
            }
        }
    }

    /** {@code GET /api/relay/nonce/{wallet}}: what to sign next. */
    public void nonce(Exchange exchange, String walletText) {
        WalletAddress wallet;
        try {
            wallet = WalletAddress.parse(walletText);
        } catch (IllegalArgumentException malformed) {
            exchange.refuse(
                    Outcome.FAILURE,
                    new Refusal(400, "invalid_wallet", "A wallet address has 0x and 40 hex digits", "wallet"));
            return;
        }
        bus.ask(AuthApi.NEXT_NONCE, new AuthApi.NonceQuestion(wallet.toString()))
                .onComplete(reply -> {
                    if (reply.failed()) {
                        WalletGate.busFailed(exchange, reply.cause());
                        return;
                    }
                    AuthApi.NonceAnswer answer = reply.result();
                    answer(
                            exchange,
                            new JsonObject()
                                    .put("nonce", answer.nonce())
                                    .put("window", answer.window())
                                    .put("serverTime", answer.serverTimeSeconds()));
                });
    }

    /** {@code GET /api/usage/{wallet}}: what the wallet has used, told to itself. */
    public void usage(Exchange exchange, String wallet) {
        usage.answer(exchange, wallet);
    }

    /** {@code GET /api/relay/config}: the constants that a client signs under. */
    public void config(Exchange exchange, byte[] noBody) {
        answer(
                exchange,
                new JsonObject()
                        .put(
                                "relayDomain",
                                new JsonObject()
                                        .put("name", domains.relayName())
                                        .put("version", domains.relayVersion())
                                        .put("chainIds", new JsonArray(List.copyOf(domains.chainIds()))))
                        .put(
                                "vaultDomain",
                                new JsonObject()
                                        .put("name", domains.vaultName())
                                        .put("version", domains.vaultVersion()))
                        .put(
                                "types",
                                new JsonObject()
                                        .put(
                                                "LLMRequest",
                                                "prompt string, model string, wallet address, nonce uint256, timestamp"
                                                        + " uint256")
                                        .put("VaultStore", "provider string, apiKey string, timestamp uint256")
                                        .put(
                                                "VaultDelete",
                                                "wallet address, provider string, nonce uint256, timestamp uint256")
                                        .put("UsageQuery", "wallet address, timestamp uint256"))
                        .put("serverTime", clock.instant().getEpochSecond()));
    }

    private void route(Exchange exchange, String wallet, SignedBody.LlmRequest request) {
        Routing.Route route = exchange.rules().routing().namedRoute(request.model());
        Routing.Target target = route == null ? null : route.first();
        if (route == null || target == null) {
            exchange.refuse(
                    Outcome.FAILURE, new Refusal(403, "unknown_model", "Unknown model: " + request.model(), "model"));
            return;
        }
        Provider provider = target.provider();
        exchange.facts().provider = provider.name();
        exchange.facts().pricedAs = target.pricedAs();
        exchange.facts().family = route.name();
        exchange.step("route");
        boolean stream = "true".equals(exchange.request().getHeader("X-Stream"));
        guards.examineText(
                exchange,
                request.model(),
                request.prompt(),
                prompt -> answer(exchange, wallet, route, target, chatRequest(request, prompt, stream), stream));
    }

    private void answer(
            Exchange exchange,
            String wallet,
            Routing.Route route,
            Routing.Target target,
            ChatRequest chat,
            boolean stream) {
        Provider provider = target.provider();
        AnswerTerms terms = new AnswerTerms(
                exchange.facts().requestId, chat.model(), exchange.facts().startedMicrosUtc / 1_000_000L, false);
        ClientAnswer.Complete json =
                new ClientAnswer.Complete(answer -> wrapped(new OpenAiChat().reply(answer, terms), wallet));
        if (provider.kind() == ProviderKind.ECHO) {
            localModels.answer(exchange, chat, stream, json);
            return;
        }
        new Attempts(
                        attempts,
                        exchange,
                        new Attempts.Request(
                                route,
                                chat.model(),
                                attempts.keys().of(List.of(Owner.wallet(wallet))),
                                () -> false,
                                null),
                        one -> plan(exchange, one, chat, stream, json),
                        () -> exchange.refuse(
                                Outcome.FAILURE,
                                new Refusal(403, "no_api_key", "No API key found for " + route.providers(), null)))
                .begin();
    }

    private static Translation plan(
            Exchange exchange, Routing.Target target, ChatRequest chat, boolean stream, ClientAnswer.Complete json) {
        Provider provider = target.provider();
        ProviderDialect dialect = Translation.providerDialect(provider);
        ChatRequest upstream = target.upstreamModel() == null ? chat : chat.withModel(target.upstreamModel());
        Refusal fault = provider.fault(Operation.CHAT.path(), upstream.model());
        if (fault != null) {
            return new Translation.Refused(fault);
        }
        return switch (dialect.write(upstream)) {
            case RequestWriting.Refused(Refusal refusal) -> new Translation.Refused(refusal);
            case RequestWriting.Written(byte[] body, List<String> dropped) ->
                new Translation.Planned(new UpstreamPlan(
                        HttpMethod.POST,
                        Translation.chatPath(provider, upstream),
                        Buffer.buffer(body),
                        headers -> Translation.jsonHeaders(headers, provider),
                        providerStreams -> Translation.guarded(
                                exchange,
                                dialect,
                                behind -> new TranslatedReply(
                                        behind, providerStreams, stream ? new ClientAnswer.Text() : json)),
                        false,
                        answered -> {
                            answered.set("X-Content-Type-Options", "nosniff");
                            if (!dropped.isEmpty()) {
                                answered.set(Translation.DROPPED_HEADER, String.join(", ", dropped));
                            }
                        }));
        };
    }

    private void storeKey(Exchange exchange, String wallet, SignedBody.VaultStore store) {
        Owner owner = Owner.wallet(wallet);
        String provider = store.provider();
        exchange.facts().provider = provider;
        Secret key;
        try (store) {
            key = Secret.owning(store.apiKey().clone());
        }
        bus.askSigned(VaultApi.TRANSPORT_KEY, new VaultApi.TransportKeyRequest())
                .compose(transport -> {
                    SealedSecret sealed;
                    try (key) {
                        sealed = Hpke.seal(
                                transport.reply().publicKey(),
                                VaultApi.storeContext(owner, provider).getBytes(StandardCharsets.UTF_8),
                                new byte[0],
                                key);
                    }
                    return bus.askSigned(
                            VaultApi.STORE_KEY,
                            VaultApi.StoreKey.unnamed(
                                    owner, provider, transport.reply().id(), sealed, store.timestamp()));
                })
                .onComplete(stored -> {
                    key.close();
                    if (stored.failed()) {
                        WalletGate.busFailed(exchange, stored.cause());
                        return;
                    }
                    switch (stored.result().reply()) {
                        case VaultApi.Stored done -> {
                            exchange.facts().keyFingerprint = done.fingerprint();
                            answer(
                                    exchange,
                                    new JsonObject()
                                            .put("success", true)
                                            .put("provider", provider)
                                            .put("wallet", wallet));
                        }
                        case VaultApi.OlderThanStored older ->
                            exchange.refuse(
                                    Outcome.DENIED,
                                    new Refusal(
                                            409,
                                            "older_than_stored",
                                            "A key signed at or after this timestamp is already stored",
                                            "timestamp"));
                        case VaultApi.TooManyKeys full ->
                            exchange.refuse(
                                    Outcome.DENIED,
                                    new Refusal(409, "too_many_keys", "The wallet has too many keys", "provider"));
                        case VaultApi.UnknownTransportKey retired ->
                            exchange.refuse(
                                    Outcome.ERROR,
                                    TokenRelay.unavailableBecause("the vault is rotating its transport key"),
                                    null,
                                    1_000);
                        case VaultApi.Unreadable unreadable ->
                            exchange.refuse(
                                    Outcome.FAILURE,
                                    new Refusal(400, "invalid_api_key", unreadable.reason(), "apiKey"));
                    }
                });
    }

    private void deleteKey(Exchange exchange, String wallet, String provider) {
        exchange.facts().provider = provider;
        bus.askSigned(VaultApi.DELETE_KEY, new VaultApi.DeleteKey(Owner.wallet(wallet), provider, VaultApi.DEFAULT_KEY))
                .onComplete(deleted -> {
                    if (deleted.failed()) {
                        WalletGate.busFailed(exchange, deleted.cause());
                        return;
                    }
                    answer(
                            exchange,
                            new JsonObject()
                                    .put("success", true)
                                    .put("provider", provider)
                                    .put("wallet", wallet)
                                    .put("existed", deleted.result().reply().existed()));
                });
    }

    private boolean knownProvider(Exchange exchange, String name) {
        Routing routing = exchange.rules().routing();
        boolean known = routing.providers().stream()
                .anyMatch(provider -> provider.name().equals(name) && provider.kind() != ProviderKind.ECHO);
        if (!known) {
            exchange.refuse(
                    Outcome.FAILURE,
                    new Refusal(
                            400,
                            "unknown_provider",
                            "The provider must be one of: "
                                    + String.join(
                                            ", ",
                                            routing.providers().stream()
                                                    .filter(provider -> provider.kind() != ProviderKind.ECHO)
                                                    .map(Provider::name)
                                                    .toList()),
                            "provider"));
        }
        return known;
    }

    /** The provider's answer inside the relay's own envelope (S0-051). */
    private byte[] wrapped(byte[] response, String wallet) {
        double seconds = clock.millis() / 1_000.0;
        Buffer body = Buffer.buffer(response.length + 128)
                .appendString("{\"response\":")
                .appendBytes(response)
                .appendString(",\"wallet\":\"" + wallet + "\",\"timestamp\":"
                        + String.format(Locale.ROOT, "%.3f", seconds) + "}");
        return body.getBytes();
    }

    private static ChatRequest chatRequest(SignedBody.LlmRequest request, String prompt, boolean stream) {
        RequestOptions options = request.options();
        Sampling sampling = new Sampling(
                options.temperature(),
                options.topP(),
                null,
                options.frequencyPenalty(),
                options.presencePenalty(),
                options.seed());
        Integer maxTokens = options.maxTokens();
        var message = new ChatMessage(ChatMessage.Role.USER, List.of(new ContentPart.Text(prompt)));
        return new ChatRequest(
                request.model(),
                List.of(),
                List.of(message),
                List.of(),
                null,
                null,
                sampling,
                options.stop(),
                maxTokens == null ? null : maxTokens.longValue(),
                stream,
                false,
                null,
                null,
                null,
                Map.of());
    }

    static void answer(Exchange exchange, JsonObject body) {
        if (exchange.finished()) {
            return;
        }
        exchange.facts().status = 200;
        exchange.finish(Outcome.SUCCESS, null, null, 0);
        exchange.response()
                .putHeader("Content-Type", "application/json")
                .putHeader("X-Request-ID", exchange.facts().requestId)
                .end(body.toBuffer());
    }

    private static void refuse(Exchange exchange, Reading.Refused<?> refused) {
        exchange.refuse(Outcome.DENIED, new Refusal(refused.status(), refused.code(), refused.detail(), null));
    }

    private static void journalRefuses(Exchange exchange) {
        exchange.refuse(
                Outcome.ERROR, TokenRelay.unavailableBecause("the audit journal takes no entries"), null, 5_000);
    }
}
