package io.latticegate.fhe.gpu;

import io.latticegate.fhe.core.modular.Modulus;
import io.latticegate.fhe.core.ring.NttTables;
import io.latticegate.fhe.core.ring.Ring;
import io.latticegate.fhe.core.ring.RnsBase;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Supplier;

/** What an engine keeps for one ring as long as it lives: primes, twiddles, and the rows of each kind of launch. */
final class RingTables {
    private static final int PRIME_WORDS = 12;
    private static final int RECIPROCAL_BITS = 62;

    private final Engine engine;
    private final Ring ring;
    private final List<Form> forms = new ArrayList<>();
    private final Block primes;
    private final ConcurrentMap<Key, Rows> rows = new ConcurrentHashMap<>();
    private final ConcurrentMap<Key, Block> constants = new ConcurrentHashMap<>();

    /**
     * For what rows are: an operation's own name, the bases that its positions count in, and a number.
     *
     * @param to base of the result
     * @param a base of the first operand
     * @param b base of the second operand
     * @param number tells apart what differs otherwise
     */
    record Key(String name, RnsBase to, RnsBase a, RnsBase b, int number) {}

    RingTables(Engine engine, Ring ring) {
        this.engine = engine;
        this.ring = ring;
        int count = ring.dataCount() + ring.specialCount();
        long[] words = new long[PRIME_WORDS * count];
        for (int prime = 0; prime < count; prime++) {
            NttTables tables = ring.tables(prime);
            Form form = engine.form(tables.modulus());
            forms.add(form);
            long forward = engine.keep(form.forward(tables)).address();
            long inverse = engine.keep(form.inverse(tables)).address();
            describe(tables.modulus(), forward, inverse, words, PRIME_WORDS * prime);
        }
        this.primes = engine.keep(words);
    }

    private static void describe(Modulus q, long forward, long inverse, long[] words, int at) {
        BigInteger value = BigInteger.valueOf(q.value());
        BigInteger reciprocal = BigInteger.ONE.shiftLeft(2 * Long.SIZE).divide(value);
        words[at] = q.value();
        words[at + 1] = BigInteger.ONE
                .shiftLeft(q.bits() + RECIPROCAL_BITS)
                .divide(value)
                .longValue();
        words[at + 2] = reciprocal.longValue();
        words[at + 3] = reciprocal.shiftRight(Long.SIZE).longValue();
        words[at + 4] = q.bits();
        words[at + 5] = Double.doubleToRawLongBits((double) q.value());
        words[at + 6] = Double.doubleToRawLongBits(1.0 / (double) q.value());
        words[at + 7] = forward;
        words[at + 8] = inverse;
    }

    Ring ring() {
        return ring;
    }

    int logDegree() {
        return Integer.numberOfTrailingZeros(ring.degree());
    }

    /** The table of primes, in the order of the ring. */
    long primes() {
        return primes.address();
    }

    /** The entry of one prime. */
    long prime(int number) {
        return primes.address() + (long) number * PRIME_WORDS * Long.BYTES;
    }

    Form form(int prime) {
        return forms.get(prime);
    }

    /** The rows of this key; made at their first use. */
    Rows rows(Key key, Supplier<List<Rows.Row>> made) {
        return rows.computeIfAbsent(key, _ -> keep(made.get()));
    }

    private Rows keep(List<Rows.Row> made) {
        List<Rows.Row> ordered = ordered(made);
        return rows(engine.keep(Rows.words(ordered)), ordered);
    }

    /** Rows in the order in which a device has them. */
    List<Rows.Row> ordered(List<Rows.Row> made) {
        return Rows.ordered(made, forms);
    }

    /** Rows whose words are in a block. */
    Rows rows(Block block, List<Rows.Row> ordered) {
        return new Rows(block, ordered.size(), Rows.spans(ordered, forms));
    }

    /** Constants of this key; made at their first use. */
    long constants(Key key, Supplier<long[]> made) {
        return constants.computeIfAbsent(key, _ -> engine.keep(made.get())).address();
    }

    /** The rows of an operation that works prime by prime: to[i] from a and b modulo the same prime. */
    Rows rows(RnsBase to, RnsBase a, RnsBase b) {
        return rows(new Key("prime by prime", to, a, b, 0), () -> {
            List<Rows.Row> made = new ArrayList<>();
            for (int i = 0; i < to.size(); i++) {
                int prime = to.prime(i);
                made.add(new Rows.Row(prime, i, a.position(prime), b.position(prime)));
            }
            return made;
        });
    }

    /** A row whose result is multiplied by a factor, and to which something is added. */
    Rows.Row scaled(int prime, int to, int a, int b, long factor, long addend) {
        long quotient = ring.tables(prime).modulus().quotient(factor);
        return new Rows.Row(prime, to, a, b, factor, quotient, addend, 0);
    }
}
