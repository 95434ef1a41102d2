package io.latticegate.helm;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class MonitoringTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Path FOLDER = Chart.umbrella().folder();

    @Test
    void nothingIsProvisionedUnlessAskedFor() {
        Rendering rendering = Chart.umbrella().render(Map.of());
        assertThat(rendering.ofKind("PrometheusRule")).isEmpty();
        assertThat(rendering.ofKind("ConfigMap").map(Rendering::nameOf)).doesNotContain("lg-dashboards");
    }

    @Test
    void everyDashboardIsInTheConfigMapThatGrafanasSidecarFinds() throws IOException {
        Rendering rendering =
                Chart.umbrella().render(Chart.values("{'monitoring': {'dashboards': {'enabled': true}}}"));
        JsonNode map = rendering.one("ConfigMap", "lg-dashboards");
        assertThat(map.at("/metadata/labels/grafana_dashboard").asText()).isEqualTo("1");
        Set<String> provisioned = new TreeSet<>();
        map.get("data").fieldNames().forEachRemaining(provisioned::add);
        try (Stream<Path> files = Files.list(FOLDER.resolve("dashboards"))) {
            assertThat(provisioned)
                    .isEqualTo(files.map(file -> file.getFileName().toString()).collect(Collectors.toSet()))
                    .hasSize(6);
        }
        Set<String> identities = new HashSet<>();
        for (String name : provisioned) {
            JsonNode dashboard = JSON.readTree(map.get("data").get(name).asText());
            assertThat(dashboard)
                    .isEqualTo(JSON.readTree(
                            FOLDER.resolve("dashboards").resolve(name).toFile()));
            assertThat(identities.add(dashboard.get("uid").asText())).as(name).isTrue();
            assertThat(dashboard.get("panels")).isNotEmpty();
            Set<Integer> panels = new HashSet<>();
            dashboard
                    .get("panels")
                    .forEach(panel -> assertThat(panels.add(panel.get("id").asInt()))
                            .as("%s %s", name, panel.get("title"))
                            .isTrue());
        }
    }

    @Test
    void theRulesAreThoseOfTheFile() {
        Rendering rendering = Chart.umbrella()
                .render(Chart.values(
                        "{'monitoring': {'rules': {'enabled': true, 'labels': {'release': 'prometheus'}}}}"));
        JsonNode rule = rendering.one("PrometheusRule", "lg-rules");
        assertThat(rule.at("/metadata/labels/release").asText()).isEqualTo("prometheus");
        assertThat(rule.get("spec"))
                .isEqualTo(Chart.yaml(FOLDER.resolve("rules/latticegate.rules.yml"))
                        .getFirst());
        rule.at("/spec/groups")
                .forEach(group -> group.get("rules").forEach(alert -> {
                    assertThat(alert.at("/labels/severity").asText()).isIn("critical", "warning");
                    assertThat(alert.at("/annotations/summary").asText()).isNotEmpty();
                }));
    }
}
