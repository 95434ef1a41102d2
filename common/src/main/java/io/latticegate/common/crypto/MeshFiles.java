package io.latticegate.common.crypto;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;

/** Certificates and P-256 keys as PEM files; the names are those of a Kubernetes TLS secret. */
final class MeshFiles {
    static final String AUTHORITY_CERTIFICATE = "ca.crt";
    static final String AUTHORITY_KEY = "ca.key";
    static final String CERTIFICATE = "tls.crt";
    static final String KEY = "tls.key";
    private static final long FILE_MAX_BYTES = 64 * 1024;

    static void writeCertificate(Path file, X509Certificate certificate) {
        try {
            Files.write(file, Pem.encode(Pem.CERTIFICATE, certificate.getEncoded()));
        } catch (IOException failed) {
            throw new UncheckedIOException("cannot write " + file, failed);
        } catch (CertificateException impossible) {
            throw new IllegalStateException("a parsed certificate has no encoding", impossible);
        }
    }

    static void writeKey(Path file, PrivateKey key) {
        byte[] der = key.getEncoded();
        byte[] pem = Pem.encode(Pem.PRIVATE_KEY, der);
        try {
            PrivateFile.replace(file, pem);
        } catch (IOException failed) {
            throw new UncheckedIOException("cannot write " + file, failed);
        } finally {
            Arrays.fill(der, (byte) 0);
            Arrays.fill(pem, (byte) 0);
        }
    }

    static X509Certificate readCertificate(Path file) {
        byte[] der = Pem.decode(Pem.CERTIFICATE, read(file))
                .orElseThrow(() -> new IllegalArgumentException(file + " holds no CERTIFICATE block"));
        try {
            return (X509Certificate)
                    CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der));
        } catch (CertificateException malformed) {
            throw new IllegalArgumentException(file + " holds no X.509 certificate", malformed);
        }
    }

    /** The key in {@code file}, which must be the one that {@code certificate} speaks of. */
    static PrivateKey readKey(Path file, X509Certificate certificate) {
        byte[] text = read(file);
        byte[] der = Pem.decode(Pem.PRIVATE_KEY, text)
                .orElseThrow(() -> new IllegalArgumentException(file + " holds no PRIVATE KEY block (PKCS #8)"));
        try {
            PrivateKey key = KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(der));
            byte[] probe = {1, 2, 3};
            Signature verifier = Signature.getInstance(MeshTrust.SIGNATURE);
            verifier.initVerify(certificate.getPublicKey());
            verifier.update(probe);
            if (!verifier.verify(sign(key, probe))) {
                throw new IllegalArgumentException(
                        "the key in " + file + " does not belong to the certificate beside it");
            }
            return key;
        } catch (GeneralSecurityException malformed) {
            throw new IllegalArgumentException(file + " and its certificate must hold a P-256 key", malformed);
        } finally {
            Arrays.fill(text, (byte) 0);
            Arrays.fill(der, (byte) 0);
        }
    }

    static byte[] sign(PrivateKey key, byte[] message) {
        try {
            Signature signer = Signature.getInstance(MeshTrust.SIGNATURE);
            signer.initSign(key);
            signer.update(message);
            return signer.sign();
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException("cannot sign with this node's P-256 key", impossible);
        }
    }

    private static byte[] read(Path file) {
        try {
            if (Files.size(file) > FILE_MAX_BYTES) {
                throw new IllegalArgumentException(file + " is larger than " + FILE_MAX_BYTES + " bytes");
            }
            return Files.readAllBytes(file);
        } catch (IOException failed) {
            throw new UncheckedIOException("cannot read " + file, failed);
        }
    }

    private MeshFiles() {}
}
