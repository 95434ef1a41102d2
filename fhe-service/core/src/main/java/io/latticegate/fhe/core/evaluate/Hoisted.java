package io.latticegate.fhe.core.evaluate;

import io.latticegate.fhe.core.ring.Domain.Coeff;
import io.latticegate.fhe.core.ring.Domain.Eval;
import io.latticegate.fhe.core.ring.KeyDigit;
import io.latticegate.fhe.core.ring.Poly;
import io.latticegate.fhe.core.ring.Ring;
import io.latticegate.fhe.core.ring.RnsBackend;
import io.latticegate.fhe.core.ring.RnsBase;
import java.util.ArrayList;
import java.util.List;

/** The digits of one polynomial, for key switching after several automorphisms. */
final class Hoisted implements AutoCloseable {
    private final RnsBackend backend;
    private final RnsBase extended;
    private final List<Poly<Eval>> digits = new ArrayList<>();

    Hoisted(RnsBackend backend, Poly<Eval> a) {
        this.backend = backend;
        Ring ring = a.base().ring();
        int level = a.base().level();
        this.extended = ring.extended(level);
        try (Poly<Coeff> coefficients = backend.allocate(a.base())) {
            backend.toCoeff(a, coefficients);
            for (int j = 0; j < ring.digits(level).size(); j++) {
                Poly<Eval> digit = backend.allocate(extended);
                backend.modUp(a, coefficients, j, digit);
                digits.add(digit);
            }
        }
    }

    /** (to0, to1) = round(Σ digit_j(X^element) · key_j / P). */
    void keySwitch(int element, List<KeyDigit> key, Poly<Eval> to0, Poly<Eval> to1) {
        try (Poly<Eval> moved = backend.allocate(extended);
                Poly<Eval> sum0 = backend.allocate(extended);
                Poly<Eval> sum1 = backend.allocate(extended)) {
            for (int j = 0; j < digits.size(); j++) {
                backend.automorphism(digits.get(j), element, moved);
                backend.multiplyAdd(moved, key.get(j).body(), sum0);
                backend.multiplyAdd(moved, key.get(j).mask(), sum1);
            }
            backend.modDown(sum0, to0);
            backend.modDown(sum1, to1);
        }
    }

    @Override
    public void close() {
        digits.forEach(Poly::close);
    }
}
