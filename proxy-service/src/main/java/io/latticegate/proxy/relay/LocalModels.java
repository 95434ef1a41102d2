package io.latticegate.proxy.relay;

import io.latticegate.proxy.chat.Answer;
import io.latticegate.proxy.chat.ChatEvent;
import io.latticegate.proxy.chat.ChatMessage;
import io.latticegate.proxy.chat.ChatRequest;
import io.latticegate.proxy.chat.ContentPart;
import io.latticegate.proxy.chat.FinishReason;
import io.latticegate.proxy.chat.ProviderError;
import io.latticegate.proxy.chat.TokenUsage;
import io.latticegate.proxy.dialect.AnswerTerms;
import io.latticegate.proxy.dialect.ClientDialect;
import io.latticegate.proxy.dialect.Refusal;
import io.latticegate.proxy.dialect.RequestReading;
import io.latticegate.proxy.dialect.RequestScan;
import io.latticegate.proxy.dialect.StreamEncoder;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The {@code echo} model: answers every chat with the last user message, word by word, and says in every answer that it
 * is a local echo and no language model. For a first look and for tests; costs nothing and calls nobody.
 */
public final class LocalModels {
    /** Begins every answer of the echo model. */
    public static final String PREAMBLE = "[echo: a local test model, not an LLM]";

    private static final long WORD_MILLIS = 12;
    private static final int WORDS_MAX = 2_000;

    private final Vertx vertx;

    public LocalModels(Vertx vertx) {
        this.vertx = vertx;
    }

    /** Answers in the dialect of {@code operation}. */
    void answer(Exchange exchange, Operation operation, RequestScan.@Nullable Accepted scan) {
        ClientDialect dialect = scan == null ? null : Translation.clientDialect(exchange, operation, scan);
        if (dialect == null || scan == null) {
            exchange.refuse(
                    Outcome.FAILURE, new Refusal(400, "unsupported_operation", "The echo model only chats", "model"));
            return;
        }
        switch (dialect.read(scan.body())) {
            case RequestReading.Refused(Refusal refusal) -> exchange.refuse(Outcome.FAILURE, refusal);
            case RequestReading.Read(ChatRequest request, List<String> dropped) -> {
                AnswerTerms terms = new AnswerTerms(
                        exchange.facts().requestId,
                        request.model(),
                        exchange.facts().startedMicrosUtc / 1_000_000L,
                        request.includeUsage(),
                        request);
                exchange.attempting();
                exchange.dispatched();
                List<ChatEvent> events = guarded(exchange, echo(request, terms));
                if (events.isEmpty()) {
                    return;
                }
                if (request.stream()) {
                    stream(exchange, events, new ClientAnswer.Stream(dialect.startStream(terms)));
                } else {
                    complete(exchange, events, answer -> dialect.reply(answer, terms));
                }
            }
        }
    }

    /** Answers a relay request. */
    void answer(Exchange exchange, ChatRequest request, boolean stream, ClientAnswer.Complete json) {
        AnswerTerms terms = new AnswerTerms(
                exchange.facts().requestId, request.model(), exchange.facts().startedMicrosUtc / 1_000_000L, false);
        exchange.attempting();
        exchange.dispatched();
        List<ChatEvent> events = guarded(exchange, echo(request, terms));
        if (events.isEmpty()) {
            return;
        }
        if (stream) {
            stream(exchange, events, new ClientAnswer.Text());
        } else {
            complete(exchange, events, json.reply());
        }
    }

    /** What guards let pass; empty where the request was refused. */
    private static List<ChatEvent> guarded(Exchange exchange, List<ChatEvent> events) {
        Guarding guarding = exchange.guarding();
        List<ChatEvent> shown = guarding == null ? events : guarding.events(events);
        if (shown.getLast() instanceof ChatEvent.Failed(ProviderError refusal)) {
            exchange.fail(refusal, 0);
            return List.of();
        }
        return shown;
    }

