package io.latticegate.common.config;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A value as written, before its type is known; every value remembers where it stands. */
sealed interface ConfigValue {
    Source source();

    /**
     * A scalar.
     *
     * @param literal taken as it is: {@code ${…}} and {@code file:} in it mean nothing
     */
    record Text(String text, boolean literal, Source source) implements ConfigValue {}

    /** A sequence. */
    record Items(List<ConfigValue> items, Source source) implements ConfigValue {
        public Items {
            items = List.copyOf(items);
        }
    }

    /** A mapping, in the order of the file. */
    record Section(Map<String, ConfigValue> entries, Source source) implements ConfigValue {
        public Section {
            entries = Collections.unmodifiableMap(new LinkedHashMap<>(entries));
        }

        static Section empty(Source source) {
            return new Section(Map.of(), source);
        }

        /** A section that holds {@code value} at a dotted path and nothing else. */
        static Section holding(String path, ConfigValue value) {
            int dot = path.indexOf('.');
            if (dot < 0) {
                return new Section(Map.of(path, value), value.source());
            }
            Section inner = holding(path.substring(dot + 1), value);
            return new Section(Map.of(path.substring(0, dot), inner), value.source());
        }

        /** This section with {@code upper} laid over it: sections merge, everything else is replaced. */
        Section overlaidBy(Section upper) {
            Map<String, ConfigValue> merged = new LinkedHashMap<>(entries);
            upper.entries.forEach((key, value) -> merged.merge(
                    key,
                    value,
                    (below, above) -> below instanceof Section low && above instanceof Section high
                            ? low.overlaidBy(high)
                            : above));
            return new Section(merged, upper.entries.isEmpty() ? source : upper.source);
        }
    }

    /** {@code null} or {@code ~}: takes back what a lower layer said, so that the default holds. */
    record Nothing(Source source) implements ConfigValue {}

    /** The leaves below {@code value} as dotted paths, for messages. */
    static List<String> leaves(String path, ConfigValue value) {
        List<String> found = new ArrayList<>();
        if (value instanceof Section section && !section.entries().isEmpty()) {
            section.entries().forEach((key, inner) -> found.addAll(leaves(path + "." + key, inner)));
        } else {
            found.add(path);
        }
        return found;
    }
}
