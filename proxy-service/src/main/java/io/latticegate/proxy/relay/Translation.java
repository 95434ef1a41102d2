package io.latticegate.proxy.relay;

import io.latticegate.proxy.chat.ChatRequest;
import io.latticegate.proxy.dialect.AnswerTerms;
import io.latticegate.proxy.dialect.ClientDialect;
import io.latticegate.proxy.dialect.EmbeddingTranslation;
import io.latticegate.proxy.dialect.ProviderDialect;
import io.latticegate.proxy.dialect.Refusal;
import io.latticegate.proxy.dialect.RequestReading;
import io.latticegate.proxy.dialect.RequestScan;
import io.latticegate.proxy.dialect.RequestWriting;
import io.latticegate.proxy.dialect.agentary.AgentaryTokens;
import io.latticegate.proxy.dialect.anthropic.AnthropicMessages;
import io.latticegate.proxy.dialect.bedrock.BedrockConverse;
import io.latticegate.proxy.dialect.cohere.CohereChat;
import io.latticegate.proxy.dialect.cohere.CohereEmbeddings;
import io.latticegate.proxy.dialect.gemini.GeminiContent;
import io.latticegate.proxy.dialect.gemini.GeminiEmbeddings;
import io.latticegate.proxy.dialect.openai.OpenAiChat;
import io.latticegate.proxy.dialect.openai.OpenAiCompletions;
import io.latticegate.proxy.dialect.openai.OpenAiResponses;
import io.latticegate.proxy.dialect.tgi.TgiGenerate;
import io.latticegate.proxy.provider.Provider;
import io.latticegate.proxy.provider.ProviderKind;
import io.latticegate.proxy.provider.Routing;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Plans a call whose client and provider speak different protocols. What cannot be carried is listed or refused. */
sealed interface Translation {
    /** Names what was left out on the way to the provider, comma-separated. */
    String DROPPED_HEADER = "X-Latticegate-Dropped";

    record Planned(UpstreamPlan plan) implements Translation {}

    record Refused(Refusal refusal) implements Translation {}

    /**
     * Translates the request now; the reply path translates back.
     *
     * @param continuation what keeps the client's stream over several attempts, or null
     */
    static Translation plan(
            Exchange exchange,
            Operation operation,
            RequestScan.Accepted scan,
            Routing.Target target,
            @Nullable Continuation continuation) {
        EmbeddingTranslation embeddings = target.provider().kind() == ProviderKind.OPENAI
                ? embeddings(operation, exchange.facts().requestId)
                : null;
        if (embeddings != null) {
            return embeddings(embeddings, scan, target);
        }
        ClientDialect client = clientDialect(exchange, operation, scan);
        if (client == null) {
            return new Refused(unsupported(operation));
        }
        return switch (client.read(scan.body())) {
            case RequestReading.Refused(Refusal refusal) -> new Refused(refusal);
            case RequestReading.Read(ChatRequest request, List<String> dropped) ->
                plan(exchange, client, request, dropped, target, continuation);
        };
    }

    private static Translation plan(
            Exchange exchange,
            ClientDialect client,
            ChatRequest request,
            List<String> droppedByReader,
            Routing.Target target,
            @Nullable Continuation continuation) {
        String upstreamModel = target.upstreamModel() == null ? request.model() : target.upstreamModel();
        Provider provider = target.provider();
        ProviderDialect dialect = providerDialect(provider);
        return switch (dialect.write(request.withModel(upstreamModel))) {
            case RequestWriting.Refused(Refusal refusal) -> new Refused(inWordsOf(client, refusal));
            case RequestWriting.Written(byte[] body, List<String> droppedByWriter) -> {
                List<String> dropped = new ArrayList<>(droppedByReader);
                droppedByWriter.forEach(name -> dropped.add(client.fieldOf(name)));
                RequestFacts facts = exchange.facts();
                AnswerTerms terms = new AnswerTerms(
                        facts.requestId,
                        request.model(),
                        facts.startedMicrosUtc / 1_000_000L,
                        request.includeUsage(),
                        request);
                yield new Planned(new UpstreamPlan(
                        HttpMethod.POST,
                        chatPath(provider, request.withModel(upstreamModel)),
                        Buffer.buffer(body),
                        headers -> jsonHeaders(headers, provider),
                        stream -> guarded(
                                exchange,
                                dialect,
                                behind -> new TranslatedReply(
                                        behind,
                                        stream,
                                        continuation != null
                                                ? continuation.answer()
                                                : request.stream()
                                                        ? new ClientAnswer.Stream(client.startStream(terms))
                                                        : new ClientAnswer.Complete(
                                                                answer -> client.reply(answer, terms)))),
                        false,
                        answered -> noteDropped(answered, dropped)));
            }
        };
    }

    /** The path of one answer, behind the guards of the request where it has any. */
    static ReplyPath guarded(
            Exchange exchange, ProviderDialect dialect, Function<ProviderDialect, ReplyPath> translation) {
        Guarding guarding = exchange.guarding();
        return guarding == null ? translation.apply(dialect) : guarding.translated(dialect, translation);
    }

    private static Refusal inWordsOf(ClientDialect client, Refusal refusal) {
        String field = refusal.param();
        if (field == null) {
            return refusal;
        }
        String own = client.fieldOf(field);
        return new Refusal(refusal.status(), refusal.code(), refusal.message().replace(field, own), own);
    }

