package io.latticegate.proxy.dialect.gemini;

import com.fasterxml.jackson.core.JsonGenerator;
import io.latticegate.proxy.chat.ChatMessage;
import io.latticegate.proxy.chat.ChatMessage.Role;
import io.latticegate.proxy.chat.ChatRequest;
import io.latticegate.proxy.chat.ContentPart;
import io.latticegate.proxy.chat.ReasoningRequest;
import io.latticegate.proxy.chat.ResponseFormat;
import io.latticegate.proxy.chat.Sampling;
import io.latticegate.proxy.chat.ToolChoice;
import io.latticegate.proxy.chat.ToolDefinition;
import io.latticegate.proxy.dialect.DroppedFields;
import io.latticegate.proxy.dialect.GeminiModelName;
import io.latticegate.proxy.dialect.JsonBytes;
import io.latticegate.proxy.dialect.RefusedField;
import io.latticegate.proxy.dialect.ToolArguments;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes a request as the body of {@code generateContent}; what is dropped and refused stands at {@link GeminiContent}. */
final class GeminiRequestWriter {
    private static final long LOW_BUDGET = 1_024;
    private static final long MEDIUM_BUDGET = 8_192;
    private static final long HIGH_BUDGET = 24_576;
    private static final Map<String, String> IMAGE_TYPES = Map.of(
            "png",
            "image/png",
            "jpg",
            "image/jpeg",
            "jpeg",
            "image/jpeg",
            "webp",
            "image/webp",
            "gif",
            "image/gif",
            "heic",
            "image/heic",
            "heif",
            "image/heif");

    private final ChatRequest request;
    private final DroppedFields dropped;
    private final List<String> system = new ArrayList<>();
    private final List<ChatMessage> turns = new ArrayList<>();
    private final Map<String, String> nameByCall = new HashMap<>();

    GeminiRequestWriter(ChatRequest request, DroppedFields dropped) {
        this.request = request;
        this.dropped = dropped;
    }

    byte[] write() {
        if (!GeminiModelName.fitsPath(request.model())) {
            throw RefusedField.invalid(
                    "model",
                    "model must have 1 to 256 letters, digits and . _ @ + = : - for this provider, the first a letter or digit");
        }
        gatherTurns();
        if (turns.isEmpty()) {
            throw RefusedField.invalid("messages", "messages must have at least one user message for this model");
        }
        noteDropped();
        return JsonBytes.document(json -> {
            json.writeStartObject();
            json.writeArrayFieldStart("contents");
            for (int i = 0; i < turns.size(); i++) {
                writeTurn(json, turns.get(i), "messages[" + i + "]");
            }
            json.writeEndArray();
            if (!system.isEmpty()) {
                json.writeObjectFieldStart("systemInstruction");
                json.writeArrayFieldStart("parts");
                for (String text : system) {
                    writeText(json, text);
                }
                json.writeEndArray();
                json.writeEndObject();
            }
            writeTools(json);
            writeConfig(json);
            json.writeEndObject();
        });
    }

    private void noteDropped() {
        if (!request.metadata().isEmpty()) {
            dropped.add("metadata");
        }
        if (request.user() != null) {
            dropped.add("user");
        }
        if (Boolean.FALSE.equals(request.parallelToolCalls())
                && !request.tools().isEmpty()) {
            dropped.add("parallel_tool_calls");
        }
    }

    /** Joins neighbouring turns of one speaker, so that the results of parallel calls stand in one content. */
    private void gatherTurns() {
        system.addAll(request.system());
        for (ChatMessage message : request.messages()) {
            if (message.role() == Role.SYSTEM) {
                dropped.add("messages[].position");
                message.content().stream()
                        .filter(ContentPart.Text.class::isInstance)
                        .forEach(part -> system.add(((ContentPart.Text) part).text()));
                continue;
            }
            List<ContentPart> parts = withoutEmptyText(message.content());
            if (parts.isEmpty()) {
                continue;
            }
            if (!turns.isEmpty() && turns.getLast().role() == message.role()) {
                List<ContentPart> joined = new ArrayList<>(turns.removeLast().content());
                joined.addAll(parts);
                parts = joined;
            }
            turns.add(new ChatMessage(message.role(), parts));
            for (ContentPart part : message.content()) {
                if (part instanceof ContentPart.ToolUse call) {
                    nameByCall.put(call.id(), call.name());
                }
            }
        }
    }

