package io.latticegate.common.crypto;

import io.latticegate.common.value.ServiceRole;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.InstantSource;

/**
 * Who this service instance is: its mesh certificate with the private key, with which it signs, and a sealing key pair
 * made anew at each start, to which secrets for this instance are sealed. Closing it wipes the sealing key.
 */
public final class MeshIdentity implements AutoCloseable {
    private final VerifiedPeer self;
    private final X509Certificate certificate;
    private final PrivateKey key;
    private final MeshTrust trust;
    private final SealingKeyPair sealing;

    MeshIdentity(
            VerifiedPeer self, X509Certificate certificate, PrivateKey key, MeshTrust trust, SealingKeyPair sealing) {
        this.self = self;
        this.certificate = certificate;
        this.key = key;
        this.trust = trust;
        this.sealing = sealing;
    }

    /**
     * Reads {@code tls.crt}, {@code tls.key} (PKCS #8) and {@code ca.crt} of a folder.
     *
     * @throws IllegalArgumentException when the certificate is not one that other nodes would believe now, or the key is
     *     another's
     * @throws UncheckedIOException when a file cannot be read
     */
    public static MeshIdentity read(Path folder, InstantSource clock, SecureRandom random) {
        return read(
                folder.resolve(MeshFiles.AUTHORITY_CERTIFICATE),
                folder.resolve(MeshFiles.CERTIFICATE),
                folder.resolve(MeshFiles.KEY),
                clock,
                random);
    }

    /** As {@link #read(Path, InstantSource, SecureRandom)}, with the files named one by one. */
    public static MeshIdentity read(
            Path authorityFile, Path file, Path keyFile, InstantSource clock, SecureRandom random) {
        X509Certificate certificate = MeshFiles.readCertificate(file);
        X509Certificate authority = MeshFiles.readCertificate(authorityFile);
        VerifiedPeer self = MeshName.in(certificate)
                .orElseThrow(() -> new IllegalArgumentException(
                        file + " has no name of the form spiffe://latticegate/<mesh>/<service>/<node>"));
        MeshTrust trust = new MeshTrust(authority, self.mesh(), clock);
        if (trust.peer(certificate).isEmpty()) {
            throw new IllegalArgumentException(file + " is not valid now: it must be issued by the authority in "
                    + authorityFile + " for serverAuth and clientAuth and be in date, but it is valid"
                    + " from " + certificate.getNotBefore().toInstant() + " to "
                    + certificate.getNotAfter().toInstant() + " and names " + MeshName.uri(self));
        }
        PrivateKey key = MeshFiles.readKey(keyFile, certificate);
        return new MeshIdentity(self, certificate, key, trust, SealingKeyPair.generate(random));
    }

    /** Writes what {@link #read} reads; the key file is readable by the owner only. */
    public void write(Path folder) {
        try {
            Files.createDirectories(folder);
        } catch (IOException failed) {
            throw new UncheckedIOException("cannot create " + folder, failed);
        }
        MeshFiles.writeKey(folder.resolve(MeshFiles.KEY), key);
        MeshFiles.writeCertificate(folder.resolve(MeshFiles.CERTIFICATE), certificate);
        MeshFiles.writeCertificate(folder.resolve(MeshFiles.AUTHORITY_CERTIFICATE), trust.authority());
    }

    public ServiceRole role() {
        return self.role();
    }

    public String node() {
        return self.node();
    }

    public String mesh() {
        return self.mesh();
    }

    public X509Certificate certificate() {
        return certificate;
    }

    /** The certificate as it travels beside a signature. */
    public byte[] certificateDer() {
        try {
            return certificate.getEncoded();
        } catch (CertificateEncodingException impossible) {
            throw new IllegalStateException("a parsed certificate has no encoding", impossible);
        }
    }

    /** Verifies others by the authority that issued this identity. */
    public MeshTrust trust() {
        return trust;
    }

    public SealingKeyPair sealing() {
        return sealing;
    }

    /** ECDSA over P-256 with SHA-256, DER-encoded (70 to 72 bytes as a rule). */
    public byte[] sign(byte[] message) {
        return MeshFiles.sign(key, message);
    }

    @Override
    public void close() {
        sealing.close();
    }

    @Override
    public String toString() {
        return "MeshIdentity(" + MeshName.uri(self) + ")";
    }
}
