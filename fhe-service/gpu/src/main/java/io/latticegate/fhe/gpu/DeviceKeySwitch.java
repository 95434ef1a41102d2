package io.latticegate.fhe.gpu;

import io.latticegate.fhe.core.ring.BaseConversion;
import io.latticegate.fhe.core.ring.KeyDigit;
import io.latticegate.fhe.core.ring.NttTables;
import io.latticegate.fhe.core.ring.Ring;
import io.latticegate.fhe.core.ring.RnsBase;
import java.util.ArrayList;
import java.util.List;

/**
 * Key switching: all digits are converted and transformed at once, multiplied with the key in one kernel that sums over them, and
 * both sums divided by P together.
 */
final class DeviceKeySwitch {
    private final List<BaseConversion> conversions;
    private final RnsBase base;
    private final RnsBase extended;
    private final long coefficients;
    private final long digits;
    private final long sums;
    private final long keys;
    private final long cofactors;
    private final Rows inverse;
    private final Rows wholeDigits;
    private final Rows lastDigit;
    private final Rows transform;
    private final Rows products;
    private final DeviceDivision division;

    /** @param base of what is switched, not extended */
    DeviceKeySwitch(Call call, RnsBase base, List<KeyDigit> key, RnsBase to) {
        Ring ring = base.ring();
        RingTables tables = call.tables();
        this.base = base;
        this.extended = ring.extended(base.level());
        this.conversions = ring.digits(base.level());
        RnsBase keyBase = keyBase(key, conversions.size());
        long[] addresses = new long[2 * conversions.size()];
        for (int j = 0; j < conversions.size(); j++) {
            addresses[2 * j] = call.in(key.get(j).body());
            addresses[2 * j + 1] = call.in(key.get(j).mask());
        }
        this.keys = call.space(addresses);
        this.coefficients = call.space(base.words());
        this.digits = call.space((long) conversions.size() * extended.words());
        this.sums = call.space(2L * extended.words());
        this.cofactors = tables.constants(
                new RingTables.Key("digits", base, base, base, 0), () -> Conversions.cofactors(conversions, ring));
        this.inverse =
                tables.rows(new RingTables.Key("scaled coefficients", base, base, base, 0), () -> inverseRows(tables));
        int last = conversions.size() - 1;
        this.wholeDigits =
                tables.rows(new RingTables.Key("whole digits", extended, base, base, 0), () -> convertRows(0, last));
        this.lastDigit = tables.rows(
                new RingTables.Key("last digit", extended, base, base, 0), () -> convertRows(last, last + 1));
        this.transform =
                tables.rows(new RingTables.Key("digits' transform", extended, base, base, 0), this::transformRows);
        this.products =
                tables.rows(new RingTables.Key("products", extended, base, keyBase, 0), () -> productRows(keyBase));
        this.division = new DeviceDivision(call, ring.special(), extended, to, 2);
    }

    private static RnsBase keyBase(List<KeyDigit> key, int digits) {
        if (key.size() < digits) {
            throw new IllegalArgumentException("a key of " + key.size() + " digits; needed are " + digits);
        }
        RnsBase base = key.getFirst().body().base();
        for (KeyDigit digit : key) {
            if (digit.body().base() != base || digit.mask().base() != base) {
                throw new IllegalArgumentException("the digits of a key are over different bases");
            }
        }
        return base;
    }

    private List<Rows.Row> inverseRows(RingTables tables) {
        List<Rows.Row> rows = new ArrayList<>();
        for (BaseConversion conversion : conversions) {
            for (int j = 0; j < conversion.sourceCount(); j++) {
                int prime = conversion.source(j);
                NttTables transform = base.ring().tables(prime);
                long factor = transform.modulus().multiply(transform.degreeInverse(), conversion.cofactorInverse(j));
                rows.add(tables.scaled(prime, prime, prime, prime, factor, 0));
            }
        }
        return rows;
    }

    private List<Rows.Row> convertRows(int fromDigit, int toDigit) {
        List<Rows.Row> rows = new ArrayList<>();
        int primes = base.ring().dataCount() + base.ring().specialCount();
        long constants = 0;
        for (int j = 0; j < toDigit; j++) {
            BaseConversion conversion = conversions.get(j);
            int sources = conversion.sourceCount();
            for (int i = 0; j >= fromDigit && i < extended.size(); i++) {
                int prime = extended.prime(i);
                if (!conversion.isSource(prime)) {
                    int from = conversion.source(0);
                    long at = constants + (long) prime * sources;
                    rows.add(new Rows.Row(prime, j * extended.size() + i, from, from, 0, 0, 0, at));
                }
            }
            constants += (long) primes * sources;
        }
        return rows;
    }

    private List<Rows.Row> transformRows() {
        List<Rows.Row> rows = new ArrayList<>();
        for (int j = 0; j < conversions.size(); j++) {
            for (int i = 0; i < extended.size(); i++) {
                if (!conversions.get(j).isSource(extended.prime(i))) {
                    int position = j * extended.size() + i;
                    rows.add(new Rows.Row(extended.prime(i), position, position, position));
                }
            }
        }
        return rows;
    }

    private List<Rows.Row> productRows(RnsBase keyBase) {
        List<Rows.Row> rows = new ArrayList<>();
        for (int i = 0; i < extended.size(); i++) {
            int prime = extended.prime(i);
            int own = conversions.size();
            for (int j = 0; j < conversions.size(); j++) {
                own = conversions.get(j).isSource(prime) ? j : own;
            }
            int position = own < conversions.size() ? base.position(prime) : 0;
            rows.add(new Rows.Row(prime, i, position, keyBase.position(prime), 0, 0, own, 0));
        }
        return rows;
    }

    /** Called on the lane. */
    void launch(Launches on, long a, long[] results) {
        int last = conversions.size() - 1;
        on.inverse(coefficients, a, inverse);
        on.convert(digits, coefficients, cofactors, conversions.getFirst().sourceCount(), wholeDigits);
        on.convert(digits, coefficients, cofactors, conversions.get(last).sourceCount(), lastDigit);
        on.forward(digits, digits, transform);
        on.switchKeys(sums, digits, a, keys, conversions.size(), products);
        division.launch(on, sums, results);
    }
}
