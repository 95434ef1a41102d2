package io.latticegate.fhe.core.wire;

import io.latticegate.fhe.core.key.GaloisKeys;
import io.latticegate.fhe.core.key.SwitchingKey;
import io.latticegate.fhe.core.preset.CkksParameters;
import io.latticegate.fhe.core.ring.KeyDigit;
import io.latticegate.fhe.core.ring.RnsBackend;
import io.latticegate.fhe.core.ring.RnsBase;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Key-switching keys that stay in a memory segment, for example a mapped file, while they are computed with, so that a set of
 * any size takes no heap. The segment holds the keys in the order of their indices, each digit as its two polynomials with
 * seeds expanded; {@link #indices()} and the segment are all that is needed to open it again. A segment that was filled by a
 * reader that then refused the container is of no use. Not safe for use by several threads while it is filled.
 */
public final class MappedKeys implements KeySink {
    private final CkksParameters parameters;
    private final RnsBackend backend;
    private final MemorySegment segment;
    private final RnsBase base;
    private final List<Integer> indices;

    /**
     * An empty segment, to be filled by a {@link KeySwitchKeyReader}.
     *
     * @param segment at least {@link #bytes} long for as many keys as will come, and alive as long as the keys are used
     */
    public MappedKeys(CkksParameters parameters, RnsBackend backend, MemorySegment segment) {
        this(parameters, backend, segment, List.of());
    }

    /** A segment that was filled before with the keys of these indices, in this order. */
    public MappedKeys(CkksParameters parameters, RnsBackend backend, MemorySegment segment, List<Integer> indices) {
        this.parameters = parameters;
        this.backend = backend;
        this.segment = segment;
        this.base = parameters.ring().extended(parameters.topLevel());
        this.indices = new ArrayList<>(indices);
        requireRoom();
    }

    /** How many bytes this many keys take. */
    public static long bytes(CkksParameters parameters, int keys) {
        RnsBase base = parameters.ring().extended(parameters.topLevel());
        long digits = parameters.ring().digits(parameters.topLevel()).size();
        return keys * digits * 2 * base.words() * Long.BYTES;
    }

    /** The indices of the keys in the segment, ascending: 0 for a relinearisation key, (g - 1) / 2 for the element g. */
    public List<Integer> indices() {
        return List.copyOf(indices);
    }

    @Override
    public ResidueSink digit(int index, int digit, CiphertextShape shape) {
        if (digit == 0) {
            indices.add(index);
            requireRoom();
        }
        return ResidueSink.into(segment, at(indices.size() - 1, digit));
    }

    /**
     * The relinearisation key, over the segment's own memory.
     *
     * @throws IllegalStateException when the segment does not hold exactly the key of index 0
     */
    public SwitchingKey relinearisationKey() {
        if (!indices.equals(List.of(0))) {
            throw new IllegalStateException(
                    "a segment with keys of the indices " + indices + "; allowed: index 0 alone");
        }
        return key(0);
    }

    /** The Galois keys, over the segment's own memory. */
    public GaloisKeys galoisKeys() {
        Map<Integer, SwitchingKey> byElement = new HashMap<>();
        for (int place = 0; place < indices.size(); place++) {
            byElement.put(2 * indices.get(place) + 1, key(place));
        }
        return new GaloisKeys(parameters, byElement);
    }

    private SwitchingKey key(int place) {
        int count = parameters.ring().digits(parameters.topLevel()).size();
        long polynomial = polynomialBytes();
        List<KeyDigit> digits = new ArrayList<>();
        for (int digit = 0; digit < count; digit++) {
            long at = at(place, digit);
            digits.add(new KeyDigit(
                    backend.view(base, segment.asSlice(at, polynomial)),
                    backend.view(base, segment.asSlice(at + polynomial, polynomial))));
        }
        return new SwitchingKey(parameters, digits);
    }

    private long at(int place, int digit) {
        return bytes(parameters, place) + 2L * digit * polynomialBytes();
    }

    private long polynomialBytes() {
        return (long) base.words() * Long.BYTES;
    }

    private void requireRoom() {
        long needed = bytes(parameters, indices.size());
        if (segment.byteSize() < needed) {
            throw new IllegalArgumentException("a segment of " + segment.byteSize() + " bytes for " + indices.size()
                    + " keys; allowed: " + needed + " or more");
        }
    }
}
