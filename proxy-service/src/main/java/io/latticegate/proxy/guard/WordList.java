package io.latticegate.proxy.guard;

import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Words and phrases of an operator, found as whole words and in any case; the longest that fits counts. */
final class WordList implements Recogniser {
    private final String name;
    private final String label;
    private final Node root = new Node();

    private static final class Node {
        private final Map<Character, Node> next = new HashMap<>();
        private boolean ends;
    }

    WordList(String name, List<String> words) {
        this.name = name;
        this.label = "[" + name.toUpperCase(Locale.ROOT) + "]";
        for (String word : words) {
            Node node = root;
            for (int i = 0; i < word.length(); i++) {
                node = node.next.computeIfAbsent(folded(word.charAt(i)), unused -> new Node());
            }
            node.ends = true;
        }
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String label() {
        return label;
    }

    @Override
    public boolean mayBegin(char c) {
        return root.next.containsKey(folded(c));
    }

    @Override
    public int end(CharSequence text, int start) {
        boolean insideWord =
                Character.isLetterOrDigit(text.charAt(start)) && Character.isLetterOrDigit(Chars.before(text, start));
        if (insideWord) {
            return -1;
        }
        int end = -1;
        Node node = root;
        for (int at = start; at < text.length(); at++) {
            char c = text.charAt(at);
            node = node.next.get(folded(c));
            if (node == null) {
                return end;
            }
            boolean goesOn = Character.isLetterOrDigit(c) && Character.isLetterOrDigit(Chars.at(text, at + 1));
            if (node.ends && !goesOn) {
                end = at + 1;
            }
        }
        return end;
    }

    private static char folded(char c) {
        return Character.toLowerCase(Character.toUpperCase(c));
    }
}
