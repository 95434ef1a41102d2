package io.latticegate.fhe.core.client;

import io.latticegate.fhe.core.random.Blake2b;
import io.latticegate.fhe.core.random.PublicSeed;
import io.latticegate.fhe.core.random.SeedStream;
import io.latticegate.fhe.core.random.Xof;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Arrays;
import javax.security.auth.Destroyable;

/**
 * 64 secret bytes from which a client derives all its keys. What is derived for one label says nothing about another:
 * it is BLAKE2b-512 of the label, keyed with the seed. Public seeds and noise have different labels.
 */
public final class MasterSeed implements Destroyable {
    public static final int BYTES = 64;

    private final byte[] bytes;
    private boolean destroyed;

    /** A copy of these bytes. @throws IllegalArgumentException if they are not 64 */
    public MasterSeed(byte[] bytes) {
        if (bytes.length != BYTES) {
            throw new IllegalArgumentException("a master seed of " + bytes.length + " bytes; allowed are " + BYTES);
        }
        this.bytes = bytes.clone();
    }

    /** A fresh seed. */
    public static MasterSeed generate(SecureRandom random) {
        byte[] bytes = new byte[BYTES];
        random.nextBytes(bytes);
        MasterSeed seed = new MasterSeed(bytes);
        Arrays.fill(bytes, (byte) 0);
        return seed;
    }

    private synchronized byte[] derived(String purpose, String label) {
        if (destroyed) {
            throw new IllegalStateException("the master seed is destroyed");
        }
        byte[] message = ("latticegate fhe v1\0" + purpose + "\0" + label).getBytes(StandardCharsets.UTF_8);
        byte[] derived = new byte[SeedStream.SEED_BYTES];
        Blake2b hash = new Blake2b();
        hash.start(derived.length, bytes);
        hash.update(message, 0, message.length);
        hash.finish(derived, 0);
        return derived;
    }

    /** Secret randomness for a label: secrets and noise. The caller closes it. */
    SeedStream privateStream(String label) {
        byte[] seed = derived("private", label);
        SeedStream stream = new SeedStream(Xof.BLAKE2XB, seed);
        Arrays.fill(seed, (byte) 0);
        return stream;
    }

    /** A seed that will be published with a key. */
    PublicSeed publicSeed(String label) {
        return new PublicSeed(Xof.BLAKE2XB, derived("public", label));
    }

    @Override
    public synchronized void destroy() {
        Arrays.fill(bytes, (byte) 0);
        destroyed = true;
    }

    @Override
    public synchronized boolean isDestroyed() {
        return destroyed;
    }

    @Override
    public String toString() {
        return "MasterSeed(****)";
    }
}
