package io.latticegate.proxy.dialect.bedrock;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The kinds of pictures that Converse takes, by their media types. */
enum ConverseImage {
    PNG,
    JPEG,
    GIF,
    WEBP;

    /** The protocol's name of the kind. */
    String format() {
        return name().toLowerCase(Locale.ROOT);
    }

    String mediaType() {
        return "image/" + format();
    }

    static @Nullable ConverseImage ofFormat(String format) {
        for (ConverseImage kind : values()) {
            if (kind.format().equals(format)) {
                return kind;
            }
        }
        return null;
    }

    static @Nullable ConverseImage ofMediaType(String mediaType) {
        String type = mediaType.toLowerCase(Locale.ROOT);
        return type.startsWith("image/") ? ofFormat(type.equals("image/jpg") ? "jpeg" : type.substring(6)) : null;
    }
}
