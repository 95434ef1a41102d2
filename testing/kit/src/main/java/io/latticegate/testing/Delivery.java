package io.latticegate.testing;

import io.latticegate.testing.RecordedRequest.Outcome;
import io.latticegate.testing.Script.Fault;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import java.time.Duration;
import java.util.List;

/**
 * Sends one {@link Reply} as its {@link Script} says, never faster than the client reads. Runs on the connection's event
 * loop, so its fields need no lock.
 */
final class Delivery {
    /** Time between the last write and a scripted break, so that the client can read what came before. */
    private static final int BREAK_DELAY_MILLIS = 20;

    private final Vertx vertx;
    private final HttpServerRequest request;
    private final Reply reply;
    private final Script script;
    private final Frame errorFrame;
    private final Ending ending;
    private final Wire wire;
    private int next;
    private int contentSent;
    private boolean over;

    /** Told once how the delivery ended. */
    @FunctionalInterface
    interface Ending {
        void ended(Outcome outcome, Bill bill);
    }

    Delivery(Vertx vertx, HttpServerRequest request, Reply reply, Script script, Frame errorFrame, Ending ending) {
        this.vertx = vertx;
        this.request = request;
        this.reply = reply;
        this.script = script;
        this.errorFrame = errorFrame;
        this.ending = ending;
        boolean raw = !script.slowHead().isZero() || script.fault() == Fault.BADCHUNK;
        wire = raw ? new Wire.Raw(vertx, request, script.slowHead()) : new Wire.Http(request.response());
    }

    void start() {
        request.response().closeHandler(_ -> over(Outcome.CLIENT_LEFT));
        after(script.latency(), this::head);
    }

    private void over(Outcome outcome) {
        if (!over) {
            over = true;
            ending.ended(outcome, reply.tariff().bill(outcome, contentSent));
        }
    }

    private void after(Duration delay, Runnable step) {
        if (delay.isZero()) {
            step.run();
        } else {
            vertx.setTimer(Math.max(1, delay.toMillis()), _ -> {
                if (!over) {
                    step.run();
                }
            });
        }
    }

    private void head() {
        boolean beforeHead = script.breaks(0) && (script.fault() == Fault.CUT || script.fault() == Fault.CLOSE);
        if (beforeHead) {
            breakOff();
            return;
        }
        boolean unboundedBody = script.fault() == Fault.TRUNCATE || script.fault() == Fault.BADCHUNK;
        boolean bodyLater = !script.first().isZero() || script.breaks(0);
        wire.head(reply, reply.streamed() || unboundedBody, () -> {
            if (bodyLater && wire instanceof Wire.Http http) {
                http.response().writeHead();
            }
            after(script.first(), this::body);
        });
    }

    private void body() {
        List<Frame> frames = reply.frames();
        while (!over) {
            if (script.breaks(contentSent)) {
                breakOff();
                return;
            }
            if (next == frames.size()) {
                over(Outcome.COMPLETED);
                wire.end();
                return;
            }
            Frame frame = frames.get(next++);
            wire.write(frame.bytes());
            if (frame.content()) {
                contentSent++;
                if (!script.gap().isZero()) {
                    after(script.gap(), this::body);
                    return;
                }
            }
            if (wire.full()) {
                wire.drained(this::body);
                return;
            }
        }
    }

    private void breakOff() {
        switch (script.fault()) {
            case STALL, NONE -> {}
            case TRUNCATE -> {
                over(Outcome.BROKEN_OFF);
                wire.end();
            }
            case ERROR -> {
                over(Outcome.BROKEN_OFF);
                wire.write(errorFrame.bytes());
                wire.end();
            }
            case BADCHUNK -> {
                over(Outcome.BROKEN_OFF);
                if (wire instanceof Wire.Raw raw) {
                    raw.badChunk();
                }
            }
            case CUT ->
                vertx.setTimer(BREAK_DELAY_MILLIS, _ -> {
                    over(Outcome.BROKEN_OFF);
                    Wire.reset(request);
                });
            case CLOSE ->
                vertx.setTimer(BREAK_DELAY_MILLIS, _ -> {
                    over(Outcome.BROKEN_OFF);
                    var _ = Wire.channel(request).close();
                });
        }
    }
}
