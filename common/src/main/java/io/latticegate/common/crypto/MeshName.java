package io.latticegate.common.crypto;

import io.latticegate.common.value.ServiceRole;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The name in a mesh certificate: {@code spiffe://latticegate/<mesh>/<service>/<node>} as its only URI. */
final class MeshName {
    private static final String MESH = "[a-z0-9][a-z0-9-]{0,62}";
    private static final String NODE = "[a-z0-9][a-z0-9.-]{0,62}";
    private static final Pattern URI = Pattern.compile("spiffe://latticegate/(" + MESH + ")/([a-z-]+)/(" + NODE + ")");
    private static final int TYPE_URI = 6;

    static String uri(VerifiedPeer peer) {
        return "spiffe://latticegate/" + peer.mesh() + "/" + peer.role().label() + "/" + peer.node();
    }

    static void checkMesh(String mesh) {
        if (!mesh.matches(MESH)) {
            throw new IllegalArgumentException("a mesh name matches " + MESH + ", not " + mesh);
        }
    }

    static void checkNode(String node) {
        if (!node.matches(NODE)) {
            throw new IllegalArgumentException("a node id matches " + NODE + ", not " + node);
        }
    }

    /** The peer that the certificate names, not yet verified. */
    static Optional<VerifiedPeer> in(X509Certificate certificate) {
        List<String> uris;
        try {
            var names = certificate.getSubjectAlternativeNames();
            uris = names == null
                    ? List.of()
                    : names.stream()
                            .filter(name -> name.get(0) instanceof Integer type && type == TYPE_URI)
                            .map(name -> String.valueOf(name.get(1)))
                            .toList();
        } catch (CertificateParsingException malformed) {
            return Optional.empty();
        }
        if (uris.size() != 1) {
            return Optional.empty();
        }
        Matcher parts = URI.matcher(uris.getFirst());
        if (!parts.matches()) {
            return Optional.empty();
        }
        return ServiceRole.fromLabel(parts.group(2))
                .map(role -> new VerifiedPeer(role, parts.group(3), parts.group(1)));
    }

    private MeshName() {}
}
