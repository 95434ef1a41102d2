package io.latticegate.proxy.dialect.gemini;

import com.fasterxml.jackson.databind.JsonNode;
import io.latticegate.proxy.chat.ChatMessage;
import io.latticegate.proxy.chat.ChatMessage.Role;
import io.latticegate.proxy.chat.ContentPart;
import io.latticegate.proxy.dialect.DroppedFields;
import io.latticegate.proxy.dialect.FilePart;
import io.latticegate.proxy.dialect.JsonFields;
import io.latticegate.proxy.dialect.RefusedField;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads {@code contents} into turns.
 *
 * <p>Ids of calls are optional here: a call without one gets one, and a response without one answers the earliest call of
 * its name that has no response yet. A streamed answer that a client sends back chunk by chunk becomes one turn again.
 */
final class GeminiContentReader {
    private final DroppedFields dropped;
    private final List<ChatMessage> messages = new ArrayList<>();
    private final List<Call> unanswered = new ArrayList<>();
    private int calls;

    private record Call(String id, String name) {}

    GeminiContentReader(DroppedFields dropped) {
        this.dropped = dropped;
    }

    /** The texts of {@code systemInstruction}. */
    List<String> instruction(JsonFields content) {
        List<String> texts = new ArrayList<>();
        content.value("role");
        for (JsonFields part : content.objects("parts")) {
            texts.add(part.requiredText("text"));
            part.reportUnread(dropped);
        }
        content.reportUnread(dropped);
        return texts;
    }

    List<ChatMessage> read(List<JsonFields> contents) {
        for (JsonFields content : contents) {
            Role role = role(content);
            List<ContentPart> parts = new ArrayList<>();
            for (JsonFields part : content.objects("parts")) {
                read(part, parts);
                part.reportUnread(dropped);
            }
            content.reportUnread(dropped);
            if (!parts.isEmpty()) {
                add(role, parts);
            }
        }
        return messages;
    }

    private static Role role(JsonFields content) {
        String role = content.text("role");
        return switch (role) {
            case null -> Role.USER;
            case "user", "function", "" -> Role.USER;
            case "model" -> Role.ASSISTANT;
            default ->
                throw RefusedField.invalid(content.path("role"), content.path("role") + " must be user or model");
        };
    }

    private void add(Role role, List<ContentPart> parts) {
        if (role != Role.ASSISTANT) {
            messages.add(new ChatMessage(role, parts));
            return;
        }
        List<ContentPart> turn = new ArrayList<>();
        if (!messages.isEmpty() && messages.getLast().role() == Role.ASSISTANT) {
            turn.addAll(messages.removeLast().content());
        }
        parts.forEach(part -> append(turn, part));
        messages.add(new ChatMessage(role, turn));
    }

    /** Joins running text and running thoughts; a signature closes the thoughts that it proves. */
    private static void append(List<ContentPart> turn, ContentPart part) {
        ContentPart last = turn.isEmpty() ? null : turn.getLast();
        if (last instanceof ContentPart.Text(String before) && part instanceof ContentPart.Text(String more)) {
            turn.set(turn.size() - 1, new ContentPart.Text(before + more));
        } else if (last instanceof ContentPart.Reasoning before
                && part instanceof ContentPart.Reasoning more
                && before.signature() == null
                && before.redactedData() == null
                && more.redactedData() == null) {
            turn.set(turn.size() - 1, new ContentPart.Reasoning(before.text() + more.text(), more.signature(), null));
        } else {
            turn.add(part);
        }
    }

    private void read(JsonFields part, List<ContentPart> into) {
        String signature = part.text("thoughtSignature");
        JsonFields call = part.object("functionCall");
        JsonFields response = part.object("functionResponse");
        JsonFields inline = part.object("inlineData");
        JsonFields file = part.object("fileData");
        boolean thought = Boolean.TRUE.equals(part.flag("thought"));
        String text = part.text("text");
        if (call != null) {
            sign(signature, GeminiSignature.Place.CALL, into);
            into.add(call(call));
        } else if (response != null) {
            into.add(response(response));
        } else if (inline != null) {
            into.add(inline(inline));
        } else if (file != null) {
            into.add(linked(file));
        } else if (text != null && thought) {
            into.add(thought(text, signature));
        } else if (text != null) {
            sign(signature, GeminiSignature.Place.TEXT, into);
            if (!text.isEmpty() || signature == null) {
                into.add(new ContentPart.Text(text));
            }
        } else {
            String path = part.path("");
            throw RefusedField.unsupported(
                    path.substring(0, path.length() - 1),
                    "A part must be text, inlineData, fileData, functionCall or functionResponse to be carried");
        }
    }

    private static void sign(@Nullable String signature, GeminiSignature.Place place, List<ContentPart> into) {
        if (signature == null || signature.isEmpty()) {
            return;
        }
        ContentPart.Reasoning carried = CarriedReasoning.read("", signature);
        into.add(carried == null ? new ContentPart.Reasoning("", marked(place, signature), null) : carried);
    }

