package io.latticegate.fhe.gpu;

import io.latticegate.fhe.core.ring.BaseConversion;
import io.latticegate.fhe.core.ring.Ring;
import io.latticegate.fhe.core.ring.RnsBase;
import java.util.ArrayList;
import java.util.List;

/** One digit of a polynomial over the extended base: the polynomial itself modulo the digit's primes, converted elsewhere. */
final class DeviceDigit {
    private final int sources;
    private final int first;
    private final long cofactors;
    private final long scaled;
    private final Rows scale;
    private final Rows own;
    private final Rows others;
    private final Rows transform;

    /**
     * @param a base of the polynomial by values
     * @param coefficients base of the polynomial by coefficients
     * @param to extended base of the digit
     */
    DeviceDigit(Call call, RnsBase a, RnsBase coefficients, int digit, RnsBase to) {
        RingTables tables = call.tables();
        Ring ring = to.ring();
        BaseConversion conversion = ring.digits(a.level()).get(digit);
        this.sources = conversion.sourceCount();
        this.first = coefficients.position(conversion.source(0));
        String level = " at level " + a.level();
        this.cofactors = tables.constants(
                new RingTables.Key("digit" + level, to, to, to, digit), () -> Conversions.cofactors(conversion, ring));
        this.scaled = sources == 1 ? 0 : call.space((long) sources * ring.degree());
        this.scale = tables.rows(new RingTables.Key("scale" + level, to, a, coefficients, digit), () -> {
            List<Rows.Row> rows = new ArrayList<>();
            for (int j = 0; j < sources; j++) {
                int prime = conversion.source(j);
                int position = coefficients.position(prime);
                rows.add(tables.scaled(prime, j, position, position, conversion.cofactorInverse(j), 0));
            }
            return rows;
        });
        this.own = tables.rows(new RingTables.Key("own" + level, to, a, coefficients, digit), () -> {
            List<Rows.Row> rows = new ArrayList<>();
            for (int i = 0; i < to.size(); i++) {
                int prime = to.prime(i);
                if (conversion.isSource(prime)) {
                    rows.add(new Rows.Row(prime, i, a.position(prime), a.position(prime)));
                }
            }
            return rows;
        });
        this.others = tables.rows(
                new RingTables.Key("others" + level, to, a, coefficients, digit),
                () -> others(conversion, to, sources == 1 ? first : 0, false));
        this.transform = tables.rows(
                new RingTables.Key("others' transform" + level, to, a, coefficients, digit),
                () -> others(conversion, to, 0, true));
    }

    private static List<Rows.Row> others(BaseConversion conversion, RnsBase to, int source, boolean inPlace) {
        List<Rows.Row> rows = new ArrayList<>();
        for (int i = 0; i < to.size(); i++) {
            int prime = to.prime(i);
            if (!conversion.isSource(prime)) {
                int from = inPlace ? i : source;
                rows.add(new Rows.Row(prime, i, from, from, 0, 0, 0, (long) prime * conversion.sourceCount()));
            }
        }
        return rows;
    }

    /** Called on the lane. */
    void launch(Launches on, long values, long coefficients, long to) {
        long from = coefficients;
        if (sources > 1) {
            on.each(Kernel.MULTIPLY_SCALAR, scaled, coefficients, coefficients, scale);
            from = scaled;
        }
        on.each(Kernel.COPY, to, values, values, own);
        on.convert(to, from, cofactors, sources, others);
        on.forward(to, to, transform);
    }
}
