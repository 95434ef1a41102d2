package io.latticegate.admin.analytics;

import java.util.Arrays;
import java.util.Collection;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/**
 * Which dimensions a row of table {@code analytics_rollup} keeps apart. Every ended request is summed once in each grouping,
 * so that a question reads the smallest one that has what it asks for, and all groupings have the same sums.
 *
 * <p>The codes are in the database and never change. A grouping that has {@link #keysMax} keys takes no further ones: what
 * clients can make up at will is then counted as {@link Facets#OTHER}.
 */
@SuppressWarnings("ImmutableEnumChecker") // nobody changes the sets
enum Grouping {
    TOTAL(0, 1),
    TRAFFIC(
            1,
            20_000,
            Dimension.MODEL,
            Dimension.PROVIDER,
            Dimension.ENDPOINT,
            Dimension.OUTCOME,
            Dimension.ERROR_CLASS),
    PROJECT(2, 50_000, Dimension.PROJECT),
    TOKEN(3, 500_000, Dimension.PROJECT, Dimension.TOKEN),
    WALLET(4, 200_000, Dimension.WALLET),
    USER(5, 500_000, Dimension.USER),
    /** All of them, kept by hour and day only: by minute it would have nearly a row per request. */
    ALL(6, 1_000_000, Dimension.values());

    private final int code;
    private final int keysMax;
    private final Set<Dimension> dimensions;

    Grouping(int code, int keysMax, Dimension... dimensions) {
        this.code = code;
        this.keysMax = keysMax;
        this.dimensions = dimensions.length == 0 ? Set.of() : EnumSet.copyOf(Arrays.asList(dimensions));
    }

    int code() {
        return code;
    }

    int keysMax() {
        return keysMax;
    }

    boolean has(Dimension dimension) {
        return dimensions.contains(dimension);
    }

    boolean keeps(Resolution resolution) {
        return this != ALL || resolution != Resolution.MINUTE;
    }

    /** The smallest grouping that tells all of {@code wanted} apart at that resolution. */
    static Optional<Grouping> covering(Collection<Dimension> wanted, Resolution resolution) {
        return Arrays.stream(values())
                .filter(grouping -> grouping.keeps(resolution) && grouping.dimensions.containsAll(wanted))
                .findFirst();
    }
}
