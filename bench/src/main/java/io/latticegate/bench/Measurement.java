package io.latticegate.bench;

import io.latticegate.bench.load.Shape;
import io.latticegate.bench.load.WindowResult;

/**
 * One window of one arm.
 *
 * @param cost processor time that the processes used in the window
 * @param rssBytes of the measured process at the end of the window; 0 when there is none
 */
record Measurement(String arm, int round, Shape shape, WindowResult result, ProcessCost.Sample cost, long rssBytes) {
    double relayMicrosPerRequest() {
        return perRequest(cost.relay());
    }

    double generatorMicrosPerRequest() {
        return perRequest(cost.generator());
    }

    double providerMicrosPerRequest() {
        return perRequest(cost.provider());
    }

    private double perRequest(long nanos) {
        return result.requests() == 0 ? Double.NaN : nanos / 1e3 / result.requests();
    }
}
