package io.latticegate.admin.tree;

import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Which tile a path of C2SP tlog-tiles names.
 *
 * @param level of a tile of hashes, 0 to 63, or {@link #ENTRIES} for an entry bundle
 * @param index from 0
 * @param width 256 for a full tile, 1 to 255 for a partial one
 */
public record TilePath(int level, long index, int width) {
    /** The level of entry bundles. */
    public static final int ENTRIES = -1;

    /** Hashes or entries of a full tile. */
    public static final int FULL_WIDTH = 256;

    private static final Pattern LEVEL = Pattern.compile("0|[1-9]|[1-5][0-9]|6[0-3]");
    private static final Pattern WIDTH = Pattern.compile("[1-9][0-9]{0,2}");
    private static final Pattern UPPER = Pattern.compile("x[0-9]{3}");
    private static final Pattern LAST = Pattern.compile("[0-9]{3}");
    private static final String PARTIAL = ".p";
    private static final int GROUPS_MAX = 5;

    /**
     * Reads the segments behind {@code tile}.
     *
     * @return nothing when they are not exactly what the specification writes
     */
    public static Optional<TilePath> parse(List<String> segments) {
        if (segments.size() < 2) {
            return Optional.empty();
        }
        String first = segments.getFirst();
        boolean entries = first.equals("entries");
        if (!entries && !LEVEL.matcher(first).matches()) {
            return Optional.empty();
        }
        int level = entries ? ENTRIES : Integer.parseInt(first);
        List<String> number = segments.subList(1, segments.size());
        int width = FULL_WIDTH;
        if (number.size() > 1 && number.get(number.size() - 2).endsWith(PARTIAL)) {
            String written = number.getLast();
            if (!WIDTH.matcher(written).matches() || Integer.parseInt(written) >= FULL_WIDTH) {
                return Optional.empty();
            }
            width = Integer.parseInt(written);
            String last = number.get(number.size() - 2);
            String bare = last.substring(0, last.length() - PARTIAL.length());
            number = append(number.subList(0, number.size() - 2), bare);
        }
        return index(number).map(new Named(level, width)::at);
    }

    private record Named(int level, int width) {
        TilePath at(long index) {
            return new TilePath(level, index, width);
        }
    }

    private static List<String> append(List<String> list, String last) {
        return Stream.concat(list.stream(), Stream.of(last)).toList();
    }

    private static Optional<Long> index(List<String> groups) {
        if (groups.size() > GROUPS_MAX
                || (groups.size() > 1 && groups.getFirst().equals("x000"))) {
            return Optional.empty();
        }
        long index = 0;
        for (int at = 0; at < groups.size(); at++) {
            boolean last = at == groups.size() - 1;
            String group = groups.get(at);
            if (!(last ? LAST : UPPER).matcher(group).matches()) {
                return Optional.empty();
            }
            index = index * 1_000 + Integer.parseInt(last ? group : group.substring(1));
        }
        return Optional.of(index);
    }

    /** The index of the first leaf behind this tile. */
    long end() {
        long unit = level <= 0 ? 1 : 1L << Math.min(62, 8 * level);
        long last = index * FULL_WIDTH + width;
        return unit > Long.MAX_VALUE / last ? Long.MAX_VALUE : last * unit;
    }
}
