package io.latticegate.proxy.dialect.bedrock;

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
import java.util.function.LongSupplier;

/**
 * Amazon Bedrock's {@code Converse} and {@code ConverseStream}, for clients and for providers, as the API reference and the
 * types of {@code @aws-sdk/client-bedrock-runtime} 3.1163 describe them. Model and form of the answer stand in the path, not
 * in the body.
 *
 * <p><b>Refused when it has to be translated</b> ({@code unsupported_parameter}, 400, with the field's name): {@code
 * guardrailConfig}, {@code promptVariables}, tools that Bedrock runs, pictures in S3, and content other than {@code text},
 * {@code image}, {@code toolUse}, {@code toolResult}, {@code reasoningContent} and {@code cachePoint}.
 *
 * <p><b>Dropped and reported</b>: {@code cachePoint}, {@code performanceConfig}, {@code serviceTier}, {@code
 * additionalModelResponseFieldPaths}, of {@code additionalModelRequestFields} all but {@code thinking} and {@code top_k},
 * and every field that is not known.
 *
 * <p><b>As a provider's protocol</b>: a JSON schema is written as {@code outputConfig.textFormat}, an effort as {@code
 * outputConfig.effort}. A budget for reasoning and {@code top_k} are fields of Claude's maker; for other models the budget
 * becomes an effort, and {@code top_k} and the wish for no reasoning are dropped. Dropped and reported besides: {@code
 * frequency_penalty}, {@code presence_penalty}, {@code seed}, {@code user}, {@code parallel_tool_calls}, labels that
 * {@code requestMetadata} does not take, image {@code detail}, reasoning that no model at Bedrock signed, {@code
 * temperature} above 1 (written as 1), sampling parameters where Claude thinks, and the position of instructions inside the
 * conversation, which move to the front. Refused: pictures by address, {@code response_format} of type {@code json_object},
 * {@code tool_choice} {@code none} once tools were used, and tool-call arguments that are no JSON object.
 */
public final class BedrockConverse implements ClientDialect, ProviderDialect {
    /** Content type of a stream. */
    public static final String STREAM_TYPE = "application/vnd.amazon.eventstream";

    private final String model;
    private final boolean stream;
    private final LongSupplier elapsedMillis;

    private BedrockConverse(String model, boolean stream, LongSupplier elapsedMillis) {
        this.model = model;
        this.stream = stream;
        this.elapsedMillis = elapsedMillis;
    }

    /**
     * For a client that named {@code model} and the form of the answer in its path.
     *
     * @param elapsedMillis time since the request came
     */
    public static ClientDialect forClient(String model, boolean stream, LongSupplier elapsedMillis) {
        return new BedrockConverse(model, stream, elapsedMillis);
    }

    /** For a provider; its path is built from the request's model. */
    public static ProviderDialect forProvider() {
        return new BedrockConverse("", true, () -> 0);
    }

    @Override
    public RequestReading read(byte[] body) {
        return RequestReading.of(body, (root, dropped) -> new ConverseRequestReader(root, dropped).read(model, stream));
    }

    @Override
    public String fieldOf(String chatField) {
        return switch (chatField) {
            case "temperature" -> "inferenceConfig.temperature";
            case "top_p" -> "inferenceConfig.topP";
            case "top_k" -> "additionalModelRequestFields.top_k";
            case "reasoning_effort" -> "outputConfig.effort";
            case "response_format" -> "outputConfig.textFormat";
            case "tool_choice" -> "toolConfig.toolChoice";
            case "tools[].strict" -> "toolConfig.tools[].toolSpec.strict";
            case "metadata" -> "requestMetadata";
            case "messages[].reasoning_content" -> "messages[].content[].reasoningContent";
            default -> chatField;
        };
    }

    @Override
    public StreamEncoder startStream(AnswerTerms terms) {
        return new ConverseStreamEncoder(elapsedMillis);
    }

    @Override
    public byte[] reply(Answer answer, AnswerTerms terms) {
        return ConverseReplyEncoder.encode(answer, elapsedMillis.getAsLong());
    }

    @Override
    public ErrorReply error(ProviderError error, String requestId) {
        return ConverseErrors.reply(error, requestId);
    }

    @Override
    public ErrorReply refusal(Refusal refusal, String requestId) {
        return ConverseErrors.reply(refusal, requestId);
    }

    @Override
    public RequestWriting write(ChatRequest request) {
        try {
            var dropped = new DroppedFields();
            byte[] body = new ConverseRequestWriter(request, dropped).write();
            return new RequestWriting.Written(body, dropped.names());
        } catch (RefusedField refused) {
            return new RequestWriting.Refused(refused.refusal());
        }
    }

    @Override
    public List<ChatEvent> decodeReply(byte[] body) {
        return ConverseReplyDecoder.decode(body);
    }

    @Override
    public StreamDecoder startDecoding() {
        return new ConverseStreamDecoder();
    }

    @Override
    public ProviderError decodeError(int status, byte[] body) {
        return ErrorReport.read(status, body);
    }
}
