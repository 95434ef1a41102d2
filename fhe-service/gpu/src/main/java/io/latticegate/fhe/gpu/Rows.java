package io.latticegate.fhe.gpu;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * Which rows a launch computes, on the device: rows of one form are neighbours.
 *
 * @param block where they are
 * @param count how many
 * @param spans where the rows of each form begin, and how many there are
 */
record Rows(Block block, int count, Map<Form, Span> spans) {
    private static final int WORDS = 6;

    /** @param first number of the first row */
    record Span(int first, int count) {}

    /**
     * One row: the residues modulo one prime.
     *
     * @param prime number in the ring
     * @param to position of the result
     * @param a position of the first operand
     * @param b position of the second operand
     * @param factor canonical, with floor(factor · 2^64 / q) as {@code quotient}
     * @param addend canonical
     * @param constants offset of further constants, in words
     */
    record Row(int prime, int to, int a, int b, long factor, long quotient, long addend, long constants) {
        Row(int prime, int to, int a, int b) {
            this(prime, to, a, b, 0, 0, 0, 0);
        }
    }

    /** The rows in the order in which they are on the device. */
    static List<Row> ordered(List<Row> rows, List<Form> forms) {
        List<Row> ordered = new ArrayList<>(rows);
        ordered.sort(Comparator.comparing(row -> forms.get(row.prime)));
        return ordered;
    }

    /** @param rows in order */
    static Map<Form, Span> spans(List<Row> rows, List<Form> forms) {
        Map<Form, Span> spans = new EnumMap<>(Form.class);
        for (int i = 0; i < rows.size(); i++) {
            int first = i;
            spans.merge(
                    forms.get(rows.get(i).prime),
                    new Span(first, 1),
                    (span, one) -> new Span(span.first, span.count + 1));
        }
        return spans;
    }

    /** The words of rows, as modular.cuh declares them. */
    static long[] words(List<Row> rows) {
        long[] words = new long[WORDS * rows.size()];
        int at = 0;
        for (Row row : rows) {
            words[at++] = row.prime | (long) row.to << Integer.SIZE;
            words[at++] = row.a | (long) row.b << Integer.SIZE;
            words[at++] = row.factor;
            words[at++] = row.quotient;
            words[at++] = row.addend;
            words[at++] = row.constants;
        }
        return words;
    }

    /** Where the row of a number is. */
    long address(int number) {
        return block.address() + (long) number * WORDS * Long.BYTES;
    }
}
