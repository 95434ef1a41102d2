package io.latticegate.proxy.relay;

import io.latticegate.common.config.ModelConfig.Prefill;
import io.latticegate.proxy.chat.ChatEvent;
import io.latticegate.proxy.chat.ChatMessage;
import io.latticegate.proxy.chat.ChatRequest;
import io.latticegate.proxy.chat.ContentPart;
import io.latticegate.proxy.chat.ProviderError;
import io.latticegate.proxy.chat.ReasoningRequest;
import io.latticegate.proxy.chat.ResponseFormat;
import io.latticegate.proxy.chat.TokenUsage;
import io.latticegate.proxy.dialect.AnswerTerms;
import io.latticegate.proxy.dialect.ClientDialect;
import io.latticegate.proxy.dialect.ProviderDialect;
import io.latticegate.proxy.dialect.Refusal;
import io.latticegate.proxy.dialect.RequestReading;
import io.latticegate.proxy.dialect.RequestScan;
import io.latticegate.proxy.dialect.RequestWriting;
import io.latticegate.proxy.provider.Routing;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a streamed text that broke off after the client has seen a part of it is gone on with: the request is sent again, to a
 * target that continues an assistant's turn, with the text so far as that turn. Only for requests that ask for one plain text
 * and say nothing that the model inside does not carry, since the request is then written anew.
 *
 * <p>How providers take the beginning of an answer: Anthropic, "Prefill Claude's response" (the last turn is the assistant's
 * and must not end in white space; not with extended thinking, not by every model); vLLM and SGLang, {@code
 * continue_final_message} of their OpenAI-compatible servers. Confined to one event loop.
 */
final class Continuation {
    /** The client's own wish: {@code on} or {@code off}. */
    static final String HEADER = "X-Latticegate-Continuation";

    /** How often one answer is gone on with at most. */
    static final int TIMES_MAX = 2;

    private static final byte[] CONTINUE_FINAL_MESSAGE =
            "\"continue_final_message\":true,\"add_generation_prompt\":false,".getBytes(StandardCharsets.US_ASCII);

    private final HttpServerRequest client;
    private final Operation operation;
    private final ChatRequest request;
    private final ContinuedStream stream;

    private Continuation(HttpServerRequest client, Operation operation, ChatRequest request, ContinuedStream stream) {
        this.client = client;
        this.operation = operation;
        this.request = request;
        this.stream = stream;
    }

    /** Why the client's wish cannot be read, or null. */
    static @Nullable Refusal fault(HttpServerRequest client) {
        String wish = client.getHeader(HEADER);
        return wish == null || wish.equals("on") || wish.equals("off")
                ? null
                : Refusal.invalid(null, HEADER + " must be on or off");
    }

    /** Whether the answer may be gone on with, as far as the model's settings, the client's wish and the operation say. */
    static boolean wanted(
            HttpServerRequest client,
            Operation operation,
            RequestScan.@Nullable Accepted scan,
            Routing.@Nullable Route route) {
        if (scan == null || route == null || !scan.stream() || scan.choices() != 1) {
            return false;
        }
        String wish = client.getHeader(HEADER);
        return (operation == Operation.CHAT || operation == Operation.MESSAGES)
                && (wish == null ? route.continuation() : wish.equals("on"))
                && route.targets().stream().anyMatch(target -> target.prefill() != Prefill.NONE);
    }

    /**
     * For a request that {@link #wanted} holds for; null where what it asks for cannot be gone on with, or its answer is
     * guarded: what a guard withholds of one attempt would be missing where the next one goes on.
     */
    static @Nullable Continuation of(Exchange exchange, Operation operation, RequestScan.Accepted scan) {
        if (exchange.guarding() != null) {
            return null;
        }
        ClientDialect dialect = Translation.clientDialect(exchange, operation, scan);
        if (dialect == null
                || !(dialect.read(scan.body()) instanceof RequestReading.Read(ChatRequest read, List<String> dropped))
                || !dropped.isEmpty()
                || !asksForPlainText(read)) {
            return null;
        }
        RequestFacts facts = exchange.facts();
        AnswerTerms terms = new AnswerTerms(
                facts.requestId, read.model(), facts.startedMicrosUtc / 1_000_000L, read.includeUsage(), read);
        return new Continuation(
                exchange.request(), operation, read, new ContinuedStream(() -> dialect.startStream(terms)));
    }

