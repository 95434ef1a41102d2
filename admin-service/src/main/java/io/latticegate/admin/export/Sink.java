package io.latticegate.admin.export;

import java.time.Duration;
import java.util.List;

/** Where events are sent. */
public interface Sink {
    /** A batch was not taken over, or may not have been; it is sent again. */
    final class NotDelivered extends Exception {
        private static final long serialVersionUID = 1L;

        private final Duration retryAfter;

        NotDelivered(String why) {
            this(why, Duration.ZERO);
        }

        /** @param retryAfter what the receiver asks to be left alone for; zero or less: it does not say */
        NotDelivered(String why, Duration retryAfter) {
            super(why, null, false, false);
            this.retryAfter = retryAfter;
        }

        Duration retryAfter() {
            return retryAfter;
        }
    }

    /**
     * Events in their order.
     *
     * @param first position of the first
     * @param last position of the last
     */
    record Batch(long first, long last, List<Line> lines) {
        /** The same for the same events. */
        String id() {
            return first + "-" + last;
        }

        /** The lines, each with a line feed after it. */
        String text() {
            StringBuilder text = new StringBuilder();
            lines.forEach(line -> text.append(line.json()).append('\n'));
            return text.toString();
        }
    }

    /**
     * An event as it is written.
     *
     * @param timeMicros when it happened, microseconds since 1970 UTC
     * @param failed whether it ended badly
     */
    record Line(String id, String action, long timeMicros, boolean failed, String json) {}

    /**
     * Sends a batch and returns when the receiver has taken it over; call on a virtual thread.
     *
     * @throws NotDelivered when that is not certain
     */
    void deliver(Batch batch) throws NotDelivered;
}
