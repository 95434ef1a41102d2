package io.latticegate.fhe.core.wire.hybrid;

import io.latticegate.fhe.core.modular.Modulus;
import io.latticegate.fhe.core.preset.CkksParameters;
import io.latticegate.fhe.core.random.Blake2b;
import io.latticegate.fhe.core.random.SeedStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** The sizes of a container under one set of parameters. */
record HybridFormat(int degree, List<Integer> primeBits, int digits, byte[] fingerprint) {
    static final byte[] MAGIC = "FHX1".getBytes(StandardCharsets.US_ASCII);
    static final int VERSION = 1;
    static final int FINGERPRINT_BYTES = 32;
    static final int HEADER_BYTES = 8 + FINGERPRINT_BYTES + 2 * Integer.BYTES;
    static final int SEED_BYTES = 1 + SeedStream.SEED_BYTES;
    /** Residues that are packed at a time: their bits are whole words. */
    static final int CHUNK = 1024;

    static HybridFormat of(CkksParameters parameters) {
        List<Integer> bits = parameters.primes().stream()
                .map(prime -> Long.SIZE - Long.numberOfLeadingZeros(prime.value()))
                .toList();
        int digits = parameters.ring().digits(parameters.topLevel()).size();
        return new HybridFormat(parameters.degree(), bits, digits, fingerprint(parameters));
    }

    /** BLAKE2b-256 of N, the number of special primes, that of primes in a digit, and all primes, as 64-bit words. */
    private static byte[] fingerprint(CkksParameters parameters) {
        List<Modulus> primes = parameters.primes();
        ByteBuffer words = ByteBuffer.allocate((3 + primes.size()) * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        words.putLong(parameters.degree());
        words.putLong(parameters.ring().specialCount());
        words.putLong(parameters.ring().digitPrimes());
        primes.forEach(prime -> words.putLong(prime.value()));
        return Blake2b.digest(FINGERPRINT_BYTES, words.array());
    }

    /** The bytes of a container of this many keys. */
    long bytes(int keys) {
        long body = 0;
        for (int bits : primeBits) {
            body += (long) degree / Byte.SIZE * bits;
        }
        return HEADER_BYTES + keys * (Integer.BYTES + digits * (SEED_BYTES + body));
    }

    static int chunkWords(int bits) {
        return CHUNK / Long.SIZE * bits;
    }
}
