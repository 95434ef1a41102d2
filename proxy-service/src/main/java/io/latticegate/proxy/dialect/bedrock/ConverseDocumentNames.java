package io.latticegate.proxy.dialect.bedrock;

import java.util.HashSet;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Names for the documents of one request. Converse wants one for each, of letters, digits, single spaces, hyphens, parentheses
 * and square brackets, at most 200 characters, and no two alike (API reference, DocumentBlock).
 */
final class ConverseDocumentNames {
    private static final int LENGTH_MAX = 180;
    private static final Pattern NOT_ALLOWED = Pattern.compile("[^A-Za-z0-9\\-()\\[\\] ]");
    private static final Pattern SPACES = Pattern.compile(" {2,}");

    private final Set<String> given = new HashSet<>();

    /** The name nearest to {@code wanted}; null: there is none. */
    String next(@Nullable String wanted) {
        String plain = wanted == null ? "" : NOT_ALLOWED.matcher(wanted).replaceAll("-");
        plain = SPACES.matcher(plain).replaceAll(" ").strip();
        String name = plain.isEmpty() ? "document" : plain.substring(0, Math.min(LENGTH_MAX, plain.length()));
        String unique = name;
        for (int number = 2; !given.add(unique); number++) {
            unique = name + " (" + number + ")";
        }
        return unique;
    }
}
