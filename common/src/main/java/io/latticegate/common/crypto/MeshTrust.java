package io.latticegate.common.crypto;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.Signature;
import java.security.cert.CertPathValidator;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Date;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1Primitive;
import org.bouncycastle.asn1.x509.Certificate;
import org.jspecify.annotations.Nullable;

/**
 * Decides which certificates of the mesh authority are believed, and for whom they speak.
 *
 * <p>A certificate is believed when the authority itself issued it (no intermediate), it is in date, it is no authority,
 * may sign, serves for both sides of TLS, and names exactly one peer of this mesh. Certificates that passed are
 * remembered, at most {@link #REMEMBERED_MAX} of them; their dates are checked on every use. Safe for many threads.
 */
public final class MeshTrust {
    /** Certificates remembered after a full verification; the least recently used goes first. */
    public static final int REMEMBERED_MAX = 1_024;

    /** Longest certificate looked at, in bytes. */
    public static final int CERTIFICATE_MAX_BYTES = 8 * 1024;

    static final String SIGNATURE = "SHA256withECDSA";
    private static final Set<String> PURPOSES = Set.of("1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2");

    private final X509Certificate authority;
    private final String mesh;
    private final InstantSource clock;
    private final Map<String, Believed> believed;

    private record Believed(X509Certificate certificate, VerifiedPeer peer) {}

    /** @param mesh the only mesh whose names are believed */
    public MeshTrust(X509Certificate authority, String mesh, InstantSource clock) {
        MeshName.checkMesh(mesh);
        this.authority = authority;
        this.mesh = mesh;
        this.clock = clock;
        this.believed = new LinkedHashMap<>(64, 0.75f, true) {
            private static final long serialVersionUID = 1;

            @Override
            protected boolean removeEldestEntry(Map.Entry<String, Believed> eldest) {
                return size() > REMEMBERED_MAX;
            }
        };
    }

    public X509Certificate authority() {
        return authority;
    }

    /** For whom this DER-encoded certificate speaks, if it is believed. */
    public Optional<VerifiedPeer> peer(byte[] certificateDer) {
        return believe(certificateDer).map(Believed::peer);
    }

    /** For whom this certificate speaks, if it is believed. */
    public Optional<VerifiedPeer> peer(X509Certificate certificate) {
        try {
            return peer(certificate.getEncoded());
        } catch (CertificateException unencodable) {
            return Optional.empty();
        }
    }

    /**
     * Who signed {@code message}: the certificate's peer, if the certificate is believed and the signature is its key's.
     *
     * @param signature as {@link MeshIdentity#sign} makes it
     */
    public Optional<VerifiedPeer> verify(byte[] certificateDer, byte[] message, byte[] signature) {
        return believe(certificateDer)
                .filter(known -> signed(known.certificate(), message, signature))
                .map(Believed::peer);
    }

    private Optional<Believed> believe(byte[] der) {
        if (der.length > CERTIFICATE_MAX_BYTES) {
            return Optional.empty();
        }
        String name = HexFormat.of().formatHex(Sha256.of(der));
        @Nullable Believed known;
        synchronized (believed) {
            known = believed.get(name);
        }
        if (known != null) {
            return Optional.of(known).filter(remembered -> inDate(remembered.certificate()));
        }
        Optional<Believed> fresh = examine(der);
        fresh.ifPresent(found -> {
            synchronized (believed) {
                believed.put(name, found);
            }
        });
        return fresh;
    }

    private Optional<Believed> examine(byte[] der) {
        try {
            CertificateFactory x509 = CertificateFactory.getInstance("X.509");
            if (!(x509.generateCertificate(new ByteArrayInputStream(der)) instanceof X509Certificate certificate)
                    || !unambiguous(der)
                    || !mayIdentify(certificate)) {
                return Optional.empty();
            }
            Optional<VerifiedPeer> peer =
                    MeshName.in(certificate).filter(named -> named.mesh().equals(mesh));
            if (peer.isEmpty() || !inDate(certificate)) {
                return Optional.empty();
            }
            PKIXParameters rules = new PKIXParameters(Set.of(new TrustAnchor(authority, null)));
            rules.setRevocationEnabled(false);
            rules.setDate(Date.from(clock.instant()));
            CertPathValidator.getInstance("PKIX").validate(x509.generateCertPath(List.of(certificate)), rules);
            return Optional.of(new Believed(certificate, peer.get()));
        } catch (GeneralSecurityException notBelieved) {
            return Optional.empty();
        }
    }

    /**
     * Whether the bytes are DER, with a signature of whole bytes, and name the same signature algorithm inside and outside
     * of what is signed (RFC 5280, 4.1.1.2), so that one certificate has one encoding.
     */
    private static boolean unambiguous(byte[] der) {
        try {
            Certificate parsed = Certificate.getInstance(ASN1Primitive.fromByteArray(der));
            return parsed.getSignatureAlgorithm()
                            .equals(parsed.getTBSCertificate().getSignature())
                    && parsed.getSignature().getPadBits() == 0
                    && Arrays.equals(parsed.getEncoded(ASN1Encoding.DER), der);
        } catch (IOException | IllegalArgumentException malformed) {
            return false;
        }
    }

    private static boolean mayIdentify(X509Certificate certificate) throws CertificateException {
        boolean @Nullable [] usage = certificate.getKeyUsage();
        List<String> purposes = certificate.getExtendedKeyUsage();
        return certificate.getBasicConstraints() == -1
                && usage != null
                && usage[0]
                && purposes != null
                && purposes.containsAll(PURPOSES);
    }

    private boolean inDate(X509Certificate certificate) {
        return inDate(certificate, clock.instant()) && inDate(authority, clock.instant());
    }

    static boolean inDate(X509Certificate certificate, Instant now) {
        return !now.isBefore(certificate.getNotBefore().toInstant())
                && !now.isAfter(certificate.getNotAfter().toInstant());
    }

    private static boolean signed(X509Certificate certificate, byte[] message, byte[] signature) {
        try {
            Signature verifier = Signature.getInstance(SIGNATURE);
            verifier.initVerify(certificate.getPublicKey());
            verifier.update(message);
            return verifier.verify(signature);
        } catch (GeneralSecurityException malformed) {
            return false;
        }
    }
}
