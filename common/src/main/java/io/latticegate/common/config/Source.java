package io.latticegate.common.config;

/**
 * Where a value comes from.
 *
 * @param place a file, {@code environment NAME}, {@code command line} or {@code default}
 * @param line counted from 1; 0 where the place has no lines
 */
record Source(String place, int line) {
    static final Source DEFAULT = new Source("default", 0);

    static Source environment(String name) {
        return new Source("environment " + name, 0);
    }

    @Override
    public String toString() {
        return line == 0 ? place : place + ":" + line;
    }
}
