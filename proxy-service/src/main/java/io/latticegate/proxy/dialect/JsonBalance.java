package io.latticegate.proxy.dialect;

/** Follows a JSON object that arrives in fragments and knows when its outermost brace has closed. */
public final class JsonBalance {
    private int depth;
    private boolean inString;
    private boolean escaped;
    private boolean closed;

    /** Takes the next fragment. */
    public void add(String fragment) {
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

    /** Whether the outermost brace has closed. */
    public boolean closed() {
        return closed;
    }
}
