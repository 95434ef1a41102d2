package io.latticegate.fhe.gpu;

import io.latticegate.fhe.core.modular.Modulus;
import io.latticegate.fhe.core.ring.BaseConversion;
import io.latticegate.fhe.core.ring.Division;
import io.latticegate.fhe.core.ring.Ring;
import io.latticegate.fhe.core.ring.RnsBase;
import java.util.ArrayList;
import java.util.List;

/**
 * Division with rounding of one polynomial, or of two that stand one behind the other: the coefficients modulo the divisors,
 * with half of their product added, are converted to the other primes and transformed, and the last kernel of the transform
 * subtracts them and multiplies.
 */
final class DeviceDivision {
    private final int sources;
    private final int parts;
    private final int targets;
    private final int degree;
    private final long cofactors;
    private final long quotients;
    private final long converted;
    private final Rows inverse;
    private final Rows conversion;
    private final Rows outer;
    private final List<Rows> finish = new ArrayList<>();

    /**
     * @param from base of what is divided
     * @param to base of the quotient
     * @param parts 1 or 2 polynomials
     */
    DeviceDivision(Call call, Division division, RnsBase from, RnsBase to, int parts) {
        RingTables tables = call.tables();
        Ring ring = to.ring();
        BaseConversion divisors = division.conversion();
        this.sources = divisors.sourceCount();
        this.parts = parts;
        this.targets = to.size();
        this.degree = ring.degree();
        int first = divisors.source(0);
        this.cofactors = tables.constants(
                new RingTables.Key("divisors", to, to, to, first), () -> Conversions.cofactors(divisors, ring));
        this.quotients = call.space((long) parts * sources * degree);
        this.converted = call.space((long) parts * targets * degree);
        this.inverse = tables.rows(
                new RingTables.Key("quotients of " + parts, to, from, from, first),
                () -> inverseRows(tables, division, from));
        this.conversion = tables.rows(
                new RingTables.Key("remainders of " + parts, to, from, from, first), () -> convertRows(division, to));
        this.outer =
                tables.rows(new RingTables.Key("converted of " + parts, to, from, from, first), () -> outerRows(to));
        for (int part = 0; part < parts; part++) {
            int number = part;
            finish.add(tables.rows(
                    new RingTables.Key("difference " + part, to, from, from, first),
                    () -> finishRows(tables, division, from, to, number)));
        }
    }

    private List<Rows.Row> inverseRows(RingTables tables, Division division, RnsBase from) {
        List<Rows.Row> rows = new ArrayList<>();
        for (int part = 0; part < parts; part++) {
            for (int j = 0; j < sources; j++) {
                int prime = division.conversion().source(j);
                Modulus modulus = from.ring().tables(prime).modulus();
                long cofactor = division.conversion().cofactorInverse(j);
                long factor = modulus.multiply(from.ring().tables(prime).degreeInverse(), cofactor);
                long addend = modulus.multiply(division.half(prime), cofactor);
                int position = part * from.size() + from.position(prime);
                rows.add(tables.scaled(prime, part * sources + j, position, position, factor, addend));
            }
        }
        return rows;
    }

    private List<Rows.Row> convertRows(Division division, RnsBase to) {
        List<Rows.Row> rows = new ArrayList<>();
        for (int part = 0; part < parts; part++) {
            for (int i = 0; i < targets; i++) {
                int prime = to.prime(i);
                long addend = to.modulus(i).negate(division.half(prime));
                long constants = (long) prime * sources;
                rows.add(new Rows.Row(prime, part * targets + i, part * sources, 0, 0, 0, addend, constants));
            }
        }
        return rows;
    }

    private List<Rows.Row> outerRows(RnsBase to) {
        List<Rows.Row> rows = new ArrayList<>();
        for (int part = 0; part < parts; part++) {
            for (int i = 0; i < targets; i++) {
                int position = part * targets + i;
                rows.add(new Rows.Row(to.prime(i), position, position, position));
            }
        }
        return rows;
    }

    private List<Rows.Row> finishRows(RingTables tables, Division division, RnsBase from, RnsBase to, int part) {
        List<Rows.Row> rows = new ArrayList<>();
        for (int i = 0; i < targets; i++) {
            int prime = to.prime(i);
            int minuend = part * from.size() + from.position(prime);
            rows.add(tables.scaled(prime, i, part * targets + i, minuend, division.inverse(prime), 0));
        }
        return rows;
    }

    /**
     * Called on the lane.
     *
     * @param from the polynomials to divide, one behind the other
     * @param results where the quotients go
     */
    void launch(Launches on, long from, long[] results) {
        on.inverse(quotients, from, inverse);
        on.convert(converted, quotients, cofactors, sources, conversion);
        on.forwardOuter(converted, converted, outer);
        for (int part = 0; part < parts; part++) {
            on.forwardInner(results[part], converted, from, finish.get(part));
        }
    }
}
