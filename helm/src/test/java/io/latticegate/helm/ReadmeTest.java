package io.latticegate.helm;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class ReadmeTest {

    private static final Pattern ROW = Pattern.compile("(?m)^\\| `([A-Za-z.]+)` \\|");

    @Test
    void tableListsExactlyTheValuesThatExist() throws IOException {
        Set<String> listed = ROW.matcher(
                        Files.readString(Chart.umbrella().folder().resolve("README.md")))
                .results()
                .map(row -> row.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
        Set<String> existing = new TreeSet<>();
        Chart.SERVICES.forEach(service -> collect("", Chart.service(service).values(), existing));
        assertThat(listed).isEqualTo(existing);
    }

    private static void collect(String prefix, JsonNode values, Set<String> into) {
        values.properties().forEach(entry -> {
            if (entry.getValue().isObject() && !entry.getValue().isEmpty()) {
                collect(prefix + entry.getKey() + ".", entry.getValue(), into);
            } else {
                into.add(prefix + entry.getKey());
            }
        });
    }
}
