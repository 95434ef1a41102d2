package io.latticegate.fhe.core.wire;

import io.latticegate.fhe.core.random.ParmsId;
import io.latticegate.fhe.core.random.PublicSeed;
import io.latticegate.fhe.core.wire.ContainerException.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Reads relinearisation or Galois keys of one parameter chain (native/src/seal/kswitchkeys.cpp): parms_id, the number of
 * indices, and for each the number of its digits followed by the digits as objects of their own. A key has one digit per
 * prime of the highest data level, or is absent.
 */
public final class KeySwitchKeyReader {
    private final ParameterChain chain;
    private final String object;
    private final int indices;
    private final int keysMax;

    private KeySwitchKeyReader(ParameterChain chain, String object, int indices, int keysMax) {
        if (chain.keyPrimes() < 2) {
            throw new IllegalArgumentException("a chain of one prime has no key switching; allowed: 2 primes or more");
        }
        this.chain = chain;
        this.object = object;
        this.indices = indices;
        this.keysMax = keysMax;
    }

    /** A reader for relinearisation keys: one key, for the square of the secret. */
    public static KeySwitchKeyReader relinearisation(ParameterChain chain) {
        return new KeySwitchKeyReader(chain, "relinearisation keys", 1, 1);
    }

    /**
     * A reader for Galois keys.
     *
     * @param keysMax the most keys that are accepted, from 1 to N
     */
    public static KeySwitchKeyReader galois(ParameterChain chain, int keysMax) {
        if (keysMax < 1 || keysMax > chain.degree()) {
            throw new IllegalArgumentException(keysMax + " keys; allowed: 1 to " + chain.degree());
        }
        return new KeySwitchKeyReader(chain, "Galois keys", chain.degree(), keysMax);
    }

    /** The greatest container that this reader accepts, in bytes, when it is not compressed. */
    public long bytesMax() {
        long digit = CiphertextBody.objectBytesMax(2, chain.keyPrimes(), chain.degree());
        return SealHeader.BYTES
                + ParmsId.BYTES
                + Long.BYTES
                + (long) indices * Long.BYTES
                + (long) keysMax * chain.dataPrimes() * digit;
    }

    /**
     * Reads keys as they are stored.
     *
     * @param in holds one container and nothing behind it; not closed
     * @throws ContainerException when the container is refused
     */
    public KeySwitchKeys read(InputStream in) throws IOException {
        List<List<SealCiphertext>> keys = new ArrayList<>(Collections.nCopies(indices, List.of()));
        read(in, (index, digit, shape, body) -> {
            if (digit == 0) {
                keys.set(index, new ArrayList<>(chain.dataPrimes()));
            }
            long[] residues = new long[shape.storedWords()];
            PublicSeed seed = body.residues(shape, ResidueSink.into(residues, 0));
            keys.get(index).add(new SealCiphertext(shape, residues, seed));
        });
        keys.replaceAll(List::copyOf);
        return new KeySwitchKeys(chain.keyId(), keys);
    }

    /**
     * Reads keys digit by digit. A refusal can come after residues were given to the sink.
     *
     * @param in holds one container and nothing behind it; not closed
     * @return the number of keys
     * @throws ContainerException when the container is refused
     */
    public int read(InputStream in, KeySink sink) throws IOException {
        return read(in, (index, digit, shape, body) -> body.residuesExpanded(shape, sink.digit(index, digit, shape)));
    }

    private interface DigitTaker {
        void take(int index, int digit, CiphertextShape shape, CiphertextBody body) throws IOException;
    }

    private int read(InputStream in, DigitTaker taker) throws IOException {
        try (ContainerInput container = ContainerInput.open(in, object, SecretKeyShape.bytesMax(chain, bytesMax()))) {
            SecretKeyShape.refuse(chain, container);
            ParmsId id = container.parmsId();
            if (!id.equals(chain.keyId())) {
                throw container.refuse(Reason.PARAMETERS, "parms_id " + id, chain.keyId() + ", the key level");
            }
            long claimed = container.u64();
            if (claimed != indices) {
                throw container.refuse(
                        Reason.SIZE, Long.toUnsignedString(claimed) + " indices", Integer.toString(indices));
            }
            CiphertextBody body = new CiphertextBody(chain, container);
            int keys = 0;
            for (int index = 0; index < indices; index++) {
                long digits = container.u64();
                if (digits == 0) {
                    continue;
                }
                keys++;
                key(container, body, index, digits, keys, taker);
            }
            if (keys == 0) {
                throw container.refuse(Reason.SIZE, "0 keys", "1 to " + keysMax);
            }
            container.end();
            return keys;
        }
    }

    private void key(ContainerInput container, CiphertextBody body, int index, long digits, int keys, DigitTaker taker)
            throws IOException {
        if (digits != chain.dataPrimes()) {
            throw container.refuse(
                    Reason.SIZE,
                    Long.toUnsignedString(digits) + " digits in the key of index " + index,
                    "0 or " + chain.dataPrimes());
        }
        if (keys > keysMax) {
            throw container.refuse(Reason.SIZE, "more than " + keysMax + " keys", "1 to " + keysMax);
        }
        for (int digit = 0; digit < chain.dataPrimes(); digit++) {
            container.enter("index " + index + ", digit " + digit);
            long size = container.nestedHeader();
            CiphertextShape shape = body.keyShape();
            if (size != CiphertextBody.objectBytes(shape)) {
                throw container.refuse(
                        Reason.SIZE,
                        "digit of " + Long.toUnsignedString(size) + " bytes",
                        CiphertextBody.objectBytes(shape) + " bytes");
            }
            taker.take(index, digit, shape, body);
            container.leave();
        }
    }
}
