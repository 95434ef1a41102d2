package io.latticegate.proxy.dialect.tgi;

import com.fasterxml.jackson.databind.JsonNode;
import io.latticegate.proxy.chat.ChatEvent;
import io.latticegate.proxy.chat.ChatRequest;
import io.latticegate.proxy.chat.FinishReason;
import io.latticegate.proxy.chat.ProviderError;
import io.latticegate.proxy.chat.TokenUsage;
import io.latticegate.proxy.dialect.DroppedFields;
import io.latticegate.proxy.dialect.ErrorReport;
import io.latticegate.proxy.dialect.ProviderDialect;
import io.latticegate.proxy.dialect.RefusedField;
import io.latticegate.proxy.dialect.RequestWriting;
import io.latticegate.proxy.dialect.StreamDecoder;
import io.latticegate.proxy.dialect.StrictJson;
import java.util.ArrayList;
import java.util.List;

/**
 * Text Generation Inference ({@code POST /generate} and {@code /generate_stream}), as its OpenAPI description
 * (huggingface.github.io/text-generation-inference) says, for providers. It takes a bare prompt and applies no template of the
 * model, so that it carries completions and chats of one message of text; the server's {@code /v1/chat/completions} carries
 * all others, through a provider of kind {@code openai}.
 *
 * <p><b>Refused</b>: instructions, more than one message, content other than text, tools unless {@code tool_choice} is
 * {@code none}, {@code response_format} of type {@code json_object} (a schema is carried as {@code grammar}).
 *
 * <p><b>Dropped and reported</b>: the model's name counts for nothing, as a server has one model, and is left out; {@code
 * presence_penalty}, a negative {@code seed}, {@code user}, {@code metadata}, {@code reasoning_effort}, tools that must not
 * be called. {@code temperature} 0 means no sampling; {@code top_p} 1 and {@code top_k} 0, which it would refuse, mean
 * nothing and are left out.
 *
 * <p>Its text ends with the stop sequence that ended it. A reply that does not list the prompt's tokens, and servers
 * before 3 whose streams do not count them, give no usage.
 */
public final class TgiGenerate implements ProviderDialect {

    /** Where a request belongs. */
    public static String path(boolean stream) {
        return stream ? "/generate_stream" : "/generate";
    }

    @Override
    public RequestWriting write(ChatRequest request) {
        try {
            var dropped = new DroppedFields();
            byte[] body = new TgiRequestWriter(request, dropped).write();
            return new RequestWriting.Written(body, dropped.names());
        } catch (RefusedField refused) {
            return new RequestWriting.Refused(refused.refusal());
        }
    }

    @Override
    public List<ChatEvent> decodeReply(byte[] body) {
        JsonNode reply = StrictJson.parseReply(body, 0, body.length);
        if (reply != null && reply.hasNonNull("error")) {
            return List.of(new ChatEvent.Failed(ErrorReport.read(0, body)));
        }
        if (reply == null || !reply.path("generated_text").isTextual()) {
            return List.of(new ChatEvent.Failed(ProviderError.of(
                    ProviderError.Kind.OUTAGE, "provider_protocol_error", "The provider sent no generated text")));
        }
        JsonNode details = reply.path("details");
        List<ChatEvent> events = new ArrayList<>();
        events.add(new ChatEvent.Started("", ""));
        events.add(new ChatEvent.TextDelta(0, reply.path("generated_text").textValue()));
        events.add(new ChatEvent.Finished(finishReason(details)));
        int promptTokens = details.path("prefill").size();
        if (promptTokens > 0) {
            events.add(new ChatEvent.UsageReported(
                    TokenUsage.of(promptTokens, details.path("generated_tokens").asLong(0))));
        }
        return events;
    }

    static FinishReason finishReason(JsonNode details) {
        return switch (details.path("finish_reason").asText("")) {
            case "length" -> FinishReason.LENGTH;
            case "stop_sequence" -> FinishReason.STOP_SEQUENCE;
            default -> FinishReason.STOP;
        };
    }

    @Override
    public StreamDecoder startDecoding() {
        return new TgiStreamDecoder();
    }

    @Override
    public ProviderError decodeError(int status, byte[] body) {
        return ErrorReport.read(status, body);
    }
}
