package io.latticegate.proxy.dialect.openai;

import io.latticegate.proxy.chat.ChatEvent;
import io.latticegate.proxy.chat.TokenUsage;
import io.latticegate.proxy.dialect.AnswerTerms;
import io.latticegate.proxy.dialect.JsonBytes;
import io.latticegate.proxy.dialect.StreamEncoder;
import java.io.ByteArrayOutputStream;
import org.jspecify.annotations.Nullable;

/** Writes a streamed {@code text_completion}; its chunks have the shape of its complete answer. */
final class OpenAiCompletionsEncoder implements StreamEncoder {
    private static final byte[] NOTHING = {};

    private final AnswerTerms terms;
    private String id;
    private boolean finished;
    private boolean failed;
    private @Nullable TokenUsage usage;

    OpenAiCompletionsEncoder(AnswerTerms terms) {
        this.terms = terms;
        this.id = terms.id();
    }

    @Override
    public byte[] encode(ChatEvent event) {
        if (failed) {
            return NOTHING;
        }
        return switch (event) {
            case ChatEvent.Started begun -> {
                id = begun.id().isEmpty() ? id : begun.id();
                yield NOTHING;
            }
            case ChatEvent.TextDelta delta -> chunk(delta.text(), null);
            case ChatEvent.Finished end -> {
                finished = true;
                yield chunk("", OpenAiReplyEncoder.finishReason(end.reason(), false));
            }
            case ChatEvent.UsageReported(TokenUsage reported) -> {
                usage = reported;
                yield NOTHING;
            }
            case ChatEvent.Failed failure -> {
                failed = true;
                yield OpenAiErrors.frame(failure.error());
            }
            case ChatEvent.ReasoningDelta _,
                    ChatEvent.ReasoningSignature _,
                    ChatEvent.ReasoningRedacted _,
                    ChatEvent.ToolCallStarted _,
                    ChatEvent.ToolCallArguments _ -> NOTHING;
        };
    }

    @Override
    public byte[] finish() {
        if (failed) {
            return NOTHING;
        }
        var out = new ByteArrayOutputStream();
        if (!finished) {
            out.writeBytes(chunk("", "stop"));
        }
        TokenUsage total = usage;
        if (terms.includeUsage() && total != null) {
            out.writeBytes(JsonBytes.frame(json -> {
                json.writeStartObject();
                OpenAiReplyEncoder.writeHead(json, id, "text_completion", terms);
                json.writeArrayFieldStart("choices");
                json.writeEndArray();
                OpenAiReplyEncoder.writeUsage(json, total);
                json.writeEndObject();
            }));
        }
        out.writeBytes(OpenAiStreamEncoder.DONE);
        return out.toByteArray();
    }

    private byte[] chunk(String text, @Nullable String finishReason) {
        return JsonBytes.frame(json -> {
            json.writeStartObject();
            OpenAiReplyEncoder.writeHead(json, id, "text_completion", terms);
            json.writeArrayFieldStart("choices");
            json.writeStartObject();
            json.writeStringField("text", text);
            json.writeNumberField("index", 0);
            json.writeNullField("logprobs");
            json.writeStringField("finish_reason", finishReason);
            json.writeEndObject();
            json.writeEndArray();
            if (terms.includeUsage()) {
                json.writeNullField("usage");
            }
            json.writeEndObject();
        });
    }
}
