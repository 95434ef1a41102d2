package io.latticegate.helm;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class GoldenTest {

    private static final Pattern SOURCE = Pattern.compile("# Source: latticegate/charts/([a-z-]+)/.*");

    @TestFactory
    Stream<DynamicTest> defaultRenderingIsTheCommittedOne() {
        Map<String, StringBuilder> perService = new TreeMap<>();
        for (String document : Chart.umbrella().render(Map.of()).text().split("(?m)^---\n", -1)) {
            if (document.isBlank()) {
                continue;
            }
            var source = SOURCE.matcher(document);
            assertThat(source.find())
                    .as("every resource belongs to a service: %s", document)
                    .isTrue();
            perService
                    .computeIfAbsent(source.group(1), _ -> new StringBuilder())
                    .append("---\n")
                    .append(document.substring(source.end() + 1));
        }
        assertThat(perService).containsOnlyKeys(Chart.SERVICES);
        Path folder = Chart.MODULE.resolve("src/test/resources/golden");
        return perService.entrySet().stream()
                .map(entry -> DynamicTest.dynamicTest(
                        entry.getKey(),
                        () -> Golden.check(
                                folder.resolve(entry.getKey() + ".yaml"),
                                entry.getValue().toString())));
    }

    @ParameterizedTest
    @MethodSource("io.latticegate.helm.Chart#all")
    void schemaIsPutTogetherFromItsSources(Chart chart) {
        Golden.check(chart.schema(), ValuesSchema.of(chart));
    }
}
