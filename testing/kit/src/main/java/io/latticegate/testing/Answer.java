package io.latticegate.testing;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The answer to an {@link Ask}, before a dialect writes it down. The same request always gets the same answer.
 *
 * <p>Text: {@code "echo: "} and the last user text, or {@code "tool said: "} and the tool results. A script's
 * {@code chunks} and {@code big} lengthen it. Where the caller has given its beginning, only what follows is answered, or all of
 * it where it begins otherwise. A cap on output tokens cuts it, with {@link Finish#LENGTH}. Where a JSON schema
 * is given, the text is JSON that fits it, by the rules for arguments below.
 *
 * <p>Tools are called when the last turn is the user's and names a tool (each named tool is called, in the order of the
 * request's list), or holds the word "parallel" (every tool is called; a single tool twice), or when the request forces a
 * call. Arguments follow the tool's schema: a string is its first {@code enum} value or {@code "echo-<call>"}, a number 1, a
 * boolean true, an array and an object empty.
 *
 * @param pieces the text as a stream delivers it; joined they are the text
 */
record Answer(String text, List<String> pieces, List<Call> calls, Finish finish, int inputTokens, int outputTokens) {
    private static final int PIECE_CHARS_MAX = 16 << 10;
    private static final int ARGUMENT_PIECE_CHARS = 8;

    /** Why an answer ended. */
    enum Finish {
        STOP,
        LENGTH,
        TOOLS
    }

    /** One tool call; its id carries no dialect's prefix. */
    record Call(String id, String name, JsonObject arguments) {
        /** The arguments as a stream delivers them. */
        List<String> pieces() {
            return jsonPieces(arguments);
        }
    }

    private static List<String> jsonPieces(JsonObject object) {
        String json = object.encode();
        List<String> pieces = new ArrayList<>();
        for (int from = 0; from < json.length(); from += ARGUMENT_PIECE_CHARS) {
            pieces.add(json.substring(from, Math.min(json.length(), from + ARGUMENT_PIECE_CHARS)));
        }
        return pieces;
    }

    static Answer to(Ask ask) {
        List<Call> calls = calls(ask);
        if (!calls.isEmpty()) {
            int tokens = calls.stream()
                    .mapToInt(call -> 1 + Tokens.of(call.arguments().encode()))
                    .sum();
            return new Answer("", List.of(), calls, Finish.TOOLS, ask.inputTokens(), tokens);
        }
        List<String> pieces = ask.textSchema() == null
                ? pieces(rest(ask, (ask.toolResult() ? "tool said: " : "echo: ") + ask.lastText()), ask.script())
                : jsonPieces(arguments(ask.textSchema(), 1));
        Finish finish = Finish.STOP;
        if (pieces.size() > ask.outputTokensMax()) {
            pieces = pieces.subList(0, ask.outputTokensMax());
            finish = Finish.LENGTH;
        }
        String text = String.join("", pieces);
        return new Answer(text, pieces, List.of(), finish, ask.inputTokens(), Tokens.of(text));
    }

    /** What follows the beginning that the caller has given, after as much of its end as the script says again. */
    private static String rest(Ask ask, String text) {
        String begun = ask.begun();
        if (begun.isEmpty() || !text.startsWith(begun)) {
            return text;
        }
        return text.substring(Math.max(0, begun.length() - ask.script().again()));
    }

    /** Words, each with the white space before it; as many, and together as long, as the script wants. */
    private static List<String> pieces(String text, Script script) {
        List<String> pieces = new ArrayList<>();
        int from = 0;
        boolean insideWord = false;
        for (int i = 0; i < text.length(); i++) {
            boolean space = Character.isWhitespace(text.charAt(i));
            boolean tooLong = i - from >= PIECE_CHARS_MAX && !Character.isLowSurrogate(text.charAt(i));
            if (tooLong || (space && insideWord)) {
                pieces.add(text.substring(from, i));
                from = i;
            }
            insideWord = !space;
        }
        pieces.add(text.substring(from));
        int wanted = script.piecesMin();
        while (pieces.size() < wanted) {
            pieces.add(" w" + pieces.size());
        }
        if (script.chunks() > 0 && pieces.size() > wanted) {
            String rest = String.join("", pieces.subList(wanted - 1, pieces.size()));
            pieces = new ArrayList<>(pieces.subList(0, wanted - 1));
            pieces.add(rest);
        }
        int missing = script.bigBytes() - text.length();
        while (missing > 0) {
            int length = Math.min(missing, PIECE_CHARS_MAX);
            pieces.add(" " + "x".repeat(length - 1));
            missing -= length;
        }
        return pieces;
    }

    private static List<Call> calls(Ask ask) {
        if (ask.tools().isEmpty() || ask.toolResult()) {
            return List.of();
        }
        String text = ask.lastText().toLowerCase(Locale.ROOT);
        List<Ask.Tool> called = new ArrayList<>();
        if (text.contains("parallel")) {
            called.addAll(ask.tools());
            if (called.size() == 1) {
                called.add(called.getFirst());
            }
        } else {
            ask.tools().stream()
                    .filter(tool -> text.contains(tool.name().toLowerCase(Locale.ROOT)))
                    .forEach(called::add);
        }
        if (!ask.forcedTool().isEmpty() && called.isEmpty()) {
            called.add(ask.tools().getFirst());
        }
        if (!ask.forcedTool().isEmpty() && !ask.forcedTool().equals(Ask.ANY_TOOL)) {
            called.clear();
            ask.tools().stream()
                    .filter(tool -> tool.name().equals(ask.forcedTool()))
                    .forEach(called::add);
        }
        int most = ask.parallelTools() ? called.size() : Math.min(1, called.size());
        List<Call> calls = new ArrayList<>();
        for (int i = 0; i < most; i++) {
            Ask.Tool tool = called.get(i);
            String id = Ids.of(ask.model(), ask.lastText(), tool.name(), String.valueOf(i));
            calls.add(new Call(id, tool.name(), arguments(tool.schema(), i + 1)));
        }
        return calls;
    }

    private static JsonObject arguments(JsonObject schema, int call) {
        JsonObject arguments = new JsonObject();
        for (var property : schema.getJsonObject("properties", new JsonObject())) {
            JsonObject type = property.getValue() instanceof JsonObject given ? given : new JsonObject();
            String name = String.valueOf(type.getValue("type")).toLowerCase(Locale.ROOT);
            JsonArray allowed = type.getJsonArray("enum");
            Object value = switch (name) {
                case "number", "integer" -> 1;
                case "boolean" -> true;
                case "array" -> new JsonArray();
                case "object" -> new JsonObject();
                default -> allowed == null || allowed.isEmpty() ? "echo-" + call : allowed.getValue(0);
            };
            arguments.put(property.getKey(), value);
        }
        return arguments;
    }
}
