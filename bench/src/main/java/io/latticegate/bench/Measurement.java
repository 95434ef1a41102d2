package io.latticegate.bench;

import io.latticegate.bench.load.Shape;
import io.latticegate.bench.load.WindowResult;

/**
 * One window of one arm.
 *
 * @param cost processor time that the processes used in the window
 * @param lateNanos processor time that the measured process used afterwards, until it was idle, for what it had put off;
 *     the share of the window in the load, without that of the load before it
 * @param rssBytes of the measured process at the end of the window; 0 when there is none
 */
record Measurement(
        String arm,
        int round,
        Shape shape,
        WindowResult result,
        ProcessCost.Sample cost,
        long lateNanos,
        long rssBytes) {
    double relayMicrosPerRequest() {
        return perRequest(cost.relay());
    }

    /** What was put off included: an audit entry that is stored a moment later is part of the request. */
    double totalMicrosPerRequest() {
        return perRequest(cost.relay() + lateNanos);
    }

    double generatorMicrosPerRequest() {
        return perRequest(cost.generator());
    }

    double providerMicrosPerRequest() {
        return perRequest(cost.provider());
    }

    /** Processors that were busy with other things during the window: 0 on a machine of one's own. */
    double foreignProcessors() {
        return cost.others() / (double) result.nanos();
    }

    private double perRequest(long nanos) {
        return result.requests() == 0 ? Double.NaN : nanos / 1e3 / result.requests();
    }
}
