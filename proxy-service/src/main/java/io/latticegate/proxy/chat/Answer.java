package io.latticegate.proxy.chat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A whole answer, folded from its events.
 *
 * @param id the provider's id, empty when it gave none
 * @param model the provider's name of the model, empty when it gave none
 * @param content the parts in the order of their index: text, reasoning and tool uses
 * @param finish null when the answer broke off
 * @param usage the last report, or null
 * @param failure why the answer broke off, or null
 */
public record Answer(
        String id,
        String model,
        List<ContentPart> content,
        @Nullable FinishReason finish,
        @Nullable String stopSequence,
        @Nullable TokenUsage usage,
        @Nullable ProviderError failure) {

    public Answer {
        content = List.copyOf(content);
    }

    /** Folds a complete list of events. */
    public static Answer of(List<ChatEvent> events) {
        var folding = new Folding();
        events.forEach(folding::add);
        return folding.answer();
    }

    /** All text parts joined. */
    public String text() {
        var text = new StringBuilder();
        for (ContentPart part : content) {
            if (part instanceof ContentPart.Text(String piece)) {
                text.append(piece);
            }
        }
        return text.toString();
    }

    private static final class Folding {
        private final Map<Integer, Part> parts = new TreeMap<>();
        private String id = "";
        private String model = "";
        private @Nullable FinishReason finish;
        private @Nullable String stopSequence;
        private @Nullable TokenUsage usage;
        private @Nullable ProviderError failure;

        void add(ChatEvent event) {
            switch (event) {
                case ChatEvent.Started(String startedId, String startedModel) -> {
                    id = startedId;
                    model = startedModel;
                }
                case ChatEvent.TextDelta(int index, String text) ->
                    part(index, Kind.TEXT).text.append(text);
                case ChatEvent.ReasoningDelta(int index, String text) ->
                    part(index, Kind.REASONING).text.append(text);
                case ChatEvent.ReasoningSignature(int index, String signature) ->
                    part(index, Kind.REASONING).signature.append(signature);
                case ChatEvent.ReasoningRedacted(int index, String data) ->
                    part(index, Kind.REDACTED).text.append(data);
                case ChatEvent.ToolCallStarted(int index, String callId, String name) -> {
                    Part call = part(index, Kind.TOOL);
                    call.id = callId;
                    call.name = name;
                }
                case ChatEvent.ToolCallArguments(int index, String fragment) ->
                    part(index, Kind.TOOL).text.append(fragment);
                case ChatEvent.Finished(FinishReason reason, String sequence) -> {
                    finish = reason;
                    stopSequence = sequence;
                }
                case ChatEvent.UsageReported(TokenUsage reported) -> usage = reported;
                case ChatEvent.Failed(ProviderError error) -> failure = error;
            }
        }

        Answer answer() {
            List<ContentPart> content = new ArrayList<>();
            parts.values().forEach(part -> content.add(part.content()));
            return new Answer(id, model, content, finish, stopSequence, usage, failure);
        }

        private Part part(int index, Kind kind) {
            return parts.computeIfAbsent(index, _ -> new Part(kind));
        }
    }

    private enum Kind {
        TEXT,
        REASONING,
        REDACTED,
        TOOL
    }

    private static final class Part {
        private final Kind kind;
        private final StringBuilder text = new StringBuilder();
        private final StringBuilder signature = new StringBuilder();
        private String id = "";
        private String name = "";

        Part(Kind kind) {
            this.kind = kind;
        }

        ContentPart content() {
            String said = text.toString();
            return switch (kind) {
                case TEXT -> new ContentPart.Text(said);
                case REASONING ->
                    new ContentPart.Reasoning(said, signature.isEmpty() ? null : signature.toString(), null);
                case REDACTED -> new ContentPart.Reasoning("", null, said);
                case TOOL -> new ContentPart.ToolUse(id, name, said);
            };
        }
    }
}
