package io.latticegate.proxy.dialect;

import io.latticegate.proxy.chat.ChatMessage;
import io.latticegate.proxy.chat.ChatRequest;
import io.latticegate.proxy.chat.ContentPart;
import org.jspecify.annotations.Nullable;

/** Documents and sound among the parts of a message, as far as the dialects read and refuse them alike. */
public final class FilePart {
    private FilePart() {}

    /**
     * A document that is inline.
     *
     * @param field what says its type or holds its data, for a refusal
     */
    public static ContentPart.Document inline(
            JsonFields owner, String field, String type, String data, @Nullable String name) {
        if (!type.equalsIgnoreCase(ContentPart.Document.PDF)) {
            throw RefusedField.unsupported(
                    owner.path(field), owner.path(field) + " cannot be carried; documents of type application/pdf can");
        }
        return new ContentPart.Document(new ContentPart.Source.Base64(ContentPart.Document.PDF, data), name);
    }

    /** A document in a member that holds {@code data:application/pdf;base64,…}. */
    public static ContentPart.Document ofDataUrl(JsonFields owner, String field, @Nullable String name) {
        ContentPart.Source.Base64 inline = DataUrl.parse(owner.requiredText(field));
        if (inline == null) {
            throw RefusedField.invalid(
                    owner.path(field), owner.path(field) + " must be data:application/pdf;base64,<data>");
        }
        return inline(owner, field, inline.mediaType(), inline.data(), name);
    }

    /** A document that the provider fetches. */
    public static ContentPart.Document linked(JsonFields owner, String field, @Nullable String name) {
        String url = owner.requiredText(field);
        if (!url.startsWith("https://") && !url.startsWith("http://")) {
            throw RefusedField.invalid(owner.path(field), owner.path(field) + " must be an http(s) address");
        }
        return new ContentPart.Document(new ContentPart.Source.Url(url), name);
    }

    /** A file that is kept where the request does not go. */
    public static void refuseKept(JsonFields owner, String field) {
        if (owner.value(field) != null) {
            throw RefusedField.unsupported(
                    owner.path(field),
                    owner.path(field) + " names a file that its provider keeps; send the file itself");
        }
    }

    /** Refuses what no protocol has: files in what anybody but the user or a tool says. */
    static void checkPlaces(ChatRequest request) {
        for (ChatMessage message : request.messages()) {
            if (message.role() == ChatMessage.Role.USER) {
                continue;
            }
            for (ContentPart part : message.content()) {
                if (part instanceof ContentPart.Document || part instanceof ContentPart.Audio) {
                    throw RefusedField.unsupported(
                            "messages", "Documents and audio can be carried in user messages only");
                }
            }
        }
    }

    /** What is said of sound to a provider that hears none, or not this format. */
    public static RefusedField noAudio(String path, String allowed) {
        return RefusedField.unsupported(
                path, "Audio in " + path + " cannot be carried to this model's provider" + allowed);
    }

    /** What is said of a document to a provider that reads none, or not in this form. */
    public static RefusedField noDocument(String path, String allowed) {
        return RefusedField.unsupported(
                path, "A document in " + path + " cannot be carried to this model's provider" + allowed);
    }
}