    private static List<ContentPart> withoutEmptyText(List<ContentPart> parts) {
        return parts.stream()
                .filter(part -> !(part instanceof ContentPart.Text(String text)) || !text.isEmpty())
                .toList();
    }

    private void writeTurn(JsonGenerator json, ChatMessage turn, String path) throws IOException {
        json.writeStartObject();
        json.writeStringField("role", turn.role() == Role.ASSISTANT ? "model" : "user");
        json.writeArrayFieldStart("parts");
        if (turn.role() == Role.ASSISTANT) {
            writeAnswer(json, turn.content(), path);
        } else {
            writeQuestion(json, turn.content(), path);
        }
        json.writeEndArray();
        json.writeEndObject();
    }

    /** The results of calls come first; pictures and documents in a result follow all results, since a result holds only JSON. */
    private void writeQuestion(JsonGenerator json, List<ContentPart> parts, String path) throws IOException {
        List<ContentPart> rest = new ArrayList<>();
        for (ContentPart part : parts) {
            if (part instanceof ContentPart.ToolResult result) {
                writeResult(json, result, path);
                result.content().stream()
                        .filter(one -> !(one instanceof ContentPart.Text))
                        .forEach(rest::add);
            } else {
                rest.add(part);
            }
        }
        for (ContentPart part : rest) {
            if (part instanceof ContentPart.Text(String text)) {
                writeText(json, text);
            } else if (part instanceof ContentPart.Image image) {
                writeImage(json, image);
            } else if (part instanceof ContentPart.Document document) {
                writeDocument(json, document);
            } else if (part instanceof ContentPart.Audio(ContentPart.Audio.Format format, String data)) {
                writeBlob(json, format.mediaType(), data);
            }
        }
    }

    private void writeAnswer(JsonGenerator json, List<ContentPart> parts, String path) throws IOException {
        Deque<String> forCalls = new ArrayDeque<>();
        Deque<String> forTexts = new ArrayDeque<>();
        for (ContentPart part : parts) {
            switch (part) {
                case ContentPart.Text(String text) -> writeText(json, text, false, forTexts.poll());
                case ContentPart.ToolUse call -> writeCall(json, call, forCalls.poll(), path);
                case ContentPart.Reasoning reasoning -> {
                    GeminiSignature own =
                            reasoning.signature() == null ? null : GeminiSignature.ofMarked(reasoning.signature());
                    if (own == null) {
                        dropped.add("messages[].reasoning_content");
                    } else if (own.place() == GeminiSignature.Place.THOUGHT) {
                        writeText(json, reasoning.text(), true, own.value());
                    } else {
                        (own.place() == GeminiSignature.Place.CALL ? forCalls : forTexts).add(own.value());
                    }
                }
                case ContentPart.Image image -> writeImage(json, image);
                case ContentPart.Document _, ContentPart.Audio _, ContentPart.ToolResult _ -> {}
            }
        }
        for (String signature : forTexts) {
            writeText(json, "", false, signature);
        }
    }

    private static void writeText(JsonGenerator json, String text) throws IOException {
        writeText(json, text, false, null);
    }

    private static void writeText(JsonGenerator json, String text, boolean thought, @Nullable String signature)
            throws IOException {
        json.writeStartObject();
        json.writeStringField("text", text);
        if (thought) {
            json.writeBooleanField("thought", true);
        }
        writeSignature(json, signature);
        json.writeEndObject();
    }

    private static void writeSignature(JsonGenerator json, @Nullable String signature) throws IOException {
        if (signature != null) {
            json.writeStringField("thoughtSignature", signature);
        }
    }

