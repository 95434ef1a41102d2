package io.latticegate.proxy.guard;

import com.fasterxml.jackson.databind.JsonNode;
import io.latticegate.proxy.chat.ChatEvent;
import io.latticegate.proxy.chat.ProviderError;
import io.latticegate.proxy.dialect.JsonBytes;
import io.latticegate.proxy.dialect.StrictJson;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Examines one answer, in one of three forms: a complete document ({@link #document}), events of a provider's own protocol
 * ({@link #events}), or events of the chat model ({@link #chat}). As soon as there is a {@link #refusal}, nothing more of
 * the answer is to be shown. Not thread-safe.
 */
public final class AnswerGuard {
    private final TextRules rules;
    private final Findings findings;
    private final int window;
    private final SchemaCheck schema;
    private @Nullable ProviderError fault;
    private long chars;

    AnswerGuard(TextRules rules, Findings findings, int window, SchemaCheck schema) {
        this.rules = rules;
        this.findings = findings;
        this.window = window;
        this.schema = schema;
    }

    /** Why the answer is not shown, or not any further; null while it is. */
    public @Nullable ProviderError refusal() {
        Rule blocking = findings.blocking();
        if (blocking != null) {
            return new ProviderError(
                    ProviderError.Kind.CLIENT_FAULT, 403, message("answer", blocking), "guard_blocked");
        }
        String mismatch = schema.fault();
        if (mismatch != null) {
            return new ProviderError(ProviderError.Kind.CLIENT_FAULT, 422, mismatch, "answer_schema_mismatch");
        }
        return fault;
    }

    /**
     * What is told of a refusal: which rule, and not a word of the text.
     *
     * @param side {@code prompt} or {@code answer}
     */
    public static String message(String side, Rule rule) {
        return "The " + side + " was blocked by the guard policy " + rule.policy() + " (" + rule.recogniser() + ")";
    }

    /** Characters of text that were examined in a stream, shown or not. */
    public long chars() {
        return chars;
    }

    /** Examines a complete answer; gives {@code body} itself where nothing changes. */
    public byte[] document(byte[] body) {
        JsonNode root = StrictJson.parseReply(body, 0, body.length);
        if (root == null) {
            fault = unreadable();
            return body;
        }
        schema.document(root);
        JsonTexts texts = new JsonTexts(rules, findings);
        texts.examine(root);
        return texts.changed() ? JsonBytes.document(json -> json.writeTree(root)) : body;
    }

    /** Begins to examine a stream of a provider's own protocol. */
    public Events events() {
        return new Events();
    }

    /** Begins to examine an answer as events of the chat model. */
    public Chat chat() {
        return new Chat();
    }

    private static ProviderError unreadable() {
        return ProviderError.of(
                ProviderError.Kind.OUTAGE, "provider_protocol_error", "The provider sent what cannot be examined");
    }

    /**
     * One event of a stream.
     *
     * @param bytes as they came
     */
    @SuppressWarnings("ArrayRecordComponent")
    public record Event(byte[] bytes, String name, byte @Nullable [] changed) {}

    private static final class Held {
        private final byte[] bytes;
        private final String name;
        private final @Nullable JsonNode tree;
        private boolean changed;

        private Held(byte[] bytes, String name, @Nullable JsonNode tree) {
            this.bytes = bytes;
            this.name = name;
            this.tree = tree;
        }

        private Event event() {
            JsonNode root = tree;
            return new Event(
                    bytes, name, root == null || !changed ? null : JsonBytes.document(json -> json.writeTree(root)));
        }
    }

    /** A stream of events that are JSON documents, or nothing that carries text. */
    public final class Events {
        private final WithheldStream<Held> withheld = new WithheldStream<>(rules, findings, window);

        private Events() {}

        /** Takes what carries no text, such as a comment or the mark of the end. */
        public void addPlain(byte[] bytes) {
            if (refusal() != null) {
                return;
            }
            withheld.add(new Held(bytes, "", null), List.of());
        }

        /**
         * Takes an event.
         *
         * @param bytes how it is shown where nothing in it changes
         * @param name how it is named where it is written anew
         * @param json holds its data
         */
        public void add(byte[] bytes, String name, byte[] json, int offset, int length) {
            if (refusal() != null) {
                return;
            }
            JsonNode tree = StrictJson.parseReply(json, offset, length);
            if (tree == null) {
                fault = unreadable();
                return;
            }
            schema.choices(tree);
            schema.event(tree);
            Held held = new Held(bytes, name, tree);
            List<WithheldStream.Piece> pieces =
                    new StreamedTexts(rules, findings, () -> held.changed = true).divide(tree);
            pieces.forEach(piece -> chars += piece.text().length());
            if (!withheld.add(held, pieces)) {
                fault = unreadable();
            }
        }

        /** No further event comes. */
        public void end() {
            withheld.end();
        }

        /** Hands out what may be shown, in order; nothing once there is a refusal. */
        public void release(Consumer<Event> sink) {
            if (refusal() == null) {
                withheld.release(held -> sink.accept(held.event()));
            }
        }
    }

    /** Events of the chat model; the only text of an answer that its dialects have in common. */
    public final class Chat {
        private static final String TEXT = "text";

        private final WithheldStream<ChatEvent[]> withheld = new WithheldStream<>(rules, findings, window);

        private Chat() {}

        /** Takes an event and hands out what may be shown; a refusal is handed out once, as the last event. */
        public void add(ChatEvent event, Consumer<ChatEvent> sink) {
            if (refusal() != null) {
                return;
            }
            ChatEvent[] held = {event};
            List<WithheldStream.Piece> pieces = switch (event) {
                case ChatEvent.TextDelta(int index, String text) -> {
                    schema.add(TEXT, text);
                    yield List.of(piece("text/" + index, text, to -> held[0] = new ChatEvent.TextDelta(index, to)));
                }
                case ChatEvent.ReasoningDelta(int index, String text) ->
                    List.of(piece("reasoning/" + index, text, to -> held[0] = new ChatEvent.ReasoningDelta(index, to)));
                case ChatEvent.ToolCallArguments(int index, String fragment) ->
                    List.of(piece(
                            "arguments/" + index,
                            fragment,
                            to -> held[0] = new ChatEvent.ToolCallArguments(index, to)));
                case ChatEvent.ToolCallStarted started -> {
                    rules.examineFixed(started.name(), findings);
                    yield List.of();
                }
                case ChatEvent.Finished finished -> {
                    schema.finish(TEXT);
                    yield List.of();
                }
                default -> List.of();
            };
            if (!withheld.add(held, pieces)) {
                fault = unreadable();
            }
            if (event instanceof ChatEvent.Failed || event instanceof ChatEvent.Finished) {
                withheld.end();
            }
            release(sink);
        }

        /** The answer has ended. */
        public void end(Consumer<ChatEvent> sink) {
            if (refusal() == null) {
                withheld.end();
                release(sink);
            }
        }

        private void release(Consumer<ChatEvent> sink) {
            ProviderError refusal = refusal();
            if (refusal == null) {
                withheld.release(held -> sink.accept(held[0]));
            } else {
                sink.accept(new ChatEvent.Failed(refusal));
            }
        }

        private WithheldStream.Piece piece(String channel, String text, Consumer<String> replace) {
            chars += text.length();
            return new WithheldStream.Piece(channel, text, replace);
        }
    }
}