    private static @Nullable EmbeddingTranslation embeddings(Operation operation, String requestId) {
        return switch (operation) {
            case EMBED_CONTENT -> new GeminiEmbeddings(false);
            case BATCH_EMBED_CONTENTS -> new GeminiEmbeddings(true);
            case COHERE_EMBED -> new CohereEmbeddings(requestId);
            default -> null;
        };
    }

    private static Translation embeddings(
            EmbeddingTranslation embeddings, RequestScan.Accepted scan, Routing.Target target) {
        String model = target.upstreamModel() == null ? scan.model() : target.upstreamModel();
        return switch (embeddings.toOpenAi(scan.body(), model == null ? "" : model)) {
            case RequestWriting.Refused(Refusal refusal) -> new Refused(refusal);
            case RequestWriting.Written(byte[] body, List<String> dropped) ->
                new Planned(new UpstreamPlan(
                        HttpMethod.POST,
                        target.provider().pathOf(Operation.EMBEDDINGS.path(), model),
                        Buffer.buffer(body),
                        headers -> jsonHeaders(headers, target.provider()),
                        stream -> new ConvertedReply(embeddings::fromOpenAi),
                        false,
                        answered -> noteDropped(answered, dropped)));
        };
    }

    private static void noteDropped(MultiMap answered, List<String> dropped) {
        if (!dropped.isEmpty()) {
            answered.set(DROPPED_HEADER, String.join(", ", dropped));
        }
    }

    /** The dialect in which clients of an operation speak, or null where the operation is no chat. */
    static @Nullable ClientDialect clientDialect(Exchange exchange, Operation operation, RequestScan.Accepted scan) {
        return switch (operation) {
            case CHAT -> new OpenAiChat();
            case COMPLETIONS -> new OpenAiCompletions();
            case MESSAGES -> new AnthropicMessages();
            case RESPONSES -> new OpenAiResponses();
            case AGENTARY -> {
                RequestFacts facts = exchange.facts();
                yield new AgentaryTokens(() -> (System.nanoTime() - facts.startedNanos) / 1_000_000);
            }
            case GENERATE_CONTENT -> geminiContent(scan, GeminiContent.Form.COMPLETE);
            case STREAM_GENERATE_CONTENT ->
                geminiContent(
                        scan,
                        GeminiQuery.asksForEvents(exchange.request().query())
                                ? GeminiContent.Form.EVENTS
                                : GeminiContent.Form.ARRAY);
            case CONVERSE, CONVERSE_STREAM -> converse(exchange.facts(), scan, operation == Operation.CONVERSE_STREAM);
            case COHERE_CHAT -> new CohereChat();
            case EMBEDDINGS,
                    EMBED_CONTENT,
                    BATCH_EMBED_CONTENTS,
                    COUNT_TOKENS,
                    GEMINI_MODELS,
                    GEMINI_MODEL,
                    COHERE_EMBED,
                    COHERE_RERANK -> null;
        };
    }

    /** The refusal of an operation that a provider of another protocol does not have. */
    static Refusal unsupported(Operation operation) {
        return new Refusal(
                400, "unsupported_operation", "The provider of this model does not offer " + operation.path(), "model");
    }

    private static ClientDialect geminiContent(RequestScan.Accepted scan, GeminiContent.Form form) {
        return GeminiContent.forClient(scan.model() == null ? "" : scan.model(), form);
    }

    private static ClientDialect converse(RequestFacts facts, RequestScan.Accepted scan, boolean stream) {
        return BedrockConverse.forClient(
                scan.model() == null ? "" : scan.model(),
                stream,
                () -> (System.nanoTime() - facts.startedNanos) / 1_000_000);
    }

    static ProviderDialect providerDialect(Provider provider) {
        return switch (provider.kind()) {
            case OPENAI ->
                provider.settings().variant().responses()
                        ? new OpenAiResponses()
                        : new OpenAiChat(provider.settings().variant().limitField());
            case ANTHROPIC -> new AnthropicMessages();
            case GEMINI -> GeminiContent.forProvider();
            case BEDROCK -> BedrockConverse.forProvider();
            case COHERE -> new CohereChat();
            case TGI -> new TgiGenerate();
            case GENERIC -> throw new IllegalArgumentException("a generic provider speaks no dialect");
            case ECHO -> throw new IllegalArgumentException("the echo model is not called over HTTP");
        };
    }

    /** Path and query of a chat at a provider; {@code request} has the provider's name of the model. */
    static String chatPath(Provider provider, ChatRequest request) {
        return switch (provider.kind()) {
            case OPENAI, ECHO -> {
                Operation call = provider.settings().variant().responses() ? Operation.RESPONSES : Operation.CHAT;
                yield provider.pathOf(call.path(), request.model());
            }
            case ANTHROPIC -> Operation.MESSAGES.path();
            case BEDROCK -> ConversePath.of(request.model(), request.stream()).at(null);
            case COHERE -> Operation.COHERE_CHAT.path();
            case TGI -> TgiGenerate.path(request.stream());
            case GENERIC -> throw new IllegalArgumentException("a generic provider speaks no dialect");
            case GEMINI -> {
                Operation call = request.stream() ? Operation.STREAM_GENERATE_CONTENT : Operation.GENERATE_CONTENT;
                String path = new GeminiPath("v1beta", request.model(), call).at(null);
                yield request.stream() ? path + "?alt=sse" : path;
            }
        };
    }

    static void jsonHeaders(MultiMap headers, Provider provider) {
        headers.set("Content-Type", "application/json");
        headers.set("Accept-Encoding", "identity");
        if (provider.kind() == ProviderKind.ANTHROPIC) {
            headers.set("anthropic-version", provider.settings().apiVersion());
        }
    }
}