    private static boolean asksForPlainText(ChatRequest request) {
        ReasoningRequest reasoning = request.reasoning();
        ResponseFormat format = request.responseFormat();
        ChatMessage last =
                request.messages().isEmpty() ? null : request.messages().getLast();
        return request.tools().isEmpty()
                && (format == null || format instanceof ResponseFormat.Text)
                && (reasoning == null || reasoning.effortOrDerived() == ReasoningRequest.Effort.NONE)
                && last != null
                && (last.role() != ChatMessage.Role.ASSISTANT
                        || last.content().stream().allMatch(ContentPart.Text.class::isInstance));
    }

    /** The form of the client's answer, the same for all attempts. */
    ClientAnswer answer() {
        return new ClientAnswer.Stream(stream.forAttempt());
    }

    /** Whether another attempt may go on after this failure. */
    boolean possibleAfter(ProviderError error) {
        return error.retryable() && stream.times() < TIMES_MAX && stream.open();
    }

    /**
     * The next attempt goes on.
     *
     * @param used by all attempts so far
     */
    void goOn(TokenUsage used) {
        stream.goOn(used);
    }

    /** How often another attempt has gone on. */
    int times() {
        return stream.times();
    }

    /** The end of an answer that nobody goes on with. */
    Buffer brokenOff(ProviderError error) {
        return Buffer.buffer(stream.encode(new ChatEvent.Failed(error)));
    }

    /** How {@code target} is asked to go on. One that could not be told all that the client asked for is not asked. */
    Translation plan(Routing.Target target) {
        ChatRequest more = continued();
        String model = target.upstreamModel() == null ? more.model() : target.upstreamModel();
        ProviderDialect dialect = Translation.providerDialect(target.provider());
        return switch (dialect.write(more.withModel(model))) {
            case RequestWriting.Refused(Refusal why) -> new Translation.Refused(why);
            case RequestWriting.Written(byte[] body, List<String> dropped)
            when dropped.isEmpty() ->
                new Translation.Planned(new UpstreamPlan(
                        HttpMethod.POST,
                        path(target, more.withModel(model)),
                        body(target, body),
                        headers -> headers(headers, target),
                        streams -> new TranslatedReply(dialect, streams, answer()),
                        false,
                        answered -> {}));
            case RequestWriting.Written(byte[] body, List<String> dropped) ->
                new Translation.Refused(Refusal.invalid(
                        null, "The target that would go on does not take " + String.join(", ", dropped)));
        };
    }

    /** The request with the text so far as the last turn, and as much less to say as was said, at four bytes for a token. */
    private ChatRequest continued() {
        List<ChatMessage> messages = new ArrayList<>(request.messages());
        StringBuilder begun = new StringBuilder();
        if (messages.getLast().role() == ChatMessage.Role.ASSISTANT) {
            for (ContentPart part : messages.removeLast().content()) {
                if (part instanceof ContentPart.Text(String text)) {
                    begun.append(text);
                }
            }
        }
        String said = stream.text();
        String turn = begun.append(said).toString().stripTrailing();
        if (!turn.isEmpty()) {
            messages.add(new ChatMessage(ChatMessage.Role.ASSISTANT, List.of(new ContentPart.Text(turn))));
        }
        Long limit = request.maxOutputTokens();
        long saidTokens = said.getBytes(StandardCharsets.UTF_8).length / 4;
        return request.goingOn(messages, limit == null ? null : Math.max(1, limit - saidTokens));
    }

    private boolean isOwnProtocol(Routing.Target target) {
        return target.provider().kind() == operation.protocol();
    }

    private String path(Routing.Target target, ChatRequest more) {
        String path = Translation.chatPath(target.provider(), more);
        return isOwnProtocol(target) && client.query() != null ? path + "?" + client.query() : path;
    }

    private void headers(MultiMap headers, Routing.Target target) {
        if (isOwnProtocol(target)) {
            CallPlan.verbatimHeaders(client.headers(), headers, target.provider());
            headers.set("Content-Type", "application/json");
        } else {
            Translation.jsonHeaders(headers, target.provider());
        }
    }

    private static Buffer body(Routing.Target target, byte[] written) {
        Buffer body = Buffer.buffer(written);
        return target.prefill() == Prefill.CONTINUE_FINAL_MESSAGE
                ? Buffer.buffer("{").appendBytes(CONTINUE_FINAL_MESSAGE).appendBuffer(body.slice(1, body.length()))
                : body;
    }
}
