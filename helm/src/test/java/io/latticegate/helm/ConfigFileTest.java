package io.latticegate.helm;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ConfigFileTest {

    /** Every key of the configuration file; {@code *} stands for a name that the operator chooses. */
    private static final Path KEYS = Chart.MODULE.resolve("src/test/resources/configuration-keys.txt");

    private static final Pattern SECRET_KEY =
            Pattern.compile("(?i).*(url|token|secret|password|pepper|api_key|source)$");
    private static final Pattern REFERENCE = Pattern.compile("\\$\\{[A-Z_]+(:-)?}|file:/run/secrets/.+");

    @ParameterizedTest
    @MethodSource("io.latticegate.helm.Variant#all")
    void writesOnlyKeysThatTheServicesKnow(Variant variant) {
        Rendering rendering = Chart.umbrella().render(variant.values());
        rendering.workloads().forEach(workload -> {
            String service = Rendering.containerOf(workload).get("name").asText();
            assertThat(known()).as(service).containsAll(leaves(rendering.config(service)));
        });
    }

    @Test
    void schemaOffersTheSectionsOfTheConfigurationFile() throws IOException {
        JsonNode schema = new ObjectMapper()
                .readTree(Chart.service("proxy-service").schema().toFile());
        Set<String> sections =
                known().stream().map(key -> key.replaceAll("\\..*", "")).collect(Collectors.toSet());
        assertThat(schema.at("/definitions/config/properties").fieldNames())
                .toIterable()
                .containsExactlyInAnyOrderElementsOf(sections);
    }

    private static List<String> known() {
        try {
            return Files.readAllLines(KEYS);
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        }
    }

    @ParameterizedTest
    @MethodSource("io.latticegate.helm.Variant#all")
    void writesNoSecretInPlainText(Variant variant) {
        Rendering rendering = Chart.umbrella().render(variant.values());
        assertThat(rendering.ofKind("Secret")).isEmpty();
        rendering
                .ofKind("ConfigMap")
                .forEach(map -> assertReferences(
                        Chart.parse(map.at("/data/latticegate.yaml").asText()).getFirst()));
        rendering
                .workloads()
                .forEach(workload -> Rendering.containerOf(workload)
                        .get("env")
                        .forEach(it -> assertThat(it.has("valueFrom")
                                        || it.get("name").asText().equals("JDK_JAVA_OPTIONS"))
                                .as("%s", it)
                                .isTrue()));
    }

    /** Each {@code ${NAME}} without a default must be in the environment of the pod, or the service refuses to start. */
    @ParameterizedTest
    @MethodSource("io.latticegate.helm.Variant#all")
    void everyReferenceIsInTheEnvironmentOrMounted(Variant variant) {
        Rendering rendering = Chart.umbrella().render(variant.values());
        rendering.workloads().forEach(workload -> {
            JsonNode container = Rendering.containerOf(workload);
            String config = rendering.config(container.get("name").asText()).toString();
            List<String> environment = container.get("env").findValuesAsText("name");
            var named = Pattern.compile("\\$\\{([A-Z_]+)}").matcher(config);
            while (named.find()) {
                assertThat(environment).contains(named.group(1));
            }
            List<String> mounts = container.get("volumeMounts").findValuesAsText("mountPath");
            var paths = Pattern.compile("/run/secrets/[a-z0-9./]+(?=/)").matcher(config);
            while (paths.find()) {
                assertThat(mounts).contains(paths.group());
            }
        });
    }

    @Test
    void serviceConfigWinsOverGlobalAndChartWinsOverBoth() {
        Rendering rendering = Chart.umbrella().render(Chart.values("""
                {'global': {'config': {'logging': {'level': 'warn', 'format': 'json'}, 'profile': 'staging'}},
                 'auth-service': {'config': {'logging': {'level': 'debug'}}}}"""));
        assertThat(rendering.config("auth-service").at("/logging/level").asText())
                .isEqualTo("debug");
        assertThat(rendering.config("auth-service").at("/logging/format").asText())
                .isEqualTo("json");
        assertThat(rendering.config("vault-service").at("/logging/level").asText())
                .isEqualTo("warn");
        assertThat(rendering.config("vault-service").at("/profile").asText()).isEqualTo("staging");
    }

    @Test
    void largeIntegersStayIntegers() {
        Rendering rendering = Chart.service("proxy-service")
                .render(
                        Chart.values(
                                "{'config': {'server': {'max_concurrent_requests': 123456789}, 'cache': {'max_object_bytes': 1048576}}}"));
        assertThat(rendering
                        .config("proxy-service")
                        .at("/server/max_concurrent_requests")
                        .toString())
                .isEqualTo("123456789");
        assertThat(rendering
                        .config("proxy-service")
                        .at("/cache/max_object_bytes")
                        .toString())
                .isEqualTo("1048576");
    }

    @Test
    void discoveryAsksTheHeadlessServiceOfTheSameRelease() {
        Rendering rendering =
                Chart.umbrella().render(Chart.values("{'global': {'mesh': {'clusterDomain': 'corp.local'}}}"));
        assertThat(Chart.SERVICES).allSatisfy(service -> {
            JsonNode discovery = rendering.config(service).at("/mesh/discovery");
            assertThat(discovery.get("mode").asText()).isEqualTo("kubernetes");
            String[] name = discovery.get("service_dns").asText().split("\\.", 2);
            assertThat(name[1]).isEqualTo(Chart.NAMESPACE + ".svc.corp.local");
            JsonNode headless = rendering.one("Service", name[0]).get("spec");
            assertThat(headless.get("clusterIP").asText()).isEqualTo("None");
            assertThat(headless.get("publishNotReadyAddresses").asBoolean()).isTrue();
        });
    }

    @Test
    void changedConfigurationRollsThePods() {
        String checksum = "/spec/template/metadata/annotations/checksum~1config";
        Chart chart = Chart.service("auth-service");
        assertThat(chart.render(Chart.values("{'config': {'logging': {'level': 'debug'}}}"))
                        .workload("auth-service")
                        .at(checksum))
                .isNotEqualTo(chart.render(Map.of()).workload("auth-service").at(checksum));
    }

    private static void assertReferences(JsonNode node) {
        if (node.isArray()) {
            node.forEach(ConfigFileTest::assertReferences);
        }
        node.properties().forEach(entry -> {
            if (entry.getValue().isValueNode()
                    && SECRET_KEY.matcher(entry.getKey()).matches()) {
                assertThat(entry.getValue().asText()).as(entry.getKey()).matches(REFERENCE);
            }
            assertReferences(entry.getValue());
        });
    }

    private static List<String> leaves(JsonNode object) {
        var leaves = new ArrayList<String>();
        object.properties().forEach(entry -> {
            if (entry.getValue().isObject()) {
                leaves(entry.getValue()).forEach(leaf -> leaves.add(entry.getKey() + "." + leaf));
            } else {
                leaves.add(entry.getKey());
            }
        });
        leaves.replaceAll(leaf -> leaf.replaceFirst("^providers\\.[^.]+", "providers.*"));
        return leaves;
    }
}
