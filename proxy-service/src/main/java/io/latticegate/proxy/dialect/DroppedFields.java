package io.latticegate.proxy.dialect;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Names of what a translation could not carry, for the header {@code X-Latticegate-Dropped}. Positions in lists are left
 * out ({@code messages[].name}), each name stands once, and since unknown names come from the client, only {@code
 * [A-Za-z0-9_.\[\]-]} passes and length and number are bounded.
 */
public final class DroppedFields {

    /** The most names that are kept. */
    public static final int NAMES_MAX = 32;

    private static final int NAME_LENGTH_MAX = 64;
    private static final Pattern INDEX = Pattern.compile("\\[\\d+]");
    private static final Pattern UNSAFE = Pattern.compile("[^A-Za-z0-9_.\\[\\]-]");

    private final Set<String> names = new LinkedHashSet<>();

    /** Notes a field by its path. */
    public void add(String path) {
        if (names.size() >= NAMES_MAX) {
            return;
        }
        String bounded = path.length() > NAME_LENGTH_MAX ? path.substring(0, NAME_LENGTH_MAX) : path;
        names.add(UNSAFE.matcher(INDEX.matcher(bounded).replaceAll("[]")).replaceAll("_"));
    }

    /** The names in the order in which they were met. */
    public List<String> names() {
        return List.copyOf(names);
    }
}
