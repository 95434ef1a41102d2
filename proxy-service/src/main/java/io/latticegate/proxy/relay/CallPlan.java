package io.latticegate.proxy.relay;

import io.latticegate.proxy.dialect.Refusal;
import io.latticegate.proxy.dialect.RequestScan;
import io.latticegate.proxy.provider.Provider;
import io.latticegate.proxy.provider.ProviderKind;
import io.latticegate.proxy.provider.Routing;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The call that a request becomes at a target: the client's own bytes where the target speaks its protocol, a translation
 * where it does not.
 */
final class CallPlan {
    private static final Buffer NO_BODY = Buffer.buffer(new byte[0]);
    private static final Set<Operation> JSON_ANSWERS = EnumSet.of(
            Operation.CHAT,
            Operation.COMPLETIONS,
            Operation.EMBEDDINGS,
            Operation.RESPONSES,
            Operation.MESSAGES,
            Operation.GENERATE_CONTENT,
            Operation.STREAM_GENERATE_CONTENT,
            Operation.EMBED_CONTENT,
            Operation.BATCH_EMBED_CONTENTS,
            Operation.COUNT_TOKENS,
            Operation.CONVERSE,
            Operation.CONVERSE_STREAM,
            Operation.COHERE_CHAT,
            Operation.COHERE_EMBED,
            Operation.COHERE_RERANK);

    /** @param continuation what keeps the client's stream over several attempts, or null */
    static Translation of(
            Exchange exchange,
            Operation operation,
            RequestScan.@Nullable Accepted scan,
            Routing.Target target,
            @Nullable Continuation continuation) {
        String asked = scan == null ? null : scan.model();
        Refusal fault = target.provider()
                .fault(callPath(operation), target.upstreamModel() == null ? asked : target.upstreamModel());
        if (fault != null) {
            return new Translation.Refused(fault);
        }
        boolean sameProtocol = target.provider().kind() == operation.protocol() && !byResponsesOnly(operation, target);
        boolean guardedFrames = operation == Operation.CONVERSE_STREAM && exchange.guarding() != null;
        if (scan != null && (!sameProtocol || guardedFrames)) {
            return Translation.plan(exchange, operation, scan, target, continuation);
        }
        UpstreamPlan verbatim = verbatim(exchange, operation, scan, target);
        return new Translation.Planned(continuation == null ? verbatim : rewritten(verbatim, target, continuation));
    }

    /** Whether a chat of OpenAI's protocol goes to a provider that takes chats through another call of it. */
    private static boolean byResponsesOnly(Operation operation, Routing.Target target) {
        return (operation == Operation.CHAT || operation == Operation.COMPLETIONS)
                && target.provider().settings().variant().responses();
    }

    /** The request's bytes as they are; the answer written anew, so that another attempt can go on with it. */
    private static UpstreamPlan rewritten(UpstreamPlan verbatim, Routing.Target target, Continuation continuation) {
        var dialect = Translation.providerDialect(target.provider());
        return verbatim.withReply(streams -> new TranslatedReply(dialect, streams, continuation.answer()));
    }

    /** The call that an operation becomes at a provider of OpenAI's protocol. */
    private static String callPath(Operation operation) {
        return switch (operation) {
            case COMPLETIONS, RESPONSES -> operation.path();
            case EMBEDDINGS, EMBED_CONTENT, BATCH_EMBED_CONTENTS, COHERE_EMBED -> Operation.EMBEDDINGS.path();
            default -> Operation.CHAT.path();
        };
    }

    /** Client and provider speak the same protocol: the bytes pass, but for the model's alias and the usage option. */
    private static UpstreamPlan verbatim(
            Exchange exchange, Operation operation, RequestScan.@Nullable Accepted scan, Routing.Target target) {
        boolean injectUsage = scan != null
                && scan.streamsWithoutUsage()
                && (operation == Operation.CHAT || operation == Operation.COMPLETIONS);
        Buffer body = scan == null ? NO_BODY : Buffer.buffer(scan.rewritten(target.upstreamModel(), injectUsage));
        var request = exchange.request();
        var facts = exchange.facts();
        GeminiPath gemini = GeminiPath.of(request.path());
        ConversePath converse = ConversePath.of(request.path());
        String path = gemini != null
                ? gemini.at(target.upstreamModel())
                : converse != null ? converse.at(target.upstreamModel()) : operation.path();
        String asked = scan == null ? null : scan.model();
        return new UpstreamPlan(
                operation.method(),
                target.provider()
                        .pathOf(
                                request.query() == null ? path : path + "?" + request.query(),
                                target.upstreamModel() == null ? asked : target.upstreamModel()),
                body,
                headers -> verbatimHeaders(request.headers(), headers, target.provider()),
                stream -> guarded(exchange, passing(facts, operation, scan, stream, injectUsage), stream, operation),
                true,
                answered -> {},
                JSON_ANSWERS.contains(operation));
    }

    private static ReplyPath guarded(Exchange exchange, ReplyPath path, boolean stream, Operation operation) {
        Guarding guarding = exchange.guarding();
        return guarding == null ? path : guarding.reply(path, stream, operation);
    }

    private static ReplyPath passing(
            RequestFacts facts,
            Operation operation,
            RequestScan.@Nullable Accepted scan,
            boolean stream,
            boolean injectUsage) {
        ReplyPath path;
        if (!stream) {
            path = operation == Operation.STREAM_GENERATE_CONTENT
                    ? new VerbatimArray(facts.requestId)
                    : new VerbatimReply(operation);
        } else if (operation == Operation.CONVERSE_STREAM) {
            path = new VerbatimConverse();
        } else if (operation == Operation.RESPONSES) {
            path = VerbatimStream.ofResponses();
        } else {
            path = new VerbatimStream(facts.surface, facts.requestId, injectUsage);
        }
        return operation == Operation.RESPONSES && scan != null && scan.background()
                ? new BackgroundReply(path, TokenRelay.outputTokensMax(scan))
                : path;
    }

    /** The client's end-to-end headers, and the protocol version that Anthropic insists on. */
    static void verbatimHeaders(MultiMap client, MultiMap headers, Provider provider) {
        EndToEndHeaders.toProvider(client, headers);
        if (provider.kind() == ProviderKind.ANTHROPIC && !headers.contains("anthropic-version")) {
            headers.set("anthropic-version", provider.settings().apiVersion());
        }
    }

    private CallPlan() {}
}
