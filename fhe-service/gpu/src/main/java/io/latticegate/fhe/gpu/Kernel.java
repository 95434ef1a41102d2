package io.latticegate.fhe.gpu;

/** The kernels of src/main/cuda/kernels.cu, with how many words each takes. */
enum Kernel {
    COPY("rns_copy", 6),
    ADD("rns_add", 6),
    SUBTRACT("rns_subtract", 6),
    NEGATE("rns_negate", 6),
    MULTIPLY("rns_multiply", 6),
    MULTIPLY_ADD("rns_multiply_add", 6),
    MULTIPLY_SCALAR("rns_multiply_scalar", 6),
    FORWARD_INNER_WIDE("rns_forward_inner_wide", 7),
    FORWARD_INNER_REAL("rns_forward_inner_real", 7),
    FORWARD_INNER_NARROW("rns_forward_inner_narrow", 7),
    FORWARD_OUTER_WIDE("rns_forward_outer_wide", 5),
    FORWARD_OUTER_REAL("rns_forward_outer_real", 5),
    FORWARD_OUTER_NARROW("rns_forward_outer_narrow", 5),
    INVERSE_INNER_WIDE("rns_inverse_inner_wide", 6),
    INVERSE_INNER_REAL("rns_inverse_inner_real", 6),
    INVERSE_INNER_NARROW("rns_inverse_inner_narrow", 6),
    INVERSE_OUTER_WIDE("rns_inverse_outer_wide", 4),
    INVERSE_OUTER_REAL("rns_inverse_outer_real", 4),
    INVERSE_OUTER_NARROW("rns_inverse_outer_narrow", 4),
    TENSOR("rns_tensor", 10),
    PERMUTE("rns_permute", 5),
    KEEP("rns_keep", 5),
    CONVERT("rns_convert", 7),
    SWITCH_KEYS("rns_switch_keys", 8),
    SCAN_ONE_REAL("rns_scan_one_real", 8),
    SCAN_FOUR_REAL("rns_scan_four_real", 8),
    SCAN_ONE_WIDE("rns_scan_one_wide", 8),
    SCAN_FOUR_WIDE("rns_scan_four_wide", 8);

    private final String symbol;
    private final int parameters;

    Kernel(String symbol, int parameters) {
        this.symbol = symbol;
        this.parameters = parameters;
    }

    String symbol() {
        return symbol;
    }

    int parameters() {
        return parameters;
    }

    static Kernel forwardInner(Form form) {
        return switch (form) {
            case WIDE -> FORWARD_INNER_WIDE;
            case REAL -> FORWARD_INNER_REAL;
            case NARROW -> FORWARD_INNER_NARROW;
        };
    }

    static Kernel forwardOuter(Form form) {
        return switch (form) {
            case WIDE -> FORWARD_OUTER_WIDE;
            case REAL -> FORWARD_OUTER_REAL;
            case NARROW -> FORWARD_OUTER_NARROW;
        };
    }

    static Kernel inverseInner(Form form) {
        return switch (form) {
            case WIDE -> INVERSE_INNER_WIDE;
            case REAL -> INVERSE_INNER_REAL;
            case NARROW -> INVERSE_INNER_NARROW;
        };
    }

    static Kernel inverseOuter(Form form) {
        return switch (form) {
            case WIDE -> INVERSE_OUTER_WIDE;
            case REAL -> INVERSE_OUTER_REAL;
            case NARROW -> INVERSE_OUTER_NARROW;
        };
    }
}