    private static void writeCall(JsonGenerator json, ContentPart.ToolUse call, @Nullable String signature, String path)
            throws IOException {
        json.writeStartObject();
        json.writeObjectFieldStart("functionCall");
        json.writeStringField("id", call.id());
        json.writeStringField("name", call.name());
        json.writeFieldName("args");
        ToolArguments.write(json, call.argumentsJson(), path);
        json.writeEndObject();
        writeSignature(json, signature);
        json.writeEndObject();
    }

    /** The keys {@code output} and {@code error} are the ones that the API's reference gives a meaning to. */
    private void writeResult(JsonGenerator json, ContentPart.ToolResult result, String path) throws IOException {
        String name = nameByCall.get(result.toolUseId());
        if (name == null) {
            throw RefusedField.invalid(
                    path, "A tool result in " + path + " answers a call that is not in the messages");
        }
        var text = new StringBuilder();
        for (ContentPart part : result.content()) {
            if (part instanceof ContentPart.Text(String piece)) {
                text.append(piece);
            }
        }
        json.writeStartObject();
        json.writeObjectFieldStart("functionResponse");
        json.writeStringField("id", result.toolUseId());
        json.writeStringField("name", name);
        json.writeObjectFieldStart("response");
        json.writeStringField(result.error() ? "error" : "output", text.toString());
        json.writeEndObject();
        json.writeEndObject();
        json.writeEndObject();
    }

    private void writeImage(JsonGenerator json, ContentPart.Image image) throws IOException {
        if (image.detail() != null && !image.detail().equals("auto")) {
            dropped.add("messages[].content[].image_url.detail");
        }
        switch (image.source()) {
            case ContentPart.Source.Base64(String mediaType, String data) -> writeBlob(json, mediaType, data);
            case ContentPart.Source.Url(String url) -> writeLink(json, imageType(url), url);
        }
    }

    private void writeDocument(JsonGenerator json, ContentPart.Document document) throws IOException {
        if (document.name() != null) {
            dropped.add("messages[].content[].filename");
        }
        switch (document.source()) {
            case ContentPart.Source.Base64(String mediaType, String data) -> writeBlob(json, mediaType, data);
            case ContentPart.Source.Url(String url) -> writeLink(json, ContentPart.Document.PDF, url);
        }
    }

    private static void writeBlob(JsonGenerator json, String mediaType, String data) throws IOException {
        json.writeStartObject();
        json.writeObjectFieldStart("inlineData");
        json.writeStringField("mimeType", mediaType);
        json.writeStringField("data", data);
        json.writeEndObject();
        json.writeEndObject();
    }

    private static void writeLink(JsonGenerator json, @Nullable String mediaType, String url) throws IOException {
        json.writeStartObject();
        json.writeObjectFieldStart("fileData");
        if (mediaType != null) {
            json.writeStringField("mimeType", mediaType);
        }
        json.writeStringField("fileUri", url);
        json.writeEndObject();
        json.writeEndObject();
    }

    private static @Nullable String imageType(String url) {
        int end = url.indexOf('?') < 0 ? url.length() : url.indexOf('?');
        int dot = url.lastIndexOf('.', end);
        return dot < 0 ? null : IMAGE_TYPES.get(url.substring(dot + 1, end).toLowerCase(Locale.ROOT));
    }

    private void writeTools(JsonGenerator json) throws IOException {
        if (request.tools().isEmpty()) {
            return;
        }
        json.writeArrayFieldStart("tools");
        json.writeStartObject();
        json.writeArrayFieldStart("functionDeclarations");
        for (ToolDefinition tool : request.tools()) {
            json.writeStartObject();
            json.writeStringField("name", tool.name());
            if (tool.description() != null) {
                json.writeStringField("description", tool.description());
            }
            json.writeFieldName("parametersJsonSchema");
            json.writeTree(tool.parameters());
            json.writeEndObject();
            if (Boolean.TRUE.equals(tool.strict())) {
                dropped.add("tools[].strict");
            }
        }
        json.writeEndArray();
        json.writeEndObject();
        json.writeEndArray();
        writeToolChoice(json, request.toolChoice());
    }

