package io.latticegate.fhe.core.preset;

import io.latticegate.fhe.core.modular.Modulus;
import io.latticegate.fhe.core.modular.Primes;
import io.latticegate.fhe.core.random.ParmsId;
import io.latticegate.fhe.core.ring.Ring;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** A ring that the security table allows, with the names of its levels. */
public final class CkksParameters {
    private final String name;
    private final SecurityTable security;
    private final Ring ring;
    private final int[] modulusBits;
    private final List<ParmsId> levels;
    private final ParmsId keyId;

    private CkksParameters(String name, SecurityTable security, Ring ring) {
        this.name = name;
        this.security = security;
        this.ring = ring;
        this.modulusBits = IntStream.range(0, ring.dataCount())
                .map(level -> product(ring, level + 1).bitLength())
                .toArray();
        this.levels = IntStream.range(0, ring.dataCount())
                .mapToObj(level -> parmsId(ring, level + 1))
                .toList();
        this.keyId = parmsId(ring, ring.dataCount() + ring.specialCount());
    }

    /**
     * Primes of these lengths, chosen as Microsoft SEAL chooses them, the special ones last.
     *
     * @param special how many of them are special; 1 as in SEAL
     * @param digitPrimes data primes in one digit of key switching; 1 as in SEAL
     * @throws IllegalArgumentException if the primes together are longer than {@code security} allows
     */
    public static CkksParameters of(
            String name, SecurityTable security, int degree, List<Integer> bits, int special, int digitPrimes) {
        if (special < 1 || special >= bits.size()) {
            throw new IllegalArgumentException(
                    special + " special primes of " + bits.size() + "; allowed are 1 to " + (bits.size() - 1));
        }
        security.require(degree, bits.stream().mapToInt(Integer::intValue).sum());
        List<Modulus> primes = Primes.chain(degree, bits);
        int data = primes.size() - special;
        Ring ring = new Ring(degree, primes.subList(0, data), primes.subList(data, primes.size()), digitPrimes);
        security.require(degree, product(ring, primes.size()).bitLength());
        return new CkksParameters(name, security, ring);
    }

    private static BigInteger product(Ring ring, int primes) {
        return IntStream.range(0, primes)
                .mapToObj(i -> BigInteger.valueOf(ring.tables(i).modulus().value()))
                .reduce(BigInteger.ONE, BigInteger::multiply);
    }

    private static ParmsId parmsId(Ring ring, int primes) {
        return ParmsId.ckks(
                ring.degree(),
                IntStream.range(0, primes)
                        .mapToLong(i -> ring.tables(i).modulus().value())
                        .toArray());
    }

    public String name() {
        return name;
    }

    /** The column of the security table that these parameters keep to. */
    public SecurityTable security() {
        return security;
    }

    public Ring ring() {
        return ring;
    }

    /** N. */
    public int degree() {
        return ring.degree();
    }

    /** N/2. */
    public int slots() {
        return ring.degree() / 2;
    }

    public int topLevel() {
        return ring.topLevel();
    }

    /** q_level as a double, by which a rescaling from that level divides the scale. */
    public double prime(int level) {
        return ring.data(level).modulus(level).value();
    }

    /** The bit length of q_0 · … · q_level. */
    public int modulusBits(int level) {
        ring.data(level);
        return modulusBits[level];
    }

    /** What SEAL calls the parameters of a level. */
    public ParmsId parmsId(int level) {
        ring.data(level);
        return levels.get(level);
    }

    /** What SEAL calls the parameters of keys, with all primes. */
    public ParmsId keyParmsId() {
        return keyId;
    }

    /** The level of this name, or null if none of these parameters has it. */
    public @Nullable Integer level(ParmsId id) {
        int level = levels.indexOf(id);
        return level < 0 ? null : level;
    }

    /** All primes, the special ones last. */
    public List<Modulus> primes() {
        List<Modulus> primes = new ArrayList<>();
        for (int i = 0; i < ring.dataCount() + ring.specialCount(); i++) {
            primes.add(ring.tables(i).modulus());
        }
        return List.copyOf(primes);
    }

    /** @throws IllegalArgumentException if this is no scale for a level: not positive, or not below the modulus */
    public void requireScale(double scale, int level) {
        if (!(scale > 0) || Double.isInfinite(scale) || Math.getExponent(scale) >= modulusBits(level)) {
            throw new IllegalArgumentException("scale 2^" + Math.log(scale) / Math.log(2) + " at level " + level
                    + "; allowed is what is below the modulus of " + modulusBits(level) + " bits");
        }
    }

    @Override
    public String toString() {
        return name;
    }
}
