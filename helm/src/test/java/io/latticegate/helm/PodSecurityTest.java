package io.latticegate.helm;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The rules of the Pod Security Standard <i>restricted</i>, and what this chart promises beyond it. */
class PodSecurityTest {

    private static final Set<String> VOLUMES = Set.of(
            "configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret");

    @ParameterizedTest
    @MethodSource("io.latticegate.helm.Variant#all")
    void everyPodIsRestricted(Variant variant) {
        assertThat(Chart.umbrella().render(variant.values()).workloads())
                .isNotEmpty()
                .allSatisfy(it -> assertThat(violations(Rendering.podOf(it))).isEmpty());
    }

    @ParameterizedTest
    @MethodSource("io.latticegate.helm.Variant#all")
    void everyPodRunsWithoutApiTokenAndWithoutWritableRoot(Variant variant) {
        Rendering rendering = Chart.umbrella().render(variant.values());
        assertThat(rendering.workloads()).allSatisfy(workload -> {
            JsonNode pod = Rendering.podOf(workload);
            assertThat(pod.path("automountServiceAccountToken").asBoolean(true)).isFalse();
            assertThat(pod.path("enableServiceLinks").asBoolean(true)).isFalse();
            assertThat(pod.at("/securityContext/runAsUser").asInt()).isEqualTo(65532);
            assertThat(pod.at("/containers/0/securityContext/readOnlyRootFilesystem")
                            .asBoolean())
                    .isTrue();
        });
        assertThat(rendering.ofKind("ServiceAccount"))
                .allSatisfy(
                        it -> assertThat(it.path("automountServiceAccountToken").asBoolean(true))
                                .isFalse());
    }

    @Test
    void findsEveryWayOutOfTheStandard() {
        Map<String, String> breaches = Map.ofEntries(
                Map.entry("{'hostNetwork': true}", "hostNetwork"),
                Map.entry("{'hostPID': true}", "hostPID"),
                Map.entry(
                        "{'containers': [{'name': 'c'}], 'securityContext': {'seccompProfile': {'type': 'Unconfined'}}}",
                        "seccompProfile"),
                Map.entry("{'volumes': [{'name': 'v', 'hostPath': {'path': '/'}}]}", "volume v"),
                Map.entry("{'securityContext': {'sysctls': [{'name': 'a'}]}}", "sysctls"),
                Map.entry("{'containers': [{'name': 'c', 'securityContext': {'privileged': true}}]}", "privileged"),
                Map.entry("{'containers': [{'name': 'c', 'ports': [{'hostPort': 80}]}]}", "hostPort"),
                Map.entry("{'containers': [{'name': 'c', 'securityContext': {'runAsUser': 0}}]}", "runAsUser"),
                Map.entry(
                        "{'containers': [{'name': 'c', 'securityContext': {'capabilities': {'add': ['SYS_ADMIN']}}}]}",
                        "capabilities"),
                Map.entry("{'initContainers': [{'name': 'i'}]}", "allowPrivilegeEscalation"));
        assertThat(breaches)
                .allSatisfy(
                        (pod, found) -> assertThat(violations(Chart.parse(pod).getFirst()))
                                .anySatisfy(it -> assertThat(it).contains(found)));
    }

    private static List<String> violations(JsonNode pod) {
        var found = new ArrayList<String>();
        for (String host : List.of("hostNetwork", "hostPID", "hostIPC")) {
            if (pod.path(host).asBoolean()) {
                found.add(host);
            }
        }
        JsonNode context = pod.path("securityContext");
        if (!context.path("sysctls").isMissingNode()) {
            found.add("sysctls");
        }
        for (JsonNode volume : pod.path("volumes")) {
            var kinds = new ArrayList<String>();
            volume.fieldNames().forEachRemaining(kinds::add);
            kinds.remove("name");
            if (!VOLUMES.containsAll(kinds)) {
                found.add("volume " + volume.path("name").asText());
            }
        }
        for (String list : List.of("initContainers", "containers", "ephemeralContainers")) {
            for (JsonNode container : pod.path(list)) {
                containerViolations(context, container, found);
            }
        }
        return found;
    }

    private static void containerViolations(JsonNode pod, JsonNode container, List<String> found) {
        JsonNode own = container.path("securityContext");
        if (own.path("privileged").asBoolean()) {
            found.add("privileged");
        }
        if (own.path("allowPrivilegeEscalation").asBoolean(true)) {
            found.add("allowPrivilegeEscalation");
        }
        if (!own.path("runAsNonRoot").asBoolean(pod.path("runAsNonRoot").asBoolean())) {
            found.add("runAsNonRoot");
        }
        if (own.path("runAsUser").asInt(pod.path("runAsUser").asInt(1)) == 0) {
            found.add("runAsUser");
        }
        JsonNode seccomp = (own.has("seccompProfile") ? own : pod).at("/seccompProfile/type");
        if (!Set.of("RuntimeDefault", "Localhost").contains(seccomp.asText())) {
            found.add("seccompProfile");
        }
        var dropped = new ArrayList<String>();
        own.at("/capabilities/drop").forEach(it -> dropped.add(it.asText()));
        boolean adds = false;
        for (JsonNode added : own.at("/capabilities/add")) {
            adds |= !added.asText().equals("NET_BIND_SERVICE");
        }
        if (!dropped.contains("ALL") || adds) {
            found.add("capabilities");
        }
        for (JsonNode port : container.path("ports")) {
            if (port.path("hostPort").asInt() != 0) {
                found.add("hostPort");
            }
        }
    }
}
