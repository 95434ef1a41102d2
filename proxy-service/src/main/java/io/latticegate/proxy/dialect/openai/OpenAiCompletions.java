package io.latticegate.proxy.dialect.openai;

import com.fasterxml.jackson.databind.JsonNode;
import io.latticegate.proxy.chat.Answer;
import io.latticegate.proxy.chat.ChatMessage;
import io.latticegate.proxy.chat.ChatRequest;
import io.latticegate.proxy.chat.ContentPart;
import io.latticegate.proxy.chat.ProviderError;
import io.latticegate.proxy.dialect.AnswerTerms;
import io.latticegate.proxy.dialect.ClientDialect;
import io.latticegate.proxy.dialect.DroppedFields;
import io.latticegate.proxy.dialect.ErrorReply;
import io.latticegate.proxy.dialect.JsonBytes;
import io.latticegate.proxy.dialect.JsonFields;
import io.latticegate.proxy.dialect.Refusal;
import io.latticegate.proxy.dialect.RefusedField;
import io.latticegate.proxy.dialect.RequestReading;
import io.latticegate.proxy.dialect.StreamEncoder;
import java.util.List;
import java.util.Map;

/**
 * OpenAI's legacy Completions ({@code /v1/completions}) for clients whose model is behind another protocol: the prompt
 * becomes one user message, the answer's text becomes {@code text}.
 *
 * <p>Refused: a prompt that is not one string, {@code n} and {@code best_of} other than 1, {@code echo}, {@code suffix},
 * {@code logprobs}. Dropped: {@code logit_bias} and unknown fields. An absent {@code max_tokens} means 16, the default of
 * this API. Tool calls and reasoning do not occur in this protocol and are left out.
 */
public final class OpenAiCompletions implements ClientDialect {
    private static final long MAX_TOKENS_DEFAULT = 16;

    @Override
    public RequestReading read(byte[] body) {
        return RequestReading.of(body, OpenAiCompletions::read);
    }

    private static ChatRequest read(JsonNode body, DroppedFields dropped) {
        var root = new JsonFields(body, "");
        String model = root.requiredText("model");
        List<String> prompt = prompt(root);
        OpenAiRequestReader.refuseSeveralAnswers(root);
        Long candidates = root.whole("best_of");
        if (candidates != null && candidates != 1) {
            throw RefusedField.unsupported("best_of", "best_of must be 1: this model's provider gives one answer");
        }
        if (Boolean.TRUE.equals(root.flag("echo"))) {
            throw RefusedField.unsupported("echo", "echo cannot be carried to this model's provider");
        }
        for (String name : List.of("suffix", "logprobs")) {
            if (root.value(name) != null) {
                throw RefusedField.unsupported(name, name + " cannot be carried to this model's provider");
            }
        }
        Long limit = root.count("max_tokens");
        var message = new ChatMessage(ChatMessage.Role.USER, List.of(new ContentPart.Text(prompt.getFirst())));
        var request = new ChatRequest(
                model,
                List.of(),
                List.of(message),
                List.of(),
                null,
                null,
                OpenAiRequestReader.sampling(root),
                root.texts("stop"),
                limit == null ? MAX_TOKENS_DEFAULT : limit,
                Boolean.TRUE.equals(root.flag("stream")),
                OpenAiRequestReader.includeUsage(root, dropped),
                null,
                null,
                root.text("user"),
                Map.of());
        root.reportUnread(dropped);
        return request;
    }

    private static List<String> prompt(JsonFields root) {
        JsonNode prompt = root.value("prompt");
        boolean inList = prompt != null
                && prompt.isArray()
                && prompt.size() == 1
                && prompt.get(0).isTextual();
        if (!inList && (prompt == null || !prompt.isTextual())) {
            throw RefusedField.unsupported("prompt", "prompt must be one string for this model's provider");
        }
        return root.texts("prompt");
    }

    @Override
    public StreamEncoder startStream(AnswerTerms terms) {
        return new OpenAiCompletionsEncoder(terms);
    }

    @Override
    public byte[] reply(Answer answer, AnswerTerms terms) {
        return JsonBytes.document(json -> {
            json.writeStartObject();
            String id = answer.id().isEmpty() ? terms.id() : answer.id();
            OpenAiReplyEncoder.writeHead(json, id, "text_completion", terms);
            json.writeArrayFieldStart("choices");
            json.writeStartObject();
            json.writeStringField("text", answer.text());
            json.writeNumberField("index", 0);
            json.writeNullField("logprobs");
            json.writeStringField("finish_reason", OpenAiReplyEncoder.finishReason(answer.finish(), false));
            json.writeEndObject();
            json.writeEndArray();
            if (answer.usage() != null) {
                OpenAiReplyEncoder.writeUsage(json, answer.usage());
            }
            json.writeEndObject();
        });
    }

    @Override
    public ErrorReply error(ProviderError error, String requestId) {
        return OpenAiErrors.reply(error);
    }

    @Override
    public ErrorReply refusal(Refusal refusal, String requestId) {
        return OpenAiErrors.reply(refusal);
    }
}
