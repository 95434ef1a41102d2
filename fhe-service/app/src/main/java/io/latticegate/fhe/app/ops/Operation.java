package io.latticegate.fhe.app.ops;

import java.util.Locale;

/** What may be asked for, and nothing else. */
enum Operation {
    ADD(2),
    SUBTRACT(2),
    NEGATE(1),
    MULTIPLY(2),
    SQUARE(1),
    RELINEARISE(1),
    RESCALE(1),
    MOD_SWITCH(1),
    ROTATE(1),
    CONJUGATE(1);

    private final int operands;

    Operation(int operands) {
        this.operands = operands;
    }

    int operands() {
        return operands;
    }

    /** The lower-case word of the wire format. */
    String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }
}
