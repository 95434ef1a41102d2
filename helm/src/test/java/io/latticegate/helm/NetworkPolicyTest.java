package io.latticegate.helm;

import static org.assertj.core.api.Assertions.assertThat;

import io.latticegate.helm.Cluster.Peer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NetworkPolicyTest {

    private static final int[] PORTS = {22, 53, 80, 443, 5432, 5701, 6379, 7800, 8080, 8081, 8090, 8443, 9090};

    private static final Peer OTHER_MESH =
            new Peer("pod of another mesh", Chart.NAMESPACE, Map.of("latticegate.io/mesh", "other"), "10.0.9.1");
    private static final Peer STRANGER = new Peer("stranger", Chart.NAMESPACE, Map.of("app", "x"), "10.0.9.2");
    private static final Peer IMPOSTOR = new Peer(
            "same labels, other namespace",
            "elsewhere",
            Map.of("latticegate.io/mesh", "default", "app.kubernetes.io/name", "proxy-service"),
            "10.0.9.3");
    private static final Peer PROMETHEUS =
            new Peer("prometheus", "monitoring", Map.of("app", "prometheus"), "10.0.9.4");
    private static final Peer INGRESS = new Peer("ingress", "ingress-nginx", Map.of("app", "nginx"), "10.0.9.5");
    private static final Peer DNS = new Peer("dns", "kube-system", Map.of("k8s-app", "kube-dns"), "10.0.9.6");
    private static final Peer STORE = new Peer("store", "databases", Map.of("app", "pg"), "10.0.9.7");
    private static final Peer CLOUD_STORE = new Peer("cloud store", "", Map.of(), "172.20.1.2");
    private static final Peer PROVIDER = new Peer("provider", "", Map.of(), "203.0.113.9");
    private static final Peer PROVIDER_V6 = new Peer("provider v6", "", Map.of(), "2001:db8::9");
    private static final Peer METADATA = new Peer("cloud metadata", "", Map.of(), "169.254.169.254");
    private static final List<Peer> OUTSIDE = List.of(
            OTHER_MESH,
            STRANGER,
            IMPOSTOR,
            PROMETHEUS,
            INGRESS,
            DNS,
            STORE,
            CLOUD_STORE,
            PROVIDER,
            PROVIDER_V6,
            METADATA);

    private static Cluster cluster(Rendering rendering) {
        return new Cluster(rendering.ofKind("NetworkPolicy").toList());
    }

    private static Map<String, Peer> mesh(Rendering rendering) {
        var address = new int[] {0};
        return Chart.SERVICES.stream()
                .collect(Collectors.toMap(
                        service -> service,
                        service -> new Peer(
                                service,
                                Chart.NAMESPACE,
                                Rendering.strings(rendering.workload(service).at("/spec/template/metadata/labels")),
                                "10.0.1." + ++address[0])));
    }

    /** Every connection that gets through to a pod of the mesh, as {@code from -> to:port}. */
    private static Set<String> inbound(Rendering rendering) {
        Cluster cluster = cluster(rendering);
        Map<String, Peer> mesh = mesh(rendering);
        var open = new TreeSet<String>();
        var everyone = new ArrayList<>(OUTSIDE);
        everyone.addAll(mesh.values());
        for (Peer from : everyone) {
            for (Peer to : mesh.values()) {
                for (int port : PORTS) {
                    for (String protocol : List.of("TCP", "UDP")) {
                        if (!from.equals(to) && cluster.reaches(from, to, protocol, port)) {
                            open.add(from.name() + " -> " + to.name() + ":" + port
                                    + (protocol.equals("UDP") ? "/udp" : ""));
                        }
                    }
                }
            }
        }
        return open;
    }

    private static Set<String> amongTheMesh() {
        var expected = new TreeSet<String>();
        for (String from : Chart.SERVICES) {
            for (String to : Chart.SERVICES) {
                if (!from.equals(to)) {
                    expected.add(from + " -> " + to + ":7800");
                    expected.add(from + " -> " + to + ":5701");
                }
            }
        }
        expected.add("proxy-service -> fhe-service:8090");
        return expected;
    }

    private static Set<String> plus(Set<String> base, String... more) {
        var all = new TreeSet<>(base);
        all.addAll(List.of(more));
        return all;
    }

    @Test
    void onlyPodsOfTheMeshReachTheBusAndNothingElseIsOpen() {
        assertThat(inbound(Chart.umbrella().render(Map.of()))).isEqualTo(amongTheMesh());
    }

    @Test
    void listedPeersReachThePortsListedForThemAndNoOther() {
        var rendering = Chart.umbrella().render(Chart.values("""
                {'proxy-service': {'networkPolicy': {
                   'dataFrom': [{'namespaceSelector': {'matchLabels': {'kubernetes.io/metadata.name': 'ingress-nginx'}}}],
                   'managementFrom': [{'namespaceSelector': {'matchLabels': {'kubernetes.io/metadata.name': 'monitoring'}},
                                       'podSelector': {'matchLabels': {'app': 'prometheus'}}}]}},
                 'admin-service': {'networkPolicy': {'managementFrom': [{'podSelector': {'matchLabels': {'app': 'x'}}}]}}}"""));
        assertThat(inbound(rendering))
                .isEqualTo(plus(
                        amongTheMesh(),
                        "ingress -> proxy-service:8080",
                        "prometheus -> proxy-service:8081",
                        "stranger -> admin-service:8081"));
    }

    @Test
    void vaultIsReachedOnItsBusPortsByThisMeshOnly() {
        assertThat(inbound(Chart.umbrella().render(Map.of())))
                .filteredOn(it -> it.contains("-> vault-service:"))
                .hasSize(8)
                .allMatch(it -> it.endsWith(":7800") || it.endsWith(":5701"));
    }

    @Test
    void servicesReachOnlyWhatTheirWorkNeeds() {
        Rendering rendering = Chart.umbrella().render(Map.of());
        Cluster cluster = cluster(rendering);
        var open = new TreeSet<String>();
        for (Peer from : mesh(rendering).values()) {
            for (Peer to : OUTSIDE) {
                for (int port : PORTS) {
                    for (String protocol : List.of("TCP", "UDP")) {
                        if (cluster.reaches(from, to, protocol, port)) {
                            open.add(from.name() + " -> " + to.name() + ":" + port
                                    + (protocol.equals("UDP") ? "/udp" : ""));
                        }
                    }
                }
            }
        }
        var expected = new TreeSet<String>();
        for (String service : Chart.SERVICES) {
            expected.add(service + " -> dns:53");
            expected.add(service + " -> dns:53/udp");
        }
        for (Peer inside : OUTSIDE.stream()
                .filter(it -> !it.namespace().isEmpty() || it.equals(CLOUD_STORE))
                .toList()) {
            for (String service : List.of("auth-service", "vault-service", "fhe-service", "admin-service")) {
                expected.add(service + " -> " + inside.name() + ":5432");
            }
            for (String service : List.of("auth-service", "proxy-service")) {
                expected.add(service + " -> " + inside.name() + ":6379");
            }
        }
        expected.add("proxy-service -> provider:443");
        expected.add("proxy-service -> provider v6:443");
        assertThat(open).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"auth-service", "vault-service", "proxy-service", "fhe-service", "admin-service"})
    void defaultDenyStandsByItself(String service) {
        Rendering rendering = Chart.service(service).render(Map.of());
        var deny = rendering.one("NetworkPolicy", Rendering.nameOf(rendering.workload(service)) + "-default-deny");
        assertThat(deny.at("/spec/policyTypes")).extracting(it -> it.asText()).containsExactly("Ingress", "Egress");
        assertThat(deny.get("spec").has("ingress") || deny.get("spec").has("egress"))
                .isFalse();
    }

    @Test
    void evaluatorKnowsAddressBlocks() {
        assertThat(Cluster.inCidr("10.0.0.0/8", "10.255.0.1")).isTrue();
        assertThat(Cluster.inCidr("10.0.0.0/8", "11.0.0.1")).isFalse();
        assertThat(Cluster.inCidr("0.0.0.0/0", "203.0.113.9")).isTrue();
        assertThat(Cluster.inCidr("0.0.0.0/0", "2001:db8::9")).isFalse();
        assertThat(Cluster.inCidr("fc00::/7", "fdab::1")).isTrue();
        assertThat(Cluster.inCidr("192.0.2.0/24", "192.0.3.1")).isFalse();
    }

    @Test
    void evaluatorLetsEverythingThroughWithoutPolicies() {
        assertThat(new Cluster(List.of()).reaches(STRANGER, INGRESS, "TCP", 8081))
                .isTrue();
    }
}
