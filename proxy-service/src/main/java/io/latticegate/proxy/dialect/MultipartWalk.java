package io.latticegate.proxy.dialect;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The pass of {@link MultipartScan} over one body. */
final class MultipartWalk {
    private final byte[] body;
    private final byte[] delimiter;
    private final int[] skip = new int[256];
    private @Nullable String model;
    private int modelStart;
    private int modelEnd;

    MultipartWalk(byte[] body, String boundary) {
        this.body = body;
        this.delimiter = ("--" + boundary).getBytes(StandardCharsets.US_ASCII);
        Arrays.fill(skip, delimiter.length);
        for (int i = 0; i < delimiter.length - 1; i++) {
            skip[delimiter[i] & 0xFF] = delimiter.length - 1 - i;
        }
    }

    MultipartScan.Accepted walk() {
        if (!delimiterAt(0)) {
            throw malformed("does not begin with its boundary");
        }
        int at = delimiter.length;
        for (int parts = 0; !is(at, '-', '-'); parts++) {
            if (parts == MultipartScan.PARTS_MAX) {
                throw malformed("has more than " + MultipartScan.PARTS_MAX + " parts");
            }
            if (!is(at, '\r', '\n')) {
                throw malformed("has a boundary that does not end its line");
            }
            int head = at + 2;
            int content = contentAfter(head);
            int next = delimiterFrom(content);
            readPart(head, content, next - 2);
            at = next + delimiter.length;
        }
        int rest = body.length - at - 2;
        if (rest != 0 && !(rest == 2 && is(at + 2, '\r', '\n'))) {
            throw malformed("goes on after its last boundary");
        }
        return new MultipartScan.Accepted(body, model, modelStart, modelEnd);
    }

    /** Where the content begins whose part's head begins at {@code head}. */
    private int contentAfter(int head) {
        int last = Math.min(body.length, head + MultipartScan.PART_HEAD_BYTES_MAX) - 4;
        for (int i = head; i <= last; i++) {
            if (is(i, '\r', '\n') && is(i + 2, '\r', '\n')) {
                return i + 4;
            }
        }
        throw malformed("has a part whose head does not end within " + MultipartScan.PART_HEAD_BYTES_MAX + " bytes");
    }

    private void readPart(int head, int content, int end) {
        String name = null;
        boolean file = false;
        boolean encoded = false;
        String lines = new String(body, head, content - 4 - head, StandardCharsets.ISO_8859_1);
        for (String line : lines.split("\r\n", -1)) {
            int colon = line.indexOf(':');
            if (colon <= 0 || line.indexOf('\r') >= 0 || line.indexOf('\n') >= 0 || line.charAt(0) <= ' ') {
                throw malformed("has a part with an unreadable header");
            }
            String field = line.substring(0, colon).toLowerCase(Locale.ROOT);
            encoded |= field.equals("content-transfer-encoding");
            if (field.equals("content-disposition")) {
                if (name != null) {
                    throw malformed("has a part with two names");
                }
                FormDisposition disposition = FormDisposition.of(line.substring(colon + 1));
                name = disposition.name();
                file = disposition.isFile();
            }
        }
        if (name == null) {
            throw malformed("has a part without a name");
        }
        String plainName = name.strip().toLowerCase(Locale.ROOT);
        if (plainName.equals("model") || plainName.startsWith("model[")) {
            if (file || encoded || !name.equals("model")) {
                throw RefusedField.invalid("model", "model must be a plain field of that name");
            }
            readModel(content, end);
        }
    }

    private void readModel(int from, int to) {
        if (model != null) {
            throw new RefusedField(new Refusal(400, "duplicate_key", "The body has the field model twice", "model"));
        }
        int length = to - from;
        if (length < 1 || length > RequestScan.MODEL_LENGTH_MAX) {
            throw RefusedField.invalid("model", "model must have 1 to " + RequestScan.MODEL_LENGTH_MAX + " characters");
        }
        for (int i = from; i < to; i++) {
            if (body[i] <= ' ' || body[i] == 0x7F) {
                throw RefusedField.invalid("model", "model must consist of visible ASCII characters");
            }
        }
        modelStart = from;
        modelEnd = to;
        model = new String(body, from, length, StandardCharsets.US_ASCII);
    }

    /** Where the delimiter stands that ends the content; the line break before it is no longer content. */
    private int delimiterFrom(int content) {
        int last = delimiter.length - 1;
        int at = content;
        while (at + last < body.length) {
            if (delimiterAt(at)) {
                if (at < content + 2 || !is(at - 2, '\r', '\n')) {
                    throw malformed("has its boundary inside a line");
                }
                return at;
            }
            at += skip[body[at + last] & 0xFF];
        }
        throw malformed("ends before its last boundary");
    }

    private boolean delimiterAt(int at) {
        int to = at + delimiter.length;
        return to <= body.length && Arrays.equals(body, at, to, delimiter, 0, delimiter.length);
    }

    private boolean is(int at, char first, char second) {
        return at + 1 < body.length && body[at] == first && body[at + 1] == second;
    }

    static RefusedField malformed(String what) {
        return new RefusedField(new Refusal(400, "invalid_multipart", "The multipart body " + what, null));
    }
}
