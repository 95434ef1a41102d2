package io.latticegate.proxy.dialect.openai;

import io.latticegate.proxy.chat.Answer;
import io.latticegate.proxy.chat.ChatEvent;
import io.latticegate.proxy.chat.ChatRequest;
import io.latticegate.proxy.chat.ProviderError;
import io.latticegate.proxy.dialect.AnswerTerms;
import io.latticegate.proxy.dialect.ClientDialect;
import io.latticegate.proxy.dialect.DroppedFields;
import io.latticegate.proxy.dialect.ErrorReply;
import io.latticegate.proxy.dialect.ErrorReport;
import io.latticegate.proxy.dialect.ProviderDialect;
import io.latticegate.proxy.dialect.Refusal;
import io.latticegate.proxy.dialect.RefusedField;
import io.latticegate.proxy.dialect.RequestReading;
import io.latticegate.proxy.dialect.RequestWriting;
import io.latticegate.proxy.dialect.StreamDecoder;
import io.latticegate.proxy.dialect.StreamEncoder;
import java.util.List;

/**
 * OpenAI Chat Completions ({@code /v1/chat/completions}), for clients and for providers, as the API reference and the
 * types of {@code openai} 6.49 describe it.
 *
 * <p><b>Refused when it has to be translated</b>, because without it the request would mean something else ({@code
 * unsupported_parameter}, 400, with the field's name): {@code n} other than 1, {@code logprobs}, {@code top_logprobs},
 * {@code functions}, {@code function_call}, {@code audio}, {@code modalities} other than text, {@code
 * web_search_options}, {@code moderation}, tools and tool calls that are not functions, content other than text and
 * pictures, the role {@code function}.
 *
 * <p><b>Dropped and reported</b>: {@code logit_bias}, {@code prediction}, {@code store}, {@code service_tier}, {@code
 * prompt_cache_key}, {@code prompt_cache_options}, {@code prompt_cache_retention}, {@code verbosity}, {@code
 * stream_options.include_obfuscation}, {@code name} of messages, cache breakpoints, and every field that is not known.
 *
 * <p><b>Extensions</b> that compatible servers share: {@code reasoning_content} and {@code thinking_blocks} carry
 * reasoning and its signatures in answers and, sent back by the client, in assistant messages; a streamed {@code
 * thinking_blocks} delta holds one whole block, to be appended to those before. {@code top_k} is read.
 * {@code system} and {@code developer} are one role.
 *
 * <p>As a provider's protocol it cannot say: {@code top_k}, an earlier turn's reasoning, and that a tool result is an
 * error; those are dropped and reported.
 */
public final class OpenAiChat implements ClientDialect, ProviderDialect {
    private final String limitField;

    /** The name under which a provider takes the output limit. */
    public enum LimitField {
        /** What OpenAI asks for; its reasoning models refuse the other. */
        MAX_COMPLETION_TOKENS("max_completion_tokens"),
        /** What most compatible servers understand. */
        MAX_TOKENS("max_tokens");

        private final String wireName;

        LimitField(String wireName) {
            this.wireName = wireName;
        }
    }

    /** OpenAI itself. */
    public OpenAiChat() {
        this(LimitField.MAX_COMPLETION_TOKENS);
    }

    /** A compatible provider. The choice plays no part on the client's side. */
    public OpenAiChat(LimitField limitField) {
        this.limitField = limitField.wireName;
    }

    @Override
    public RequestReading read(byte[] body) {
        return RequestReading.of(body, (root, dropped) -> new OpenAiRequestReader(root, dropped).read());
    }

    @Override
    public StreamEncoder startStream(AnswerTerms terms) {
        return new OpenAiStreamEncoder(terms);
    }

    @Override
    public byte[] reply(Answer answer, AnswerTerms terms) {
        return OpenAiReplyEncoder.encode(answer, terms);
    }

    @Override
    public ErrorReply error(ProviderError error, String requestId) {
        return OpenAiErrors.reply(error);
    }

    @Override
    public ErrorReply refusal(Refusal refusal, String requestId) {
        return OpenAiErrors.reply(refusal);
    }

    @Override
    public RequestWriting write(ChatRequest request) {
        try {
            var dropped = new DroppedFields();
            byte[] body = new OpenAiRequestWriter(request, limitField, dropped).write();
            return new RequestWriting.Written(body, dropped.names());
        } catch (RefusedField refused) {
            return new RequestWriting.Refused(refused.refusal());
        }
    }

    @Override
    public List<ChatEvent> decodeReply(byte[] body) {
        return OpenAiReplyDecoder.decode(body);
    }

    @Override
    public StreamDecoder startDecoding() {
        return new OpenAiStreamDecoder();
    }

    @Override
    public ProviderError decodeError(int status, byte[] body) {
        return ErrorReport.read(status, body);
    }
}
