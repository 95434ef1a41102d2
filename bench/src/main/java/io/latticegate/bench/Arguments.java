package io.latticegate.bench;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Options of a benchmark's command line. */
final class Arguments {
    /**
     * The numbers of options that all take one.
     *
     * @param bounds by option, the largest value each may have; the smallest is 1
     * @throws IllegalArgumentException when an option is unknown, lacks its value, or its value is out of range
     */
    static Map<String, Integer> numbers(List<String> arguments, Map<String, Integer> bounds) {
        Map<String, Integer> numbers = new TreeMap<>();
        for (int i = 0; i < arguments.size(); i++) {
            String option = arguments.get(i);
            Integer bound = bounds.get(option);
            if (bound == null) {
                throw new IllegalArgumentException("there is no option " + option);
            }
            numbers.put(option, number(option, value(arguments, ++i, option), bound));
        }
        return numbers;
    }

    static String value(List<String> arguments, int index, String option) {
        if (index >= arguments.size()) {
            throw new IllegalArgumentException(option + " needs a value");
        }
        return arguments.get(index);
    }

    static int number(String option, String value, int max) {
        if (!value.matches("\\d{1,6}") || Integer.parseInt(value) < 1 || Integer.parseInt(value) > max) {
            throw new IllegalArgumentException(option + " takes a whole number from 1 to " + max + ", not " + value);
        }
        return Integer.parseInt(value);
    }

    private Arguments() {}
}
