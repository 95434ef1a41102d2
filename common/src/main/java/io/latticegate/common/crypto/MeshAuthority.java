package io.latticegate.common.crypto;

import io.latticegate.common.value.ServiceRole;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Set;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.Time;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * The certificate authority of one mesh: a P-256 key that issues the certificates by which services know each other
 * (RFC 5280; names after SPIFFE). Only the installer and the standalone launcher hold one; services hold what it issued.
 */
public final class MeshAuthority {
    public static final Duration AUTHORITY_VALIDITY = Duration.ofDays(3_650);
    public static final Duration CERTIFICATE_VALIDITY = Duration.ofDays(365);

    /** What every certificate is valid for beside its mesh name. */
    public static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "::1");

    /** Most host names in one certificate. */
    public static final int HOSTS_MAX = 32;

    private static final Duration CLOCK_SKEW = Duration.ofMinutes(5);
    private static final String COMMON_NAME_PREFIX = "Latticegate mesh ";

    private final X509Certificate certificate;
    private final PrivateKey key;
    private final String mesh;
    private final InstantSource clock;
    private final SecureRandom random;

    private MeshAuthority(
            X509Certificate certificate, PrivateKey key, String mesh, InstantSource clock, SecureRandom random) {
        this.certificate = certificate;
        this.key = key;
        this.mesh = mesh;
        this.clock = clock;
        this.random = random;
    }

    /** @param mesh the installation's name: lower-case letters, digits and hyphens, at most 63 */
    public static MeshAuthority create(String mesh, InstantSource clock, SecureRandom random) {
        MeshName.checkMesh(mesh);
        KeyPair pair = keyPair(random);
        X500Name name = commonName(COMMON_NAME_PREFIX + mesh);
        Instant now = clock.instant();
        X509v3CertificateBuilder builder =
                builder(name, name, pair.getPublic(), now, now.plus(AUTHORITY_VALIDITY), random);
        X509Certificate certificate = complete(
                builder,
                pair.getPrivate(),
                List.of(
                        critical(Extension.basicConstraints, new BasicConstraints(0)),
                        critical(Extension.keyUsage, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign)),
                        plain(
                                Extension.subjectKeyIdentifier,
                                keyIdentifiers().createSubjectKeyIdentifier(pair.getPublic()))));
        return new MeshAuthority(certificate, pair.getPrivate(), mesh, clock, random);
    }

    /**
     * Reads {@code ca.crt} and {@code ca.key} of a folder.
     *
     * @throws IllegalArgumentException when they are not a mesh authority or do not belong together
     * @throws UncheckedIOException when a file cannot be read
     */
    public static MeshAuthority read(Path folder, InstantSource clock, SecureRandom random) {
        Path file = folder.resolve(MeshFiles.AUTHORITY_CERTIFICATE);
        X509Certificate certificate = MeshFiles.readCertificate(file);
        String subject = certificate.getSubjectX500Principal().getName();
        String prefix = "CN=" + COMMON_NAME_PREFIX;
        if (!subject.startsWith(prefix) || certificate.getBasicConstraints() < 0) {
            throw new IllegalArgumentException(
                    file + " is not a mesh authority named " + prefix + "<mesh>: " + subject);
        }
        String mesh = subject.substring(prefix.length());
        MeshName.checkMesh(mesh);
        PrivateKey key = MeshFiles.readKey(folder.resolve(MeshFiles.AUTHORITY_KEY), certificate);
        return new MeshAuthority(certificate, key, mesh, clock, random);
    }

    /** Writes what {@link #read} reads; the key file is readable by the owner only. */
    public void write(Path folder) {
        try {
            Files.createDirectories(folder);
        } catch (IOException failed) {
            throw new UncheckedIOException("cannot create " + folder, failed);
        }
        MeshFiles.writeKey(folder.resolve(MeshFiles.AUTHORITY_KEY), key);
        MeshFiles.writeCertificate(folder.resolve(MeshFiles.AUTHORITY_CERTIFICATE), certificate);
    }

    public X509Certificate certificate() {
        return certificate;
    }

    public String mesh() {
        return mesh;
    }

    /** Believes what this authority issued. */
    public MeshTrust trust() {
        return new MeshTrust(certificate, mesh, clock);
    }

    /** An identity that is valid for a year and for loopback addresses. */
    public MeshIdentity issue(ServiceRole role, String node) {
        return issue(role, node, LOOPBACK, CERTIFICATE_VALIDITY);
    }

    /**
     * Issues an identity with a new key pair.
     *
     * @param node lower-case letters, digits, dots and hyphens, at most 63
     * @param hosts DNS names and IP addresses at which others connect to it, at most {@link #HOSTS_MAX}
     * @param validity from now on, at most as long as the authority itself is valid
     */
    public MeshIdentity issue(ServiceRole role, String node, Set<String> hosts, Duration validity) {
        MeshName.checkNode(node);
        Instant now = clock.instant();
        Instant end = now.plus(validity);
        if (hosts.size() > HOSTS_MAX) {
            throw new IllegalArgumentException(
                    "a certificate names at most " + HOSTS_MAX + " hosts, not " + hosts.size());
        }
        if (!validity.isPositive() || end.isAfter(certificate.getNotAfter().toInstant())) {
            throw new IllegalArgumentException("a certificate ends after now and not after its authority ("
                    + certificate.getNotAfter().toInstant() + "), not at " + end);
        }
        VerifiedPeer peer = new VerifiedPeer(role, node, mesh);
        List<GeneralName> names = new ArrayList<>();
        names.add(new GeneralName(GeneralName.uniformResourceIdentifier, MeshName.uri(peer)));
        hosts.stream().sorted().map(MeshAuthority::hostName).forEach(names::add);
        KeyPair pair = keyPair(random);
        X509v3CertificateBuilder builder = builder(
                commonName(COMMON_NAME_PREFIX + mesh), commonName(role.label()), pair.getPublic(), now, end, random);
        X509Certificate issued = complete(
                builder,
                key,
                List.of(
                        critical(Extension.basicConstraints, new BasicConstraints(false)),
                        critical(Extension.keyUsage, new KeyUsage(KeyUsage.digitalSignature)),
                        plain(Extension.extendedKeyUsage, new ExtendedKeyUsage(new KeyPurposeId[] {
                            KeyPurposeId.id_kp_serverAuth, KeyPurposeId.id_kp_clientAuth
                        })),
                        plain(Extension.subjectAlternativeName, new GeneralNames(names.toArray(GeneralName[]::new))),
                        plain(
                                Extension.authorityKeyIdentifier,
                                keyIdentifiers().createAuthorityKeyIdentifier(certificate.getPublicKey()))));
        return new MeshIdentity(peer, issued, pair.getPrivate(), trust(), SealingKeyPair.generate(random));
    }

    private record Field(ASN1ObjectIdentifier id, boolean critical, ASN1Encodable value) {}

    private static Field critical(ASN1ObjectIdentifier id, ASN1Encodable value) {
        return new Field(id, true, value);
    }

    private static Field plain(ASN1ObjectIdentifier id, ASN1Encodable value) {
        return new Field(id, false, value);
    }

    private static GeneralName hostName(String host) {
        boolean address = host.indexOf(':') >= 0 || host.matches("[0-9.]+");
        return new GeneralName(address ? GeneralName.iPAddress : GeneralName.dNSName, host);
    }

    private static X509v3CertificateBuilder builder(
            X500Name issuer, X500Name subject, PublicKey key, Instant now, Instant end, SecureRandom random) {
        BigInteger serial = new BigInteger(126, random).setBit(126);
        return new JcaX509v3CertificateBuilder(issuer, serial, time(now.minus(CLOCK_SKEW)), time(end), subject, key);
    }

    private static X509Certificate complete(X509v3CertificateBuilder builder, PrivateKey signer, List<Field> fields) {
        try {
            for (Field field : fields) {
                builder.addExtension(field.id(), field.critical(), field.value());
            }
            return new JcaX509CertificateConverter()
                    .getCertificate(builder.build(new JcaContentSignerBuilder(MeshTrust.SIGNATURE).build(signer)));
        } catch (IOException | OperatorCreationException | GeneralSecurityException impossible) {
            throw new IllegalStateException("cannot build a P-256 certificate", impossible);
        }
    }

    private static JcaX509ExtensionUtils keyIdentifiers() {
        try {
            return new JcaX509ExtensionUtils();
        } catch (GeneralSecurityException missing) {
            throw new IllegalStateException("this JDK has no SHA-1 for key identifiers", missing);
        }
    }

    private static X500Name commonName(String name) {
        return new X500NameBuilder(BCStyle.INSTANCE).addRDN(BCStyle.CN, name).build();
    }

    private static Time time(Instant instant) {
        return new Time(Date.from(instant));
    }

    private static KeyPair keyPair(SecureRandom random) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"), random);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException missing) {
            throw new IllegalStateException("this JDK has no P-256", missing);
        }
    }
}
