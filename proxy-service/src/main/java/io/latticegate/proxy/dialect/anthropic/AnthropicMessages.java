package io.latticegate.proxy.dialect.anthropic;

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
 * Anthropic Messages ({@code /v1/messages}), for clients and for providers, as the API reference and the types of {@code
 * @anthropic-ai/sdk} 1.11 describe it.
 *
 * <p><b>Refused when it has to be translated</b> ({@code unsupported_parameter}, 400, with the field's name): {@code
 * container}, {@code mcp_servers}, tools that the provider runs, and content blocks other than {@code text}, {@code image}
 * (base64 and url), {@code tool_use}, {@code tool_result}, {@code thinking}, {@code redacted_thinking}.
 *
 * <p><b>Dropped and reported</b>: {@code cache_control}, {@code citations}, {@code service_tier}, {@code speed}, {@code
 * inference_geo}, {@code diagnostics}, {@code thinking.display}, hints at tools ({@code input_examples}, {@code
 * defer_loading} …), and every field that is not known.
 *
 * <p><b>As a provider's protocol</b>: {@code max_tokens} is mandatory; when the client gave none, the default given to the
 * constructor is written ({@value #MAX_TOKENS_DEFAULT} unless configured). Neighbouring turns of one speaker are joined.
 * Dropped and reported: {@code frequency_penalty}, {@code presence_penalty}, {@code seed}, {@code metadata} labels, image
 * {@code detail}, reasoning without a signature, {@code temperature} above 1 (written as 1); under {@link
 * Version#V2026_10_21} also {@code temperature}, {@code top_p} and {@code top_k}, which that version answers with 400,
 * and so does the other one when the model thinks; under {@link Version#V2023_06_01} the position of instructions inside the conversation, which move to the front. Refused:
 * {@code response_format} of type {@code json_object}, and tool-call arguments that are no JSON object.
 */
public final class AnthropicMessages implements ClientDialect, ProviderDialect {

    /** The output limit that is written when the client gave none and nothing else is configured, in tokens. */
    public static final long MAX_TOKENS_DEFAULT = 4_096;

    /** The key under which arguments stand that a model wrote and that are no JSON object. */
    static final String UNPARSED_ARGUMENTS = "unparsed_arguments";

    private final Version version;
    private final long maxTokensDefault;

    /** The value of the header {@code anthropic-version} that a request to a provider is written for. */
    public enum Version {
        /** Carries sampling parameters. */
        V2023_06_01("2023-06-01"),
        /** Refuses sampling parameters; knows system messages inside the conversation. */
        V2026_10_21("2026-10-21");

        private final String header;

        Version(String header) {
            this.header = header;
        }

        /** What to send as {@code anthropic-version}. */
        public String header() {
            return header;
        }
    }

    /** With {@link Version#V2023_06_01}, which loses least of what other dialects say. */
    public AnthropicMessages() {
        this(Version.V2023_06_01, MAX_TOKENS_DEFAULT);
    }

    /** The arguments matter only for requests to providers. */
    public AnthropicMessages(Version version, long maxTokensDefault) {
        if (maxTokensDefault < 1) {
            throw new IllegalArgumentException("maxTokensDefault must be at least 1, is " + maxTokensDefault);
        }
        this.version = version;
        this.maxTokensDefault = maxTokensDefault;
    }

    /** The version that {@link #write} writes for; to be sent with its body. */
    public Version version() {
        return version;
    }

    @Override
    public RequestReading read(byte[] body) {
        return RequestReading.of(body, (root, dropped) -> new AnthropicRequestReader(root, dropped).read());
    }

    @Override
    public StreamEncoder startStream(AnswerTerms terms) {
        return new AnthropicStreamEncoder(terms);
    }

    @Override
    public byte[] reply(Answer answer, AnswerTerms terms) {
        return AnthropicReplyEncoder.encode(answer, terms);
    }

    @Override
    public ErrorReply error(ProviderError error, String requestId) {
        return AnthropicErrors.reply(error, requestId);
    }

    @Override
    public ErrorReply refusal(Refusal refusal, String requestId) {
        return AnthropicErrors.reply(refusal, requestId);
    }

    @Override
    public RequestWriting write(ChatRequest request) {
        try {
            var dropped = new DroppedFields();
            byte[] body = new AnthropicRequestWriter(request, version, maxTokensDefault, dropped).write();
            return new RequestWriting.Written(body, dropped.names());
        } catch (RefusedField refused) {
            return new RequestWriting.Refused(refused.refusal());
        }
    }

    @Override
    public List<ChatEvent> decodeReply(byte[] body) {
        return AnthropicReplyDecoder.decode(body);
    }

    @Override
    public StreamDecoder startDecoding() {
        return new AnthropicStreamDecoder();
    }

    @Override
    public ProviderError decodeError(int status, byte[] body) {
        return ErrorReport.read(status, body);
    }
}
