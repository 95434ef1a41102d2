package io.latticegate.helm;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigInteger;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;

/**
 * Who may open a connection to whom, by the NetworkPolicies of one namespace
 * (<a href="https://kubernetes.io/docs/concepts/services-networking/network-policies/">Kubernetes: Network Policies</a>).
 * Where network plug-ins differ, the evaluator takes the reading that lets more through: an ipBlock also matches pods.
 *
 * @param policies the NetworkPolicy objects
 */
record Cluster(List<JsonNode> policies) {

    /**
     * One end of a connection: a pod, or a host outside when {@code namespace} is empty.
     *
     * @param name for messages
     * @param namespace where the pod is
     * @param labels of the pod
     * @param address its IP address
     */
    record Peer(String name, String namespace, Map<String, String> labels, String address) {}

    boolean reaches(Peer from, Peer to, String protocol, int port) {
        return passes("Egress", from, to, protocol, port) && passes("Ingress", to, from, protocol, port);
    }

    private boolean passes(String direction, Peer owner, Peer other, String protocol, int port) {
        List<JsonNode> selecting = policies.stream()
                .filter(it -> it.at("/metadata/namespace").asText().equals(owner.namespace()))
                .filter(it -> matches(it.at("/spec/podSelector"), owner.labels()))
                .filter(it -> values(it.at("/spec/policyTypes")).contains(direction))
                .toList();
        return selecting.isEmpty()
                || selecting.stream().anyMatch(policy -> anyRule(policy, direction, other, protocol, port));
    }

    private static boolean anyRule(JsonNode policy, String direction, Peer other, String protocol, int port) {
        boolean ingress = direction.equals("Ingress");
        String namespace = policy.at("/metadata/namespace").asText();
        for (JsonNode rule : policy.at(ingress ? "/spec/ingress" : "/spec/egress")) {
            if (anyPeer(rule.path(ingress ? "from" : "to"), namespace, other)
                    && anyPort(rule.path("ports"), protocol, port)) {
                return true;
            }
        }
        return false;
    }

    private static boolean anyPeer(JsonNode peers, String namespace, Peer other) {
        if (peers.isEmpty()) {
            return true;
        }
        for (JsonNode peer : peers) {
            if (peer.has("ipBlock") ? inBlock(peer.get("ipBlock"), other.address()) : selects(peer, namespace, other)) {
                return true;
            }
        }
        return false;
    }

    private static boolean selects(JsonNode peer, String namespace, Peer other) {
        if (other.namespace().isEmpty()) {
            return false;
        }
        boolean inNamespace = peer.has("namespaceSelector")
                ? matches(peer.get("namespaceSelector"), Map.of("kubernetes.io/metadata.name", other.namespace()))
                : other.namespace().equals(namespace);
        return inNamespace && (!peer.has("podSelector") || matches(peer.get("podSelector"), other.labels()));
    }

    private static boolean anyPort(JsonNode ports, String protocol, int port) {
        if (ports.isEmpty()) {
            return true;
        }
        for (JsonNode it : ports) {
            int first = it.path("port").asInt();
            if (it.path("protocol").asText("TCP").equals(protocol)
                    && port >= first
                    && port <= it.path("endPort").asInt(first)) {
                return true;
            }
        }
        return false;
    }

    static boolean matches(JsonNode selector, Map<String, String> labels) {
        if (selector.has("matchExpressions")) {
            throw new IllegalArgumentException("no chart of ours uses matchExpressions: " + selector);
        }
        return labels.entrySet()
                .containsAll(Rendering.strings(selector.path("matchLabels")).entrySet());
    }

    private static boolean inBlock(JsonNode block, String address) {
        if (!inCidr(block.get("cidr").asText(), address)) {
            return false;
        }
        return values(block.path("except")).stream().noneMatch(it -> inCidr(it, address));
    }

    static boolean inCidr(String cidr, String address) {
        String[] parts = cidr.split("/", -1);
        byte[] network = InetAddress.ofLiteral(parts[0]).getAddress();
        byte[] host = InetAddress.ofLiteral(address).getAddress();
        int dropped = network.length * 8 - Integer.parseInt(parts[1]);
        return network.length == host.length
                && new BigInteger(1, network).shiftRight(dropped).equals(new BigInteger(1, host).shiftRight(dropped));
    }

    private static List<String> values(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false)
                .map(JsonNode::asText)
                .toList();
    }
}
