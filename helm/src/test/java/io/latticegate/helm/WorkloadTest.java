package io.latticegate.helm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.gson.JsonElement;
import com.google.gson.JsonParser;
import io.kubernetes.client.openapi.models.V1ConfigMap;
import io.kubernetes.client.openapi.models.V1Deployment;
import io.kubernetes.client.openapi.models.V1Ingress;
import io.kubernetes.client.openapi.models.V1NetworkPolicy;
import io.kubernetes.client.openapi.models.V1PodDisruptionBudget;
import io.kubernetes.client.openapi.models.V1Service;
import io.kubernetes.client.openapi.models.V1ServiceAccount;
import io.kubernetes.client.openapi.models.V1StatefulSet;
import io.kubernetes.client.openapi.models.V2HorizontalPodAutoscaler;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class WorkloadTest {

    private interface Check {
        void validate(JsonElement resource) throws IOException;
    }

    /** What the Kubernetes API accepts, by kind: unknown and missing fields are refused. */
    private static final Map<String, Check> API = Map.of(
            "ConfigMap", V1ConfigMap::validateJsonElement,
            "Deployment", V1Deployment::validateJsonElement,
            "HorizontalPodAutoscaler", V2HorizontalPodAutoscaler::validateJsonElement,
            "Ingress", V1Ingress::validateJsonElement,
            "NetworkPolicy", V1NetworkPolicy::validateJsonElement,
            "PodDisruptionBudget", V1PodDisruptionBudget::validateJsonElement,
            "Service", V1Service::validateJsonElement,
            "ServiceAccount", V1ServiceAccount::validateJsonElement,
            "StatefulSet", V1StatefulSet::validateJsonElement);

    @ParameterizedTest
    @MethodSource("io.latticegate.helm.Variant#all")
    void everyResourceIsWhatTheApiAccepts(Variant variant) throws IOException {
        for (JsonNode resource : Chart.umbrella().render(variant.values()).resources()) {
            String kind = resource.get("kind").asText();
            if (!kind.equals("Certificate")) {
                Objects.requireNonNull(API.get(kind), kind).validate(JsonParser.parseString(resource.toString()));
            }
        }
    }

    @Test
    void apiCheckSeesAnUnknownFieldInsideAPod() {
        String broken = Chart.service("fhe-service")
                .render(Map.of())
                .workload("fhe-service")
                .toString()
                .replace("\"sleep\"", "\"slumber\"");
        assertThatThrownBy(() -> V1Deployment.validateJsonElement(JsonParser.parseString(broken)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("slumber");
    }

    @ParameterizedTest
    @MethodSource("io.latticegate.helm.Variant#all")
    void namesAreUniqueAndNamespaced(Variant variant) {
        Set<String> seen = new HashSet<>();
        assertThat(Chart.umbrella().render(variant.values()).resources()).allSatisfy(resource -> {
            assertThat(resource.at("/metadata/namespace").asText()).isEqualTo(Chart.NAMESPACE);
            assertThat(Rendering.nameOf(resource)).hasSizeLessThanOrEqualTo(63);
            String key = resource.get("kind").asText() + "/" + Rendering.nameOf(resource);
            if (!key.equals("ServiceAccount/mine-too")) {
                assertThat(seen.add(key)).as(key).isTrue();
            }
        });
    }

    @ParameterizedTest
    @MethodSource("io.latticegate.helm.Variant#all")
    void everySelectorMatchesTheLabelsOfItsPods(Variant variant) {
        Rendering rendering = Chart.umbrella().render(variant.values());
        rendering.workloads().forEach(workload -> {
            Map<String, String> labels = Rendering.strings(workload.at("/spec/template/metadata/labels"));
            assertThat(Cluster.matches(workload.at("/spec/selector"), labels)).isTrue();
            workload.at("/spec/template/spec/topologySpreadConstraints")
                    .forEach(it -> assertThat(Cluster.matches(it.get("labelSelector"), labels))
                            .isTrue());
        });
        List<Map<String, String>> pods = rendering
                .workloads()
                .map(it -> Rendering.strings(it.at("/spec/template/metadata/labels")))
                .toList();
        long computing = pods.stream()
                .filter(pod -> "fhe-service".equals(pod.get("app.kubernetes.io/name")))
                .count();
        rendering.ofKind("Service").forEach(service -> {
            Map<String, String> selector = Rendering.strings(service.at("/spec/selector"));
            long selected = pods.stream()
                    .filter(it -> it.entrySet().containsAll(selector.entrySet()))
                    .count();
            String name = Rendering.nameOf(service);
            long expected = name.endsWith("-mesh") ? pods.size() : name.endsWith("-fhe") ? computing : 1;
            assertThat(selected).as(name).isEqualTo(expected);
        });
        for (String kind : List.of("PodDisruptionBudget", "NetworkPolicy")) {
            String path = kind.equals("NetworkPolicy") ? "/spec/podSelector" : "/spec/selector";
            rendering
                    .ofKind(kind)
                    .forEach(it -> assertThat(pods.stream().filter(pod -> Cluster.matches(it.at(path), pod)))
                            .as("%s/%s", kind, Rendering.nameOf(it))
                            .hasSize(1));
        }
    }

    @ParameterizedTest
    @MethodSource("io.latticegate.helm.Variant#all")
    void everyServicePortIsAPortOfTheContainer(Variant variant) {
        Rendering rendering = Chart.umbrella().render(variant.values());
        rendering.ofKind("Service").forEach(service -> {
            Map<String, String> selector = Rendering.strings(service.at("/spec/selector"));
            rendering
                    .workloads()
                    .filter(it -> Rendering.strings(it.at("/spec/template/metadata/labels"))
                            .entrySet()
                            .containsAll(selector.entrySet()))
                    .forEach(it -> assertThat(
                                    Rendering.containerOf(it).get("ports").findValuesAsText("name"))
                            .containsAll(service.at("/spec/ports").findValuesAsText("targetPort")));
        });
    }

    @ParameterizedTest
    @MethodSource("io.latticegate.helm.Variant#all")
    void everyPodIsProbedDrainedAndBounded(Variant variant) {
        assertThat(Chart.umbrella().render(variant.values()).workloads()).allSatisfy(workload -> {
            JsonNode container = Rendering.containerOf(workload);
            assertThat(container.at("/startupProbe/httpGet/path").asText()).isEqualTo("/health/ready");
            assertThat(container.at("/readinessProbe/httpGet/path").asText()).isEqualTo("/health/ready");
            assertThat(container.at("/livenessProbe/httpGet/path").asText()).isEqualTo("/health/live");
            for (String probe : List.of("startupProbe", "readinessProbe", "livenessProbe")) {
                assertThat(container.at("/" + probe + "/httpGet/port").asText()).isEqualTo("management");
            }
            int sleep = container.at("/lifecycle/preStop/sleep/seconds").asInt();
            assertThat(sleep).isPositive();
            assertThat(Rendering.podOf(workload)
                            .get("terminationGracePeriodSeconds")
                            .asInt())
                    .isGreaterThan(sleep + 10);
            assertThat(container.at("/resources/limits/memory").asText()).isNotEmpty();
            assertThat(container.at("/resources/requests/memory").asText()).isNotEmpty();
            assertThat(container.get("volumeMounts").findValuesAsText("name")).hasSameElementsAs(volumes(workload));
        });
    }

    private static Set<String> volumes(JsonNode workload) {
        var names = new HashSet<String>();
        Rendering.podOf(workload)
                .get("volumes")
                .forEach(it -> names.add(it.get("name").asText()));
        workload.at("/spec/volumeClaimTemplates").forEach(it -> names.add(Rendering.nameOf(it)));
        return names;
    }

    @ParameterizedTest
    @CsvSource({
        "auth-service,  StatefulSet, 2",
        "vault-service, StatefulSet, 2",
        "proxy-service, StatefulSet, 3",
        "fhe-service,   Deployment,  1",
        "admin-service, StatefulSet, 1"
    })
    void journalOutlivesThePodWhereThereIsOne(String service, String kind, int replicas) {
        JsonNode workload = Chart.service(service).render(Map.of()).workload(service);
        assertThat(workload.get("kind").asText()).isEqualTo(kind);
        assertThat(workload.at("/spec/replicas").asInt()).isEqualTo(replicas);
        if (kind.equals("StatefulSet")) {
            assertThat(Rendering.nameOf(workload.at("/spec/volumeClaimTemplates/0")))
                    .isEqualTo("data");
            assertThat(workload.at("/spec/persistentVolumeClaimRetentionPolicy/whenDeleted")
                            .asText())
                    .isEqualTo("Retain");
            assertThat(workload.at("/spec/persistentVolumeClaimRetentionPolicy/whenScaled")
                            .asText())
                    .isEqualTo("Retain");
        }
        JsonNode mounts = Rendering.containerOf(workload).get("volumeMounts");
        assertThat(mounts).anySatisfy(it -> {
            assertThat(it.get("name").asText()).isEqualTo("data");
            assertThat(it.get("mountPath").asText()).isEqualTo("/var/lib/latticegate");
        });
    }

    @Test
    void edgeFitsTheStatedContainer() {
        JsonNode resources = Rendering.containerOf(
                        Chart.service("proxy-service").render(Map.of()).workload("proxy-service"))
                .get("resources");
        assertThat(resources)
                .isEqualTo(Chart.parse("{requests: {cpu: 250m, memory: 256Mi}, limits: {cpu: 500m, memory: 512Mi}}")
                        .getFirst());
    }

    @Test
    void imageTagIsTheAppVersionAndADigestWins() {
        Rendering defaults = Chart.umbrella().render(Map.of());
        assertThat(image(defaults, "vault-service")).isEqualTo("latticegate/vault-service:0.1.0");
        Rendering chosen = Chart.umbrella()
                .render(Variant.all()
                        .filter(it -> it.name().equals("private registry and digest"))
                        .findFirst()
                        .orElseThrow()
                        .values());
        assertThat(image(chosen, "auth-service")).isEqualTo("registry.example.com/latticegate/auth-service:1.2.3");
        assertThat(image(chosen, "proxy-service"))
                .isEqualTo("registry.example.com/latticegate/proxy-service"
                        + "@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef");
    }

    private static String image(Rendering rendering, String service) {
        return Rendering.containerOf(rendering.workload(service)).get("image").asText();
    }

    @Test
    void secretsComeFromTheNamedSecrets() {
        Rendering rendering = Chart.umbrella().render(Map.of());
        assertThat(secretEnv(rendering, "auth-service"))
                .containsExactlyInAnyOrderEntriesOf(Map.of(
                        "DATABASE_URL", "auth-service-postgresql/url",
                        "REDIS_URL", "latticegate-redis/url",
                        "TOKEN_PEPPER", "auth-service-token-pepper/pepper"));
        assertThat(secretEnv(rendering, "vault-service"))
                .isEqualTo(Map.of("DATABASE_URL", "vault-service-postgresql/url"));
        assertThat(secretEnv(rendering, "proxy-service")).isEqualTo(Map.of("REDIS_URL", "latticegate-redis/url"));
        assertThat(secretEnv(rendering, "fhe-service")).isEqualTo(Map.of("DATABASE_URL", "fhe-service-postgresql/url"));
        assertThat(secretEnv(rendering, "admin-service"))
                .isEqualTo(Map.of(
                        "AUDIT_SEALING_KEY", "admin-service-sealing-key/key",
                        "DATABASE_URL", "admin-service-postgresql/url",
                        "MANAGEMENT_TOKEN", "admin-service-management-token/token"));
    }

    private static Map<String, String> secretEnv(Rendering rendering, String service) {
        var found = new java.util.HashMap<String, String>();
        Rendering.containerOf(rendering.workload(service)).get("env").forEach(it -> {
            JsonNode secret = it.at("/valueFrom/secretKeyRef");
            if (!secret.isMissingNode()) {
                found.put(
                        it.get("name").asText(),
                        secret.get("name").asText() + "/" + secret.get("key").asText());
            }
        });
        return found;
    }

    @Test
    void gpuIsRequestedOnlyWhenWanted() {
        JsonNode without = Chart.service("fhe-service").render(Map.of()).workload("fhe-service");
        assertThat(without.toString()).doesNotContain("nvidia");
        JsonNode with = Chart.service("fhe-service")
                .render(Chart.values("{'gpu': {'enabled': true, 'count': 2}}"))
                .workload("fhe-service");
        assertThat(with.at("/spec/template/spec/containers/0/resources/limits/nvidia.com~1gpu")
                        .asInt())
                .isEqualTo(2);
        assertThat(with.at("/spec/template/spec/containers/0/resources/requests/nvidia.com~1gpu")
                        .asInt())
                .isEqualTo(2);
        assertThat(with.at("/spec/template/spec/tolerations/0/key").asText()).isEqualTo("nvidia.com/gpu");
        assertThat(with.at("/spec/strategy/rollingUpdate/maxSurge").asInt()).isZero();
    }

    @Test
    void autoscalerTakesThePlaceOfReplicas() {
        Rendering rendering = Chart.service("proxy-service").render(Chart.values("{'autoscaling': {'enabled': true}}"));
        JsonNode workload = rendering.workload("proxy-service");
        assertThat(workload.get("spec").has("replicas")).isFalse();
        JsonNode target =
                rendering.ofKind("HorizontalPodAutoscaler").toList().getFirst().at("/spec/scaleTargetRef");
        assertThat(target.get("kind")).isEqualTo(workload.get("kind"));
        assertThat(target.get("name").asText()).isEqualTo(Rendering.nameOf(workload));
    }

    @Test
    void ingressLeadsToThePortOfTheService() {
        Rendering rendering = Chart.service("proxy-service")
                .render(Chart.values(
                        "{'service': {'port': 443}, 'ingress': {'enabled': true, 'hosts': ['llm.example.com']}}"));
        JsonNode backend =
                rendering.ofKind("Ingress").toList().getFirst().at("/spec/rules/0/http/paths/0/backend/service");
        JsonNode service = rendering.one("Service", backend.get("name").asText());
        assertThat(service.at("/spec/ports/0/port")).isEqualTo(backend.at("/port/number"));
        assertThat(service.at("/spec/ports/0/targetPort").asText()).isEqualTo("http");
    }

    @ParameterizedTest
    @ValueSource(ints = {80, 443})
    void loadBalancerLeadsToTheDataPort(int port) {
        Rendering rendering =
                Chart.service("proxy-service").render(Map.of("service", Map.of("type", "LoadBalancer", "port", port)));
        JsonNode service = rendering.one("Service", "lg-proxy-service").get("spec");
        assertThat(service.get("type").asText()).isEqualTo("LoadBalancer");
        assertThat(service.at("/ports/0/port").asInt()).isEqualTo(port);
        JsonNode ports =
                Rendering.containerOf(rendering.workload("proxy-service")).get("ports");
        assertThat(ports.get(0).get("name")).isEqualTo(service.at("/ports/0/targetPort"));
        assertThat(ports.get(0).get("containerPort").asInt()).isEqualTo(8080);
    }

    @Test
    void providerKeysComeFromASecretOfTheOperator() {
        Rendering rendering = Chart.service("proxy-service").render(Chart.values("""
                {'secretEnv': [{'name': 'OPENAI_API_KEY', 'secretName': 'api-keys', 'key': 'openai-key'},
                               {'name': 'GEMINI_API_KEY', 'secretName': 'api-keys', 'key': 'gemini-key'}]}"""));
        assertThat(secretEnv(rendering, "proxy-service"))
                .containsEntry("OPENAI_API_KEY", "api-keys/openai-key")
                .containsEntry("GEMINI_API_KEY", "api-keys/gemini-key");
    }

    @Test
    void certificateCarriesTheIdentityOfTheService() {
        Rendering rendering = Chart.umbrella().render(Chart.values("""
                {'global': {'mesh': {'name': 'blue'}, 'certManager': {'enabled': true,
                 'issuerRef': {'name': 'mesh-ca', 'kind': 'ClusterIssuer'}}}}"""));
        assertThat(Chart.SERVICES).allSatisfy(service -> {
            JsonNode spec = rendering.one("Certificate", "lg-" + service).get("spec");
            assertThat(spec.at("/uris"))
                    .extracting(JsonNode::asText)
                    .containsExactly("spiffe://latticegate/blue/" + service + "/lg-" + service);
            assertThat(spec.at("/usages")).extracting(JsonNode::asText).contains("server auth", "client auth");
            assertThat(spec.at("/issuerRef/kind").asText()).isEqualTo("ClusterIssuer");
            assertThat(Rendering.podOf(rendering.workload(service)).at("/volumes/1/secret/secretName"))
                    .isEqualTo(spec.get("secretName"));
        });
    }

    @Test
    void certificateIsMountedReadOnlyForTheProcessAlone() {
        assertThat(Chart.umbrella().render(Map.of()).workloads()).allSatisfy(workload -> {
            JsonNode volume = Rendering.podOf(workload).at("/volumes/1/secret");
            assertThat(volume.get("items").findValuesAsText("key")).containsExactly("ca.crt", "tls.crt", "tls.key");
            assertThat(volume.get("defaultMode").asText()).isEqualTo("0440");
            assertThat(Rendering.containerOf(workload).get("volumeMounts"))
                    .filteredOn(it -> it.get("mountPath").asText().startsWith("/run/secrets/")
                            || it.get("mountPath").asText().startsWith("/etc/"))
                    .isNotEmpty()
                    .allMatch(it -> it.path("readOnly").asBoolean());
        });
    }

    @Test
    void everyKeyEncryptionKeyIsMountedUnderItsId() {
        Rendering rendering = Chart.service("vault-service").render(Chart.values("""
                {'encryption': {'active': 'k2', 'keys': [
                  {'id': 'k1', 'secretName': 'old', 'key': 'encryption-key'},
                  {'id': 'k2', 'secretName': 'new', 'key': 'kek'}]}}"""));
        JsonNode encryption = rendering.config("vault-service").get("encryption");
        assertThat(encryption.get("active").asText()).isEqualTo("k2");
        assertThat(encryption.get("required").asBoolean()).isTrue();
        assertThat(encryption.get("keys").findValuesAsText("source"))
                .containsExactly("file:/run/secrets/latticegate/kek/k1", "file:/run/secrets/latticegate/kek/k2");
        JsonNode sources = Rendering.podOf(rendering.workload("vault-service"))
                .findValue("projected")
                .get("sources");
        assertThat(sources.at("/0/secret/items/0/path").asText()).isEqualTo("k1");
        assertThat(sources.at("/1/secret/name").asText()).isEqualTo("new");
    }

    @ParameterizedTest
    @MethodSource("io.latticegate.helm.Chart#all")
    void notesNameEverySecretThatThePodsRead(Chart chart) {
        String notes = chart.notes();
        chart.render(Map.of()).workloads().forEach(workload -> {
            JsonNode pod = Rendering.podOf(workload);
            assertThat(notes).contains(pod.findValuesAsText("secretName"));
            pod.findValues("secretKeyRef")
                    .forEach(it -> assertThat(notes)
                            .contains(it.get("name").asText() + ": "
                                    + it.get("key").asText()));
            pod.findValues("secret").stream()
                    .filter(it -> it.has("name"))
                    .forEach(it -> assertThat(notes).contains(it.get("name").asText()));
        });
    }
}
