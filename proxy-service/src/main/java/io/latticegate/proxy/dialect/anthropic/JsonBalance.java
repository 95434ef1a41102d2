package io.latticegate.proxy.dialect.anthropic;

/** Follows a JSON object that arrives in fragments and knows when its outermost brace has closed. */
final class JsonBalance {
    private int depth;
    private boolean inString;
    private boolean escaped;
    private boolean closed;

    void add(String fragment) {
        for (int i = 0; i < fragment.length(); i++) {
            char c = fragment.charAt(i);
            if (escaped) {
                escaped = false;
            } else if (inString) {
                escaped = c == '\\';
                inString = c != '"';
            } else if (c == '"') {
                inString = true;
            } else if (c == '{' || c == '[') {
                depth++;
            } else if (c == '}' || c == ']') {
                depth--;
                closed |= depth <= 0;
            }
        }
    }

    boolean closed() {
        return closed;
    }
}
