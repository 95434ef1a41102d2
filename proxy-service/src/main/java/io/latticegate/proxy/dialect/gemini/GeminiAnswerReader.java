package io.latticegate.proxy.dialect.gemini;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.latticegate.proxy.chat.ChatEvent;
import io.latticegate.proxy.chat.FinishReason;
import io.latticegate.proxy.chat.ProviderError;
import io.latticegate.proxy.chat.TokenUsage;
import io.latticegate.proxy.dialect.ErrorReport;
import io.latticegate.proxy.dialect.EventSink;
import io.latticegate.proxy.dialect.PartIndex;
import io.latticegate.proxy.dialect.PartIndex.Running;
import io.latticegate.proxy.dialect.StrictJson;
import io.latticegate.proxy.dialect.UsageReport;
import java.util.Arrays;

/**
 * Turns the {@code GenerateContentResponse}s of one answer, a single one or all of a stream, into events. Only the first
 * candidate is read; parts of kinds that no request of ours asks for (code that the provider runs, pictures) are passed
 * over.
 */
final class GeminiAnswerReader {
    private static final int ID_LENGTH_MAX = 40;

    private final EventSink events;
    private final PartIndex parts = new PartIndex();
    private final UsageReport usage = new UsageReport();
    private String id = "";
    private int calls;
    private boolean started;
    private boolean answered;
    private boolean finished;

    GeminiAnswerReader(EventSink events) {
        this.events = events;
    }

    /** Whether the answer's reason to end, or the refusal of its prompt, was read. */
    boolean finished() {
        return finished;
    }

    /** Whether there was any candidate. */
    boolean answered() {
        return answered;
    }

    void read(byte[] bytes, int offset, int length) {
        JsonNode response = StrictJson.parseReply(bytes, offset, length);
        if (response == null || !response.isObject()) {
            events.broken("a response that is no JSON object");
            return;
        }
        if (response.hasNonNull("error")) {
            events.fail(ErrorReport.read(0, Arrays.copyOfRange(bytes, offset, offset + length)));
            return;
        }
        start(response);
        JsonNode candidate = firstCandidate(response);
        for (JsonNode part : candidate.path("content").path("parts")) {
            part(part);
        }
        if (usage.readAnswer(bytes, offset, length)) {
            TokenUsage soFar = usage.usage();
            if (soFar != null) {
                events.accept(new ChatEvent.UsageReported(soFar));
            }
        }
        end(candidate.path("finishReason").asText(""));
        if (!finished && response.path("promptFeedback").hasNonNull("blockReason")) {
            finished = true;
            events.accept(new ChatEvent.Finished(FinishReason.CONTENT_FILTER));
        }
        if (parts.overflowed()) {
            events.broken("an answer of more than " + PartIndex.PARTS_MAX + " parts");
        }
    }

    private void start(JsonNode response) {
        if (!started) {
            started = true;
            id = response.path("responseId").asText("");
            events.accept(
                    new ChatEvent.Started(id, response.path("modelVersion").asText("")));
        }
    }

    private JsonNode firstCandidate(JsonNode response) {
        for (JsonNode candidate : response.path("candidates")) {
            if (candidate.path("index").asInt(0) == 0) {
                answered = true;
                return candidate;
            }
        }
        return MissingNode.getInstance();
    }

    private void part(JsonNode part) {
        String signature = part.path("thoughtSignature").asText("");
        String text = part.path("text").asText("");
        if (part.path("functionCall").isObject()) {
            sign(GeminiSignature.Place.CALL, signature);
            call(part.path("functionCall"));
        } else if (part.path("thought").asBoolean(false)) {
            if (!text.isEmpty()) {
                events.accept(new ChatEvent.ReasoningDelta(parts.ofRunning(Running.REASONING), text));
            }
            if (!signature.isEmpty()) {
                int index = parts.ofRunning(Running.REASONING);
                String marked = new GeminiSignature(GeminiSignature.Place.THOUGHT, signature).marked();
                events.accept(new ChatEvent.ReasoningSignature(index, marked));
                parts.interrupt();
            }
        } else {
            sign(GeminiSignature.Place.TEXT, signature);
            if (!text.isEmpty()) {
                events.accept(new ChatEvent.TextDelta(parts.ofRunning(Running.TEXT), text));
            }
        }
    }

    private void sign(GeminiSignature.Place place, String signature) {
        if (!signature.isEmpty()) {
            events.accept(
                    new ChatEvent.ReasoningSignature(parts.ofNew(), new GeminiSignature(place, signature).marked()));
        }
    }

    private void call(JsonNode call) {
        int index = parts.ofNew();
        String given = call.path("id").asText("");
        events.accept(new ChatEvent.ToolCallStarted(
                index, given.isEmpty() ? ownId() : given, call.path("name").asText("")));
        events.accept(new ChatEvent.ToolCallArguments(
                index, call.path("args").isObject() ? call.path("args").toString() : "{}"));
        calls++;
    }

    /** Ids are optional here and needed elsewhere; the response's id keeps those of several turns apart. */
    private String ownId() {
        String safe = id.replaceAll("[^A-Za-z0-9_-]", "");
        return "call_" + safe.substring(0, Math.min(safe.length(), ID_LENGTH_MAX)) + "_" + calls;
    }

    /**
     * Reasons other than the model's own end and the limit withhold something, except those that say that the model's
     * output cannot be used at all.
     */
    private void end(String reason) {
        switch (reason) {
            case "", "FINISH_REASON_UNSPECIFIED" -> {}
            case "STOP" -> finish(calls > 0 ? FinishReason.TOOL_CALLS : FinishReason.STOP);
            case "MAX_TOKENS" -> finish(FinishReason.LENGTH);
            case "MALFORMED_FUNCTION_CALL",
                    "UNEXPECTED_TOOL_CALL",
                    "TOO_MANY_TOOL_CALLS",
                    "MISSING_THOUGHT_SIGNATURE",
                    "MALFORMED_RESPONSE" ->
                events.fail(ProviderError.of(
                        ProviderError.Kind.OUTAGE, reason, "The model's answer cannot be used: " + reason));
            default -> finish(FinishReason.CONTENT_FILTER);
        }
    }

    private void finish(FinishReason reason) {
        if (!finished) {
            finished = true;
            events.accept(new ChatEvent.Finished(reason));
        }
    }
}
