package io.latticegate.helm;

import java.util.Map;
import java.util.stream.Stream;

/**
 * A way to install the umbrella chart.
 *
 * @param name what it shows
 * @param values what it sets
 */
record Variant(String name, Map<String, Object> values) {

    private static Variant of(String name, String relaxedJson) {
        return new Variant(name, Chart.values(relaxedJson));
    }

    static Stream<Variant> all() {
        return Stream.of(
                of("defaults", "{}"),
                of("smallest cluster", """
                        {'auth-service': {'replicas': 1}, 'vault-service': {'replicas': 1},
                         'proxy-service': {'replicas': 1}, 'fhe-service': {'enabled': false}}"""),
                of("cert-manager", """
                        {'global': {'mesh': {'name': 'blue'},
                         'certManager': {'enabled': true, 'issuerRef': {'name': 'mesh-ca'}}}}"""),
                of("ingress with TLS", """
                        {'proxy-service': {'ingress': {'enabled': true, 'className': 'nginx', 'hosts': ['llm.example.com'],
                         'tlsSecretName': 'llm-tls', 'annotations': {'nginx.ingress.kubernetes.io/proxy-buffering': 'off'}},
                         'networkPolicy': {'dataFrom': [{'namespaceSelector': {'matchLabels':
                           {'kubernetes.io/metadata.name': 'ingress-nginx'}}}]}}}"""),
                of("ingress without TLS", """
                        {'proxy-service': {'ingress': {'enabled': true, 'hosts': ['llm.example.com', '*.llm.example.com']}}}"""),
                of("load balancer on 443", """
                        {'proxy-service': {'service': {'type': 'LoadBalancer', 'port': 443,
                         'annotations': {'example.com/scheme': 'internal'}, 'loadBalancerSourceRanges': ['192.0.2.0/24']},
                         'networkPolicy': {'dataFrom': [{'ipBlock': {'cidr': '192.0.2.0/24'}}]}}}"""),
                of("autoscaled edge", "{'proxy-service': {'autoscaling': {'enabled': true, 'maxReplicas': 20}}}"),
                of("GPU", """
                        {'fhe-service': {'gpu': {'enabled': true, 'count': 2}, 'runtimeClassName': 'nvidia',
                         'nodeSelector': {'nvidia.com/gpu.present': 'true'}}}"""),
                of("MIG slice, no toleration", """
                        {'fhe-service': {'gpu': {'enabled': true, 'resource': 'nvidia.com/mig-1g.10gb', 'tolerate': false}}}"""),
                of("two key-encryption keys", """
                        {'vault-service': {'encryption': {'active': 'k2', 'keys': [
                         {'id': 'k1', 'secretName': 'vault-secrets', 'key': 'encryption-key'},
                         {'id': 'k2', 'secretName': 'vault-secrets-2', 'key': 'encryption-key'}]}}}"""),
                of("private registry and digest", """
                        {'global': {'imageRegistry': 'registry.example.com/', 'imagePullSecrets': ['pull']},
                         'proxy-service': {'image': {'tag': '9.9.9', 'digest':
                         'sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef'}},
                         'auth-service': {'image': {'tag': '1.2.3', 'pullPolicy': 'Always'}}}"""),
                of("own configuration and secrets", """
                        {'global': {'config': {'logging': {'level': 'warn'}, 'mesh': {'region': 'eu-1'}}},
                         'proxy-service': {'secretEnv': [
                           {'name': 'OPENAI_API_KEY', 'secretName': 'api-keys', 'key': 'openai-key'},
                           {'name': 'GEMINI_API_KEY', 'secretName': 'api-keys', 'key': 'gemini-key', 'optional': true}],
                          'config': {'logging': {'level': 'debug'}, 'server': {'max_concurrent_requests': 10000000,
                           'timeouts': {'stream_idle': '90s'}},
                           'providers': {'openai': {'api_key': '${OPENAI_API_KEY:-}'}}}}}"""),
                of("network opened to named peers", """
                        {'admin-service': {'networkPolicy': {'managementFrom': [{'namespaceSelector': {'matchLabels':
                           {'kubernetes.io/metadata.name': 'monitoring'}}}]}},
                         'vault-service': {'networkPolicy': {'extraEgress': [
                           {'to': [{'ipBlock': {'cidr': '198.51.100.7/32'}}], 'ports': [{'port': 443, 'protocol': 'TCP'}]}],
                           'postgresql': {'port': 5433, 'to': [{'ipBlock': {'cidr': '198.51.100.8/32'}}]}}}}"""),
                of("without network policies", everyService("'networkPolicy': {'enabled': false}")),
                of("without disruption budgets", everyService("'podDisruptionBudget': {'enabled': false}")),
                of("foreign service accounts", everyService("'serviceAccount': {'create': false, 'name': 'mine'}")),
                of(
                        "named service accounts",
                        everyService(
                                "'serviceAccount': {'name': 'mine-too', 'annotations': {'example.com/role': 'kms'}}")),
                of(
                        "hard spread over hosts only",
                        everyService("'topologySpread': {'hostname': 'DoNotSchedule', 'zone': 'Disabled'}")),
                of("no spread", everyService("'topologySpread': {'hostname': 'Disabled', 'zone': 'Disabled'}")),
                of("scheduling and labels", everyService("""
                        'tolerations': [{'key': 'dedicated', 'operator': 'Exists'}], 'nodeSelector': {'disk': 'ssd'},
                        'affinity': {'nodeAffinity': {}}, 'priorityClassName': 'high', 'podLabels': {'team': 'x'},
                        'podAnnotations': {'example.com/note': 'y'}, 'javaOptions': []""")),
                of("other volumes and drain", """
                        {'proxy-service': {'journal': {'size': '10Gi', 'storageClassName': 'fast'},
                         'shutdown': {'preStopSleepSeconds': 20, 'drainSeconds': 600}},
                         'fhe-service': {'scratchSize': '64Gi', 'tmpSize': '128Mi'}}"""));
    }

    private static String everyService(String fields) {
        return Chart.SERVICES.stream()
                .map(service -> "'" + service + "': {" + fields + "}")
                .collect(java.util.stream.Collectors.joining(", ", "{", "}"));
    }

    @Override
    public String toString() {
        return name;
    }
}