    private static List<ChatEvent> echo(ChatRequest request, AnswerTerms terms) {
        String[] words = (PREAMBLE + " " + lastUserText(request)).split("(?<=\\s)", WORDS_MAX);
        List<ChatEvent> events = new ArrayList<>();
        events.add(new ChatEvent.Started(terms.id(), "echo"));
        for (String word : words) {
            events.add(new ChatEvent.TextDelta(0, word));
        }
        events.add(new ChatEvent.Finished(FinishReason.STOP));
        events.add(new ChatEvent.UsageReported(TokenUsage.of(inputWords(request), words.length)));
        return events;
    }

    private static void complete(Exchange exchange, List<ChatEvent> events, Function<Answer, byte[]> reply) {
        end(exchange, usageOf(events), "application/json", Buffer.buffer(reply.apply(Answer.of(events))));
    }

    /** Ends with a whole JSON answer of this process that took no tokens. */
    static void end(Exchange exchange, byte[] json) {
        end(exchange, TokenUsage.NONE, "application/json", Buffer.buffer(json));
    }

    private static void end(Exchange exchange, TokenUsage usage, String contentType, Buffer body) {
        exchange.facts().status = 200;
        exchange.finish(Outcome.SUCCESS, null, usage, 0);
        exchange.response()
                .putHeader("Content-Type", contentType)
                .putHeader("X-Request-ID", exchange.facts().requestId)
                .end(body);
    }

    private void stream(Exchange exchange, List<ChatEvent> events, ClientAnswer form) {
        exchange.facts().status = 200;
        exchange.response()
                .setChunked(true)
                .putHeader("Content-Type", form.contentType())
                .putHeader("X-Request-ID", exchange.facts().requestId)
                .putHeader("X-Content-Type-Options", "nosniff");
        next(exchange, events, 0, form);
    }

    private void next(Exchange exchange, List<ChatEvent> events, int index, ClientAnswer form) {
        if (exchange.finished()) {
            return;
        }
        HttpServerResponse response = exchange.response();
        if (response.writeQueueFull()) {
            response.drainHandler(drained -> next(exchange, events, index, form));
            return;
        }
        if (index == events.size()) {
            exchange.finish(Outcome.SUCCESS, null, usageOf(events), 0);
            if (form instanceof ClientAnswer.Stream(StreamEncoder encoder)) {
                response.end(Buffer.buffer(encoder.finish()));
            } else {
                response.end();
            }
            return;
        }
        ChatEvent event = events.get(index);
        byte[] bytes = switch (form) {
            case ClientAnswer.Stream(StreamEncoder encoder) -> encoder.encode(event);
            default ->
                event instanceof ChatEvent.TextDelta delta
                        ? delta.text().getBytes(StandardCharsets.UTF_8)
                        : new byte[0];
        };
        if (bytes.length > 0) {
            response.write(Buffer.buffer(bytes));
        }
        if (event instanceof ChatEvent.TextDelta) {
            vertx.setTimer(WORD_MILLIS, timer -> next(exchange, events, index + 1, form));
        } else {
            next(exchange, events, index + 1, form);
        }
    }

    private static TokenUsage usageOf(List<ChatEvent> events) {
        return events.getLast() instanceof ChatEvent.UsageReported reported ? reported.usage() : TokenUsage.NONE;
    }

    private static String lastUserText(ChatRequest request) {
        for (ChatMessage message : request.messages().reversed()) {
            if (message.role() == ChatMessage.Role.USER) {
                StringBuilder text = new StringBuilder();
                for (ContentPart part : message.content()) {
                    if (part instanceof ContentPart.Text said) {
                        text.append(said.text());
                    }
                }
                return text.toString();
            }
        }
        return "";
    }

    private static long inputWords(ChatRequest request) {
        long words = 0;
        for (ChatMessage message : request.messages()) {
            for (ContentPart part : message.content()) {
                if (part instanceof ContentPart.Text said) {
                    words += said.text().split("\\s+").length;
                }
            }
        }
        return words;
    }
}
