package io.latticegate.helm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class SchemaRefusalTest {

    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            auth-service  | {'replica': 3}                                                     | replica
            auth-service  | {'replicas': 0}                                                    | replicas
            auth-service  | {'replicas': 'three'}                                              | replicas
            auth-service  | {'image': {'digest': 'sha256:abc'}}                                | digest
            auth-service  | {'image': {'tag': 'latest'}}                                       | tag
            auth-service  | {'image': {'pullPolicy': 'Sometimes'}}                             | pullPolicy
            auth-service  | {'image': {'registry': 'example.com'}}                             | registry
            auth-service  | {'image': null}                                                    | image
            auth-service  | {'resources': {'limits': {'memory': '512 MB'}}}                    | memory
            auth-service  | {'resources': {'limits': {'memory': null}}}                        | memory
            auth-service  | {'meshTls': {'secretName': ''}}                                    | secretName
            auth-service  | {'tokenPepper': {'secretName': 'Upper_Case'}}                      | secretName
            auth-service  | {'redis': {'url': 'redis://:secret@host'}}                         | url
            auth-service  | {'postgresql': {'key': ''}}                                        | key
            auth-service  | {'global': {'mesh': {'name': 'Not A Label'}}}                      | name
            auth-service  | {'global': {'meshName': 'x'}}                                      | meshName
            auth-service  | {'global': {'certManager': {'enabled': true}}}                     | issuerRef
            auth-service  | {'global': {'certManager': {'duration': '90d'}}}                   | duration
            auth-service  | {'global': {'config': {'redis': {'url': 'redis://host'}}}}         | redis
            auth-service  | {'config': {'loging': {'level': 'info'}}}                          | loging
            auth-service  | {'config': {'mesh': {'name': 'other'}}}                            | name
            auth-service  | {'config': {'storage': {'driver': 'sqlite'}}}                      | driver
            auth-service  | {'config': {'auth': {'jwt': {'hs256_secret': 'hunter2'}}}}         | hs256_secret
            auth-service  | {'secretEnv': [{'name': 'REDIS_URL', 'secretName': 's', 'key': 'k'}]} | name
            auth-service  | {'secretEnv': [{'name': 'X', 'value': 'plain'}]}                   | value
            auth-service  | {'shutdown': {'preStopSleepSeconds': 0}}                           | preStopSleepSeconds
            auth-service  | {'serviceAccount': {'create': false}}                              | name
            auth-service  | {'podDisruptionBudget': {'maxUnavailable': 0}}                     | maxUnavailable
            auth-service  | {'topologySpread': {'zone': 'Sometimes'}}                          | zone
            auth-service  | {'podLabels': {'latticegate.io/mesh': 'other'}}                    | podLabels
            auth-service  | {'networkPolicy': {'managementFrom': [{}]}}                        | managementFrom
            auth-service  | {'networkPolicy': {'managementFrom': [{'ipBlock': {'cidr': '10.0.0.0'}}]}} | cidr
            auth-service  | {'networkPolicy': {'redis': {'to': []}}}                           | redis
            auth-service  | {'networkPolicy': {'dataFrom': []}}                                | dataFrom
            auth-service  | {'networkPolicy': {'extraEgress': [{'to': [{'podSelector': {}}]}]}} | ports
            auth-service  | {'securityContext': {'privileged': true}}                          | securityContext
            auth-service  | {'journal': {'size': 2}}                                           | size
            vault-service | {'encryption': {'keys': []}}                                       | keys
            vault-service | {'encryption': {'keys': [{'id': 'k1', 'value': 'c2VjcmV0'}]}}      | value
            vault-service | {'encryption': {'active': 'k9'}}                                   | k9 is none of encryption.keys (k1)
            vault-service | {'encryption': {'keys': [{'id': 'k1', 'secretName': 'a', 'key': 'k'}, {'id': 'k1', 'secretName': 'b', 'key': 'k'}]}} | k1 stands there twice
            vault-service | {'config': {'encryption': {'required': false}}}                    | required
            auth-service  | {'config': {'auth': {'token_pepper': 'hunter2'}}}                  | token_pepper
            auth-service  | {'shutdown': {'drainSeconds': 601}}                                | drainSeconds
            vault-service | {'service': {'type': 'LoadBalancer'}}                              | service
            proxy-service | {'service': {'type': 'ExternalName'}}                              | type
            proxy-service | {'service': {'port': 70000}}                                       | port
            proxy-service | {'service': {'loadBalancerSourceRanges': ['anywhere']}}            | loadBalancerSourceRanges
            proxy-service | {'ingress': {'enabled': true}}                                     | hosts
            proxy-service | {'ingress': {'enabled': true, 'hosts': ['http://x']}}              | hosts
            proxy-service | {'autoscaling': {'enabled': true, 'minReplicas': 9, 'maxReplicas': 3}} | minReplicas: 9 is more than
            proxy-service | {'config': {'server': {'port': 9000}}}                             | port
            proxy-service | {'config': {'providers': {'openai': {'api_key': 'plain-text-key'}}}} | api_key
            proxy-service | {'config': {'providers': {'openai': {'api_keys': [{'key': 'plain-text-key'}]}}}} | key
            proxy-service | {'tmpSize': '0'}                                                   | tmpSize
            fhe-service   | {'gpu': {'enabled': true, 'count': 0}}                             | count
            fhe-service   | {'gpu': {'resource': 'gpu'}}                                       | resource
            fhe-service   | {'service': {'type': 'LoadBalancer'}}                              | type
            fhe-service   | {'journal': {'size': '2Gi'}}                                       | journal
            admin-service | {'managementToken': 'hunter2'}                                     | managementToken
            admin-service | {'config': {'management': {'management_token': 'hunter2'}}}        | management_token
            admin-service | {'probes': {'liveness': {'path': '/'}}}                            | path
            latticegate   | {'auth': {'replicas': 3}}                                          | auth
            latticegate   | {'auth-service': {'enabled': 'yes'}}                               | enabled
            latticegate   | {'vault-service': {'replicas': -1}}                                | replicas
            latticegate   | {'global': {'mesh': {'port': 7800}}}                               | port
            """)
    void refusesBadValue(String chart, String values, String named) {
        Chart target = chart.equals("latticegate") ? Chart.umbrella() : Chart.service(chart);
        Map<String, Object> bad = Chart.values(values);
        assertThatThrownBy(() -> target.render(bad))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining(named);
    }

    @ParameterizedTest
    @MethodSource("io.latticegate.helm.Variant#all")
    void acceptsEveryVariant(Variant variant) {
        assertThat(Chart.umbrella().render(variant.values()).resources()).isNotEmpty();
    }
}
