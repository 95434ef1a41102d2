package io.latticegate.proxy.dialect;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The parameters of a {@code Content-Disposition: form-data}. */
final class FormDisposition {
    private @Nullable String name;
    private boolean file;

    static FormDisposition of(String value) {
        FormDisposition disposition = new FormDisposition();
        String rest = value.strip();
        if (!rest.regionMatches(true, 0, "form-data", 0, 9)) {
            throw MultipartWalk.malformed("has a part that is not form-data");
        }
        rest = rest.substring(9).strip();
        while (!rest.isEmpty()) {
            rest = disposition.take(rest);
        }
        return disposition;
    }

    /** The field's name, or null when the header gives none. */
    @Nullable
    String name() {
        return name;
    }

    /** Whether the header gives the part a file's name. */
    boolean isFile() {
        return file;
    }

    /** Takes {@code ; name="value"} off the front. */
    private String take(String rest) {
        int equals = rest.indexOf('=');
        if (rest.charAt(0) != ';' || equals < 0) {
            throw MultipartWalk.malformed("has a part with an unreadable Content-Disposition");
        }
        String parameter = rest.substring(1, equals).strip().toLowerCase(Locale.ROOT);
        String after = rest.substring(equals + 1).strip();
        int end;
        String value;
        if (after.startsWith("\"")) {
            end = closingQuote(after);
            value = after.substring(1, end);
            end++;
        } else {
            end = after.indexOf(';') < 0 ? after.length() : after.indexOf(';');
            value = after.substring(0, end).strip();
        }
        if (parameter.equals("name")) {
            if (name != null || value.indexOf('\\') >= 0 || value.isEmpty()) {
                throw MultipartWalk.malformed("has a part whose name can be read in two ways");
            }
            name = value;
        } else if (parameter.startsWith("name")) {
            throw MultipartWalk.malformed("has a part whose name is extended");
        } else if (parameter.startsWith("filename")) {
            file = true;
        }
        return after.substring(end).strip();
    }

    private static int closingQuote(String quoted) {
        for (int i = 1; i < quoted.length(); i++) {
            if (quoted.charAt(i) == '\\') {
                i++;
            } else if (quoted.charAt(i) == '"') {
                return i;
            }
        }
        throw MultipartWalk.malformed("has a part with an unreadable Content-Disposition");
    }
}
