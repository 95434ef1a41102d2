package io.latticegate.proxy.dialect.openai;

import com.fasterxml.jackson.databind.JsonNode;
import io.latticegate.proxy.chat.ChatEvent;
import io.latticegate.proxy.chat.ProviderError;
import io.latticegate.proxy.chat.TokenUsage;
import io.latticegate.proxy.dialect.ErrorReport;
import io.latticegate.proxy.dialect.EventSink;
import io.latticegate.proxy.dialect.PartIndex;
import io.latticegate.proxy.dialect.SseFrame;
import io.latticegate.proxy.dialect.SseParser;
import io.latticegate.proxy.dialect.StreamDecoder;
import io.latticegate.proxy.dialect.StrictJson;
import io.latticegate.proxy.dialect.UsageReport;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/** Reads the events of a streamed response up to the one that ends it. */
final class ResponsesStreamDecoder implements StreamDecoder {
    private final SseParser parser = new SseParser();
    private final EventSink events = new EventSink();
    private final SseParser.Sink frames = this::frame;
    private final UsageReport usage = new UsageReport();
    private final PartIndex parts = new PartIndex();

    /** The part of each item and of each text inside it, by the indexes that the provider gives them. */
    private final Map<String, Integer> partByPlace = new HashMap<>();

    /** The calls whose arguments have come in pieces. */
    private final Set<Integer> argued = new HashSet<>();

    private boolean called;
    private boolean refused;
    private boolean complete;

    @Override
    public void feed(byte[] chunk, int offset, int length, Consumer<ChatEvent> sink) {
        events.to(sink);
        if (!parser.feed(chunk, offset, length, frames)) {
            events.broken("a stream event of more than " + SseParser.EVENT_BYTES_MAX + " bytes");
        }
    }

    @Override
    public void end(Consumer<ChatEvent> sink) {
        events.to(sink);
        if (!complete) {
            events.cut();
        }
    }

    @Override
    public boolean complete() {
        return complete && !events.failed();
    }

    private void frame(SseFrame frame) {
        if (!frame.isEvent() || complete || events.failed() || frame.dataIs("[DONE]")) {
            return;
        }
        JsonNode event = StrictJson.parseReply(frame.data(), frame.dataOffset(), frame.dataLength());
        if (event == null || !event.isObject()) {
            events.broken("a stream event that is no JSON object");
            return;
        }
        switch (event.path("type").asText("")) {
            case "response.created" ->
                events.accept(new ChatEvent.Started(
                        event.path("response").path("id").asText(""),
                        event.path("response").path("model").asText("")));
            case "response.output_item.added" -> begun(event);
            case "response.output_text.delta" -> text(event);
            case "response.refusal.delta" -> {
                refused = true;
                text(event);
            }
            case "response.reasoning_summary_text.delta" -> reasoning(event, "summary_index");
            case "response.reasoning_text.delta" -> reasoning(event, "content_index");
            case "response.function_call_arguments.delta" -> {
                int part = part(place(event));
                argued.add(part);
                events.accept(new ChatEvent.ToolCallArguments(
                        part, event.path("delta").asText("")));
            }
            case "response.output_item.done" -> ended(event);
            case "response.completed", "response.incomplete", "response.failed" -> whole(event, frame);
            case "error" -> {
                int end = frame.dataOffset() + frame.dataLength();
                events.fail(ErrorReport.read(0, Arrays.copyOfRange(frame.data(), frame.dataOffset(), end)));
            }
            default -> {
                // Progress that says nothing new: parts that open and close, and what this provider's own tools do.
            }
        }
        if (parts.overflowed()) {
            events.broken("an answer of more than " + PartIndex.PARTS_MAX + " parts");
        }
    }

    private void begun(JsonNode event) {
        JsonNode item = event.path("item");
        if (item.path("type").asText("").equals("function_call")) {
            called = true;
            int part = part(place(event));
            events.accept(new ChatEvent.ToolCallStarted(
                    part,
                    item.path("call_id").asText("call_" + part),
                    item.path("name").asText("")));
        }
    }

    private void text(JsonNode event) {
        String delta = event.path("delta").asText("");
        if (!delta.isEmpty()) {
            int content = event.path("content_index").asInt(0);
            events.accept(new ChatEvent.TextDelta(part(place(event) + "/" + content), delta));
        }
    }

    /** The summaries of one item are paragraphs of one text. */
    private void reasoning(JsonNode event, String index) {
        String delta = event.path("delta").asText("");
        if (delta.isEmpty()) {
            return;
        }
        int part = part(place(event));
        int paragraph = event.path(index).asInt(0);
        boolean begins = partByPlace.putIfAbsent(place(event) + "/" + index + paragraph, part) == null;
        events.accept(new ChatEvent.ReasoningDelta(part, begins && paragraph > 0 ? "\n\n" + delta : delta));
    }

    private void ended(JsonNode event) {
        JsonNode item = event.path("item");
        switch (item.path("type").asText("")) {
            case "function_call" -> {
                int part = part(place(event));
                String arguments = item.path("arguments").asText("");
                if (!arguments.isEmpty() && argued.add(part)) {
                    events.accept(new ChatEvent.ToolCallArguments(part, arguments));
                }
            }
            case "reasoning" -> {
                String encrypted = item.path("encrypted_content").asText("");
                if (!encrypted.isEmpty()) {
                    events.accept(new ChatEvent.ReasoningSignature(
                            part(place(event)),
                            new ResponsesSignature(item.path("id").asText(""), encrypted).marked()));
                }
            }
            default -> {
                // A message has been handed on in pieces.
            }
        }
    }

    private void whole(JsonNode event, SseFrame frame) {
        if (usage.readAnswer(frame.data(), frame.dataOffset(), frame.dataLength())) {
            TokenUsage consumed = usage.usage();
            if (consumed != null) {
                events.accept(new ChatEvent.UsageReported(consumed));
            }
        }
        JsonNode response = event.path("response");
        ProviderError failure = ResponsesReplyDecoder.failureOf(response);
        if (failure != null) {
            events.fail(failure);
            return;
        }
        events.accept(new ChatEvent.Finished(ResponsesReplyDecoder.finishReason(response, called, refused)));
        complete = true;
    }

    private static String place(JsonNode event) {
        return Integer.toString(event.path("output_index").asInt(0));
    }

    private int part(String place) {
        return partByPlace.computeIfAbsent(place, _ -> parts.ofNew());
    }
}
