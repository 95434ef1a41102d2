package io.latticegate.proxy.dialect;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What must be known of a {@code multipart/form-data} request (RFC 7578) that passes through unchanged: the value of its
 * field {@code model}, and where that stands, so that an alias can be replaced. One pass that skips over the content of
 * files by the boundary (Horspool 1980).
 *
 * <p>What two readers could understand differently is refused, so that the provider cannot find another model than the
 * one that was admitted: bytes before the first boundary or after the last, a second {@code model}, a
 * boundary inside a line, folded or unreadable part headers, field names with escapes, parts without a name.
 */
public sealed interface MultipartScan {

    /** The most parts of one request. */
    int PARTS_MAX = 64;

    /** The longest head of one part, in bytes. */
    int PART_HEAD_BYTES_MAX = 8 * 1024;

    /** Why the request goes nowhere; status 400 or 415. */
    record Refused(Refusal refusal) implements MultipartScan {}

    /** A well-formed request. Holds the scanned array, which must not be changed while this object is used. */
    final class Accepted implements MultipartScan {
        private final byte[] body;
        private final @Nullable String model;
        private final int modelStart;
        private final int modelEnd;

        Accepted(byte[] body, @Nullable String model, int modelStart, int modelEnd) {
            this.body = body;
            this.model = model;
            this.modelStart = modelStart;
            this.modelEnd = modelEnd;
        }

        /** The field {@code model}, or null when there is none. */
        public @Nullable String model() {
            return model;
        }

        /** The scanned bytes, unchanged. */
        public byte[] body() {
            return body;
        }

        /** The body with another model name; all other bytes as they came. */
        public byte[] withModel(String upstreamModel) {
            if (model == null) {
                return body;
            }
            byte[] name = upstreamModel.getBytes(StandardCharsets.UTF_8);
            byte[] out = Arrays.copyOf(body, modelStart + name.length + body.length - modelEnd);
            System.arraycopy(name, 0, out, modelStart, name.length);
            System.arraycopy(body, modelEnd, out, modelStart + name.length, body.length - modelEnd);
            return out;
        }
    }

    /**
     * Scans a whole body.
     *
     * @param contentType the request's header, or null
     */
    static MultipartScan of(@Nullable String contentType, byte[] body) {
        String boundary = contentType == null ? null : boundaryOf(contentType);
        if (boundary == null) {
            return new Refused(new Refusal(
                    415,
                    "unsupported_media_type",
                    "The body must be multipart/form-data with a boundary of 1 to 70 letters, digits or '()+_,-./:=?",
                    null));
        }
        try {
            return new MultipartWalk(body, boundary).walk();
        } catch (RefusedField refused) {
            return new Refused(refused.refusal());
        }
    }

    private static @Nullable String boundaryOf(String contentType) {
        String[] parameters = contentType.split(";", -1);
        if (!parameters[0].strip().equalsIgnoreCase("multipart/form-data")) {
            return null;
        }
        String boundary = null;
        for (int i = 1; i < parameters.length; i++) {
            String parameter = parameters[i].strip();
            if (!parameter.regionMatches(true, 0, "boundary=", 0, 9)) {
                continue;
            }
            if (boundary != null) {
                return null;
            }
            boundary = parameter.substring(9);
            if (boundary.length() >= 2 && boundary.startsWith("\"") && boundary.endsWith("\"")) {
                boundary = boundary.substring(1, boundary.length() - 1);
            }
        }
        return boundary != null && boundary.matches("[A-Za-z0-9'()+_,\\-./:=?]{1,70}") ? boundary : null;
    }
}
