package io.latticegate.helm;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class LintTest {

    @ParameterizedTest
    @MethodSource("io.latticegate.helm.Chart#all")
    void passesStrictLint(Chart chart) {
        var result = chart.lint();
        assertThat(result.isFailed()).as("%s", result.getMessages()).isFalse();
    }

    @ParameterizedTest
    @MethodSource("io.latticegate.helm.Chart#all")
    void rendersAlone(Chart chart) {
        int services = chart.equals(Chart.umbrella()) ? Chart.SERVICES.size() : 1;
        assertThat(chart.render(Map.of()).workloads()).hasSize(services);
    }

    @Test
    void disabledServicesLeaveNothingBehind() {
        var rendering = Chart.umbrella().render(Chart.values("""
                {'auth-service': {'enabled': false}, 'vault-service': {'enabled': false},
                 'fhe-service': {'enabled': false}, 'admin-service': {'enabled': false}}"""));
        assertThat(rendering.resources())
                .isNotEmpty()
                .allSatisfy(it -> assertThat(Rendering.nameOf(it)).startsWith("lg-proxy-service"));
    }

    @Test
    void allServicesShareOneSetOfGlobalDefaults() {
        JsonNode expected = Chart.umbrella().values().get("global");
        assertThat(Chart.all())
                .allSatisfy(chart -> assertThat(chart.values().get("global"))
                        .as(chart.name())
                        .isEqualTo(expected));
    }

    @Test
    void allChartsCarryTheVersionOfTheUmbrella() {
        JsonNode umbrella =
                Chart.yaml(Chart.umbrella().folder().resolve("Chart.yaml")).getFirst();
        assertThat(Chart.SERVICES).allSatisfy(service -> {
            JsonNode chart = Chart.yaml(Chart.service(service).folder().resolve("Chart.yaml"))
                    .getFirst();
            assertThat(chart.get("version")).isEqualTo(umbrella.get("version"));
            assertThat(chart.get("appVersion")).isEqualTo(umbrella.get("appVersion"));
        });
    }
}
