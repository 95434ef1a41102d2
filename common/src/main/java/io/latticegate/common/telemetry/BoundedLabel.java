package io.latticegate.common.telemetry;

import io.micrometer.core.instrument.Tag;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A metric's label whose values come from outside, such as a model: the first so many distinct values are kept, every
 * further one counts as {@code other}, so that a client cannot grow the metrics without end.
 */
public final class BoundedLabel {
    /** Longest value; longer ones count as {@code other}. */
    public static final int LENGTH_MAX = 64;

    private static final String OTHER = "other";

    private final String name;
    private final int valuesMax;
    private final Tag other;
    private final Map<String, Tag> tags = new ConcurrentHashMap<>();

    /** @param valuesMax distinct values, 1 to 10,000, besides {@code other} */
    public BoundedLabel(String name, int valuesMax) {
        if (valuesMax < 1 || valuesMax > 10_000) {
            throw new IllegalArgumentException("a label has 1 to 10000 values, not " + valuesMax);
        }
        this.name = name;
        this.valuesMax = valuesMax;
        this.other = Tag.of(name, OTHER);
    }

    public Tag of(String value) {
        Tag known = tags.get(value);
        return known == null ? admit(value) : known;
    }

    private synchronized Tag admit(String value) {
        if (value.isEmpty()
                || value.length() > LENGTH_MAX
                || value.chars().anyMatch(letter -> letter < 0x21 || letter > 0x7E)
                || (tags.size() >= valuesMax && !tags.containsKey(value))) {
            return other;
        }
        return tags.computeIfAbsent(value, admitted -> Tag.of(name, admitted));
    }
}
