package io.latticegate.proxy.dialect.gemini;

import io.latticegate.proxy.chat.SignatureMark;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A {@code thoughtSignature} of Gemini's and the kind of part that it stood on. Other protocols know signatures only at
 * reasoning, so it travels through them as the signature of a reasoning part of its own, before the part that it belongs
 * to, in the form {@code gemini:call:…}. Their clients send it back, and it returns to where it was; Gemini refuses a
 * function call that comes back without its signature.
 */
record GeminiSignature(Place place, String value) {

    /** The kind of part that a signature stands on. */
    enum Place {
        CALL,
        TEXT,
        THOUGHT
    }

    /** The form in which other protocols carry it. */
    String marked() {
        return SignatureMark.GEMINI + place.name().toLowerCase(Locale.ROOT) + ':' + value;
    }

    /** Reads {@link #marked}; null when the signature is no one of Gemini's. */
    static @Nullable GeminiSignature ofMarked(String signature) {
        for (Place place : Place.values()) {
            String prefix = new GeminiSignature(place, "").marked();
            if (signature.startsWith(prefix)) {
                return new GeminiSignature(place, signature.substring(prefix.length()));
            }
        }
        return null;
    }
}
