package io.latticegate.proxy.relay;

import io.latticegate.proxy.chat.ChatRequest;
import io.latticegate.proxy.dialect.AnswerTerms;
import io.latticegate.proxy.dialect.ClientDialect;
import io.latticegate.proxy.dialect.ProviderDialect;
import io.latticegate.proxy.dialect.Refusal;
import io.latticegate.proxy.dialect.RequestReading;
import io.latticegate.proxy.dialect.RequestScan;
import io.latticegate.proxy.dialect.RequestWriting;
import io.latticegate.proxy.dialect.anthropic.AnthropicMessages;
import io.latticegate.proxy.dialect.openai.OpenAiChat;
import io.latticegate.proxy.dialect.openai.OpenAiCompletions;
import io.latticegate.proxy.provider.Provider;
import io.latticegate.proxy.provider.ProviderKind;
import io.latticegate.proxy.provider.Routing;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Plans a call whose client and provider speak different protocols. What cannot be carried is listed or refused. */
sealed interface Translation {
    /** Names what was left out on the way to the provider, comma-separated. */
    String DROPPED_HEADER = "X-Latticegate-Dropped";

    record Planned(UpstreamCall.Plan plan) implements Translation {}

    record Refused(Refusal refusal) implements Translation {}

    /** Translates the request now; the reply path translates back. */
    static Translation plan(Exchange exchange, Operation operation, RequestScan.Accepted scan, Routing.Target target) {
        ClientDialect client = clientDialect(operation);
        if (client == null) {
            return new Refused(new Refusal(
                    400,
                    "unsupported_operation",
                    "The provider of this model does not offer " + operation.path(),
                    "model"));
        }
        return switch (client.read(scan.body())) {
            case RequestReading.Refused(Refusal refusal) -> new Refused(refusal);
            case RequestReading.Read(ChatRequest request, List<String> dropped) ->
                plan(exchange, client, request, dropped, target);
        };
    }

    private static Translation plan(
            Exchange exchange,
            ClientDialect client,
            ChatRequest request,
            List<String> droppedByReader,
            Routing.Target target) {
        String upstreamModel = target.upstreamModel() == null ? request.model() : target.upstreamModel();
        Provider provider = target.provider();
        ProviderDialect dialect = providerDialect(provider.kind());
        return switch (dialect.write(request.withModel(upstreamModel))) {
            case RequestWriting.Refused(Refusal refusal) -> new Refused(refusal);
            case RequestWriting.Written(byte[] body, List<String> droppedByWriter) -> {
                List<String> dropped = new ArrayList<>(droppedByReader);
                dropped.addAll(droppedByWriter);
                RequestFacts facts = exchange.facts();
                AnswerTerms terms = new AnswerTerms(
                        facts.requestId, request.model(), facts.startedMicrosUtc / 1_000_000L, request.includeUsage());
                yield new Planned(new UpstreamCall.Plan(
                        HttpMethod.POST,
                        chatPath(provider.kind()),
                        Buffer.buffer(body),
                        headers -> jsonHeaders(headers, provider),
                        stream -> new TranslatedReply(
                                dialect,
                                stream,
                                request.stream()
                                        ? new ClientAnswer.Stream(client.startStream(terms))
                                        : new ClientAnswer.Complete(answer -> client.reply(answer, terms))),
                        false,
                        answered -> {
                            if (!dropped.isEmpty()) {
                                answered.set(DROPPED_HEADER, String.join(", ", dropped));
                            }
                        }));
            }
        };
    }

    /** The dialect in which clients of an operation speak, or null where the operation is no chat. */
    static @Nullable ClientDialect clientDialect(Operation operation) {
        return switch (operation) {
            case CHAT -> new OpenAiChat();
            case COMPLETIONS -> new OpenAiCompletions();
            case MESSAGES -> new AnthropicMessages();
            case EMBEDDINGS, MODELS -> null;
        };
    }

    static ProviderDialect providerDialect(ProviderKind kind) {
        return switch (kind) {
            case OPENAI -> new OpenAiChat();
            case ANTHROPIC -> new AnthropicMessages();
            case GENERIC -> throw new IllegalArgumentException("a generic provider speaks no dialect");
            case ECHO -> throw new IllegalArgumentException("the echo model is not called over HTTP");
        };
    }

    static String chatPath(ProviderKind kind) {
        return kind == ProviderKind.ANTHROPIC ? Operation.MESSAGES.path() : Operation.CHAT.path();
    }

    static void jsonHeaders(MultiMap headers, Provider provider) {
        headers.set("Content-Type", "application/json");
        headers.set("Accept-Encoding", "identity");
        if (provider.kind() == ProviderKind.ANTHROPIC) {
            headers.set("anthropic-version", provider.settings().apiVersion());
        }
    }
}