    private static ContentPart thought(String text, @Nullable String signature) {
        if (signature == null || signature.isEmpty()) {
            return new ContentPart.Reasoning(text, null, null);
        }
        ContentPart.Reasoning carried = CarriedReasoning.read(text, signature);
        return carried == null
                ? new ContentPart.Reasoning(text, marked(GeminiSignature.Place.THOUGHT, signature), null)
                : carried;
    }

    private static String marked(GeminiSignature.Place place, String signature) {
        return new GeminiSignature(place, signature).marked();
    }

    private ContentPart call(JsonFields call) {
        String name = call.requiredText("name");
        String given = call.text("id");
        String id = given == null || given.isEmpty() ? "call_" + calls : given;
        calls++;
        JsonNode args = call.value("args");
        if (args != null && !args.isObject()) {
            throw RefusedField.invalid(call.path("args"), call.path("args") + " must be an object");
        }
        call.reportUnread(dropped);
        unanswered.add(new Call(id, name));
        return new ContentPart.ToolUse(id, name, args == null ? "" : args.toString());
    }

    private ContentPart response(JsonFields response) {
        String name = response.requiredText("name");
        String given = response.text("id");
        String id = given == null || given.isEmpty() ? earliestUnanswered(response, name) : given;
        unanswered.removeIf(call -> call.id.equals(id));
        JsonNode value = response.value("response");
        if (value == null || !value.isObject()) {
            throw RefusedField.invalid(response.path("response"), response.path("response") + " must be an object");
        }
        boolean failed = value.hasNonNull("error") && !value.hasNonNull("output");
        JsonNode said = value.size() == 1 ? value.path(failed ? "error" : "output") : value;
        List<ContentPart> content = new ArrayList<>();
        content.add(new ContentPart.Text(
                said.isMissingNode() ? value.toString() : said.isTextual() ? said.textValue() : said.toString()));
        for (JsonFields part : response.objects("parts")) {
            JsonFields inline = part.object("inlineData");
            if (inline == null) {
                throw RefusedField.unsupported(
                        part.path("inlineData"), "A part of a functionResponse must be inlineData to be carried");
            }
            ContentPart shown = inline(inline);
            if (shown instanceof ContentPart.Audio) {
                throw RefusedField.unsupported(
                        inline.path("mimeType"), "Audio in a functionResponse cannot be carried");
            }
            content.add(shown);
            part.reportUnread(dropped);
        }
        response.reportUnread(dropped);
        return new ContentPart.ToolResult(id, content, failed);
    }

    private String earliestUnanswered(JsonFields response, String name) {
        for (Iterator<Call> each = unanswered.iterator(); each.hasNext(); ) {
            Call call = each.next();
            if (call.name.equals(name)) {
                each.remove();
                return call.id;
            }
        }
        throw RefusedField.invalid(
                response.path("name"), response.path("name") + " must be the name of a functionCall before it");
    }

    private ContentPart inline(JsonFields inline) {
        String type = inline.requiredText("mimeType");
        String data = standardBase64(inline.requiredText("data"));
        ContentPart.Audio.Format sound = ContentPart.Audio.Format.ofMediaType(type);
        ContentPart part;
        if (type.startsWith("image/")) {
            part = new ContentPart.Image(new ContentPart.Source.Base64(type, data), null);
        } else if (sound != null) {
            part = new ContentPart.Audio(sound, data);
        } else if (type.equalsIgnoreCase(ContentPart.Document.PDF)) {
            part = FilePart.inline(inline, "mimeType", type, data, inline.text("displayName"));
        } else {
            throw RefusedField.unsupported(
                    inline.path("mimeType"),
                    inline.path("mimeType") + " cannot be carried; image types, application/pdf, audio/wav, audio/mp3,"
                            + " audio/aiff, audio/aac, audio/ogg and audio/flac can");
        }
        inline.reportUnread(dropped);
        return part;
    }

    /** The JSON mapping of {@code bytes} also allows the alphabet for addresses; other protocols know only the standard one. */
    private static String standardBase64(String data) {
        return data.indexOf('-') < 0 && data.indexOf('_') < 0
                ? data
                : data.replace('-', '+').replace('_', '/');
    }

    private ContentPart linked(JsonFields file) {
        String uri = file.requiredText("fileUri");
        String type = file.text("mimeType");
        boolean address = uri.startsWith("https://") || uri.startsWith("http://");
        boolean held = uri.startsWith("https://generativelanguage.googleapis.com/");
        boolean document = ContentPart.Document.PDF.equalsIgnoreCase(type);
        if (!address || held || type != null && !type.startsWith("image/") && !document) {
            throw RefusedField.unsupported(
                    file.path("fileUri"),
                    file.path("fileUri")
                            + " cannot be carried; http(s) addresses of images and PDF documents outside the"
                            + " Files API can");
        }
        if (document) {
            ContentPart.Document linked = FilePart.linked(file, "fileUri", file.text("displayName"));
            file.reportUnread(dropped);
            return linked;
        }
        file.reportUnread(dropped);
        return new ContentPart.Image(new ContentPart.Source.Url(uri), null);
    }
}
