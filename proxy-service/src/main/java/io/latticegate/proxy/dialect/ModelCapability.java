package io.latticegate.proxy.dialect;

import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What a model is for, judged by its name, because the lists of providers do not say. A name that tells nothing is taken
 * for a chat model's.
 */
public enum ModelCapability {
    EMBEDDING("embed"),
    MODERATION("moderation"),
    IMAGE("dall-e", "gpt-image", "chatgpt-image"),
    SPEECH("tts"),
    TRANSCRIPTION("whisper", "transcribe"),
    COMPLETION("-instruct", "davinci", "babbage"),
    CHAT;

    private final List<String> marks;

    ModelCapability(String... marks) {
        this.marks = List.of(marks);
    }

    /** The first capability, in the order above, whose mark is in the name. */
    public static ModelCapability of(String model) {
        String name = model.toLowerCase(Locale.ROOT);
        for (ModelCapability each : values()) {
            if (each.marks.stream().anyMatch(name::contains)) {
                return each;
            }
        }
        return CHAT;
    }

    /** The capability of this label, or null. */
    public static @Nullable ModelCapability labelled(String label) {
        for (ModelCapability each : values()) {
            if (each.label().equals(label)) {
                return each;
            }
        }
        return null;
    }

    /** As paths, queries and answers name it: {@code chat}, {@code embedding}, … */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