    private static void writeToolChoice(JsonGenerator json, @Nullable ToolChoice choice) throws IOException {
        if (choice == null) {
            return;
        }
        json.writeObjectFieldStart("toolConfig");
        json.writeObjectFieldStart("functionCallingConfig");
        switch (choice) {
            case ToolChoice.Auto() -> json.writeStringField("mode", "AUTO");
            case ToolChoice.None() -> json.writeStringField("mode", "NONE");
            case ToolChoice.Required() -> json.writeStringField("mode", "ANY");
            case ToolChoice.Named(String name) -> {
                json.writeStringField("mode", "ANY");
                json.writeArrayFieldStart("allowedFunctionNames");
                json.writeString(name);
                json.writeEndArray();
            }
        }
        json.writeEndObject();
        json.writeEndObject();
    }

    private void writeConfig(JsonGenerator json) throws IOException {
        json.writeObjectFieldStart("generationConfig");
        Sampling sampling = request.sampling();
        writeNumber(json, "temperature", sampling.temperature());
        writeNumber(json, "topP", sampling.topP());
        if (sampling.topK() != null) {
            json.writeNumberField("topK", sampling.topK());
        }
        writeNumber(json, "frequencyPenalty", sampling.frequencyPenalty());
        writeNumber(json, "presencePenalty", sampling.presencePenalty());
        Long seed = sampling.seed();
        if (seed != null && seed >= Integer.MIN_VALUE && seed <= Integer.MAX_VALUE) {
            json.writeNumberField("seed", seed);
        } else if (seed != null) {
            dropped.add("seed");
        }
        if (!request.stop().isEmpty()) {
            json.writeFieldName("stopSequences");
            json.writeArray(
                    request.stop().toArray(String[]::new), 0, request.stop().size());
        }
        if (request.maxOutputTokens() != null) {
            json.writeNumberField("maxOutputTokens", request.maxOutputTokens());
        }
        switch (request.responseFormat()) {
            case null -> {}
            case ResponseFormat.Text() -> {}
            case ResponseFormat.JsonObject() -> json.writeStringField("responseMimeType", "application/json");
            case ResponseFormat.JsonSchema format -> {
                json.writeStringField("responseMimeType", "application/json");
                json.writeFieldName("responseJsonSchema");
                json.writeTree(format.schema());
            }
        }
        writeThinking(json, request.reasoning());
        json.writeEndObject();
    }

    private static void writeNumber(JsonGenerator json, String name, @Nullable Double value) throws IOException {
        if (value != null) {
            json.writeNumberField(name, value);
        }
    }

    /** As a budget, which every thinking model takes; levels came later. Thoughts are asked for where they can be shown. */
    private static void writeThinking(JsonGenerator json, @Nullable ReasoningRequest reasoning) throws IOException {
        Long budget = reasoning == null ? null : budget(reasoning);
        if (budget == null) {
            return;
        }
        json.writeObjectFieldStart("thinkingConfig");
        json.writeNumberField("thinkingBudget", budget);
        if (budget != 0) {
            json.writeBooleanField("includeThoughts", true);
        }
        json.writeEndObject();
    }

    private static @Nullable Long budget(ReasoningRequest reasoning) {
        if (reasoning.mode() == ReasoningRequest.Mode.DISABLED) {
            return 0L;
        }
        if (reasoning.budgetTokens() != null) {
            return reasoning.budgetTokens();
        }
        return switch (reasoning.effort()) {
            case null -> reasoning.mode() == null ? null : Long.valueOf(-1);
            case NONE -> 0L;
            case MINIMAL, LOW -> LOW_BUDGET;
            case MEDIUM -> MEDIUM_BUDGET;
            case HIGH, XHIGH, MAX -> HIGH_BUDGET;
        };
    }
}
