package io.latticegate.fhe.core.wire;

import io.latticegate.fhe.core.random.ParmsId;
import io.latticegate.fhe.core.random.PublicSeed;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;

/**
 * Writes containers of SEAL 4.1. Uncompressed, the bytes are those that SEAL writes for the same object. A zlib payload is
 * built in memory first, because its size stands before it.
 */
public final class SealWriter {
    /** Writes the members of an object, which is what follows its header. */
    @FunctionalInterface
    private interface Members {
        void write(ContainerOutput out) throws IOException;
    }

    /** Writes CKKS encryption parameters. */
    public static void write(ParameterChain chain, OutputStream out, Compression compression) throws IOException {
        object(out, compression, ParametersReader.objectBytes(chain.keyPrimes()), members -> {
            members.u8(ParametersReader.SCHEME_CKKS);
            members.u64(chain.degree());
            members.u64(chain.keyPrimes());
            for (long prime : chain.primes()) {
                modulus(members, prime);
            }
            modulus(members, 0);
        });
    }

    /** Writes a ciphertext or a public key. */
    public static void write(SealCiphertext ciphertext, OutputStream out, Compression compression) throws IOException {
        object(out, compression, CiphertextBody.objectBytes(ciphertext.shape()), members -> body(members, ciphertext));
    }

    /** Writes a plaintext. */
    public static void write(SealPlaintext plaintext, OutputStream out, Compression compression) throws IOException {
        long size = PlaintextReader.OVERHEAD_BYTES + (long) plaintext.residues().length * Long.BYTES;
        object(out, compression, size, members -> {
            members.parmsId(plaintext.parmsId());
            members.u64(plaintext.residues().length);
            members.f64(plaintext.scale());
            members.array(plaintext.residues());
        });
    }

    /** Writes relinearisation or Galois keys. */
    public static void write(KeySwitchKeys keys, OutputStream out, Compression compression) throws IOException {
        object(out, compression, objectBytes(keys), members -> {
            members.parmsId(keys.parmsId());
            members.u64(keys.keys().size());
            for (List<SealCiphertext> digits : keys.keys()) {
                members.u64(digits.size());
                for (SealCiphertext digit : digits) {
                    members.header(Compression.NONE, CiphertextBody.objectBytes(digit.shape()));
                    body(members, digit);
                }
            }
        });
    }

    /** The bytes of an uncompressed container of this many Galois keys, seeded, under a chain. */
    public static long galoisKeysBytes(ParameterChain chain, int keys) {
        return keySetBytes(chain.degree()) + keys * seededKeyBytes(chain);
    }

    /** The bytes of an uncompressed container of relinearisation keys, seeded, under a chain. */
    public static long relinearisationKeysBytes(ParameterChain chain) {
        return keySetBytes(1) + seededKeyBytes(chain);
    }

    private static long keySetBytes(int indices) {
        return SealHeader.BYTES + ParmsId.BYTES + Long.BYTES + (long) indices * Long.BYTES;
    }

    /** A digit for each data prime. */
    private static long seededKeyBytes(ParameterChain chain) {
        CiphertextShape digit = new CiphertextShape(chain.keyId(), 2, chain.degree(), chain.keyPrimes(), 1.0, true);
        return (chain.keyPrimes() - 1) * CiphertextBody.objectBytes(digit);
    }

    private static long objectBytes(KeySwitchKeys keys) {
        long size = SealHeader.BYTES + ParmsId.BYTES + Long.BYTES;
        for (List<SealCiphertext> digits : keys.keys()) {
            size += Long.BYTES;
            for (SealCiphertext digit : digits) {
                size += CiphertextBody.objectBytes(digit.shape());
            }
        }
        return size;
    }

    private static void modulus(ContainerOutput members, long value) throws IOException {
        members.header(Compression.NONE, ParametersReader.MODULUS_BYTES);
        members.u64(value);
    }

    static void body(ContainerOutput members, SealCiphertext ciphertext) throws IOException {
        CiphertextShape shape = ciphertext.shape();
        members.parmsId(shape.parmsId());
        members.u8(1);
        members.u64(shape.size());
        members.u64(shape.degree());
        members.u64(shape.primes());
        members.f64(shape.scale());
        members.u64(1);
        members.array(ciphertext.residues());
        PublicSeed seed = ciphertext.seed();
        if (seed != null) {
            members.header(Compression.NONE, CiphertextBody.SEED_OBJECT_BYTES);
            members.u8(seed.xof().number());
            members.bytes(seed.bytes());
        }
    }

    private static void object(OutputStream out, Compression compression, long size, Members members)
            throws IOException {
        switch (compression) {
            case NONE -> {
                ContainerOutput plain = new ContainerOutput(out);
                plain.header(Compression.NONE, size);
                members.write(plain);
                plain.flush();
            }
            case ZLIB -> {
                byte[] deflated = deflate(members);
                ContainerOutput plain = new ContainerOutput(out);
                plain.header(Compression.ZLIB, SealHeader.BYTES + (long) deflated.length);
                plain.flush();
                out.write(deflated);
            }
            case ZSTD -> throw new IllegalArgumentException("zstd is read, not written; allowed: NONE, ZLIB");
        }
    }

    private static byte[] deflate(Members members) throws IOException {
        Deflater deflater = new Deflater();
        try {
            ByteArrayOutputStream deflated = new ByteArrayOutputStream();
            DeflaterOutputStream stream = new DeflaterOutputStream(deflated, deflater);
            ContainerOutput plain = new ContainerOutput(stream);
            members.write(plain);
            plain.flush();
            stream.finish();
            return deflated.toByteArray();
        } finally {
            deflater.end();
        }
    }

    private SealWriter() {}
}
