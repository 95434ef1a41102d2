package io.latticegate.proxy.dialect;

import io.latticegate.proxy.chat.ContentPart;
import org.jspecify.annotations.Nullable;

/** Data in the place of an address (RFC 2397). */
public final class DataUrl {
    private static final String SCHEME = "data:";

    private DataUrl() {}

    /** {@code data:image/png;base64,…}, or null where the text is none with a type and in base64. */
    public static ContentPart.Source.@Nullable Base64 parse(String url) {
        int comma = url.indexOf(',');
        if (!url.startsWith(SCHEME) || comma < 0) {
            return null;
        }
        String head = url.substring(SCHEME.length(), comma);
        int parameters = head.indexOf(';');
        if (parameters <= 0 || !head.endsWith(";base64")) {
            return null;
        }
        return new ContentPart.Source.Base64(head.substring(0, parameters), url.substring(comma + 1));
    }
}
