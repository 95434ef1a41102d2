package io.latticegate.proxy.dialect.tgi;

import com.fasterxml.jackson.core.JsonGenerator;
import io.latticegate.proxy.chat.ChatMessage;
import io.latticegate.proxy.chat.ChatRequest;
import io.latticegate.proxy.chat.ContentPart;
import io.latticegate.proxy.chat.ResponseFormat;
import io.latticegate.proxy.chat.Sampling;
import io.latticegate.proxy.chat.ToolChoice;
import io.latticegate.proxy.dialect.DroppedFields;
import io.latticegate.proxy.dialect.JsonBytes;
import io.latticegate.proxy.dialect.RefusedField;
import java.io.IOException;

/** Writes a request as {@code {"inputs","parameters"}}; what is dropped and refused stands at {@link TgiGenerate}. */
final class TgiRequestWriter {
    private final ChatRequest request;
    private final DroppedFields dropped;

    TgiRequestWriter(ChatRequest request, DroppedFields dropped) {
        this.request = request;
        this.dropped = dropped;
    }

    byte[] write() {
        String prompt = prompt();
        refuseTools();
        if (request.responseFormat() instanceof ResponseFormat.JsonObject) {
            throw RefusedField.unsupported(
                    "response_format", "This model's provider needs a schema: use response_format json_schema");
        }
        noteDropped();
        return JsonBytes.document(json -> {
            json.writeStartObject();
            json.writeStringField("inputs", prompt);
            json.writeObjectFieldStart("parameters");
            json.writeBooleanField("details", true);
            json.writeBooleanField("return_full_text", false);
            if (request.maxOutputTokens() != null) {
                json.writeNumberField("max_new_tokens", request.maxOutputTokens());
            }
            if (!request.stop().isEmpty()) {
                json.writeFieldName("stop");
                json.writeArray(
                        request.stop().toArray(String[]::new), 0, request.stop().size());
            }
            writeSampling(json, request.sampling());
            if (request.responseFormat() instanceof ResponseFormat.JsonSchema schema) {
                json.writeObjectFieldStart("grammar");
                json.writeStringField("type", "json");
                json.writeFieldName("value");
                json.writeTree(schema.schema());
                json.writeEndObject();
            }
            json.writeEndObject();
            json.writeEndObject();
        });
    }

    private String prompt() {
        boolean single = request.system().isEmpty()
                && request.messages().size() == 1
                && request.messages().getFirst().role() == ChatMessage.Role.USER;
        var prompt = new StringBuilder();
        if (single) {
            for (ContentPart part : request.messages().getFirst().content()) {
                if (!(part instanceof ContentPart.Text(String text))) {
                    single = false;
                    break;
                }
                prompt.append(text);
            }
        }
        if (!single || prompt.isEmpty()) {
            throw RefusedField.unsupported(
                    "messages",
                    "messages must be one message of the user with text and nothing else: this model's provider takes a"
                            + " bare prompt");
        }
        return prompt.toString();
    }

    private void refuseTools() {
        if (request.tools().isEmpty()) {
            return;
        }
        if (!(request.toolChoice() instanceof ToolChoice.None)) {
            throw RefusedField.unsupported("tools", "tools cannot be carried to this model's provider");
        }
        dropped.add("tools");
    }

    private void noteDropped() {
        if (request.user() != null) {
            dropped.add("user");
        }
        if (!request.metadata().isEmpty()) {
            dropped.add("metadata");
        }
        if (request.reasoning() != null) {
            dropped.add("reasoning_effort");
        }
    }

    private void writeSampling(JsonGenerator json, Sampling sampling) throws IOException {
        Double temperature = sampling.temperature();
        if (temperature != null && temperature > 0) {
            json.writeNumberField("temperature", temperature);
            json.writeBooleanField("do_sample", true);
        } else if (temperature != null) {
            json.writeBooleanField("do_sample", false);
        }
        if (sampling.topP() != null && sampling.topP() < 1) {
            json.writeNumberField("top_p", sampling.topP());
        }
        if (sampling.topK() != null && sampling.topK() > 0) {
            json.writeNumberField("top_k", sampling.topK());
        }
        if (sampling.frequencyPenalty() != null) {
            json.writeNumberField("frequency_penalty", sampling.frequencyPenalty());
        }
        if (sampling.presencePenalty() != null) {
            dropped.add("presence_penalty");
        }
        if (sampling.seed() != null && sampling.seed() >= 0) {
            json.writeNumberField("seed", sampling.seed());
        } else if (sampling.seed() != null) {
            dropped.add("seed");
        }
    }
}
