package io.latticegate.fhe.app.http;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonObject;
import java.util.ArrayDeque;

/**
 * An answer of {@link Frames#TYPE}, sent as the client takes it: frames wait here while the transport is full, and a client
 * that takes nothing for {@value #STALL_MILLIS} ms is cut off. What waits is bounded by whoever writes, who knows the size of
 * the whole answer from its job's shape. Methods may be called from any thread, each frame whole; what fails before the first
 * frame is an ordinary error, what fails later an error frame.
 */
public final class FrameReply {
    private static final int SLICE_BYTES = 64 << 10;
    private static final long STALL_MILLIS = 30_000;

    private final Call call;
    private final ArrayDeque<Buffer> waiting = new ArrayDeque<>();
    private final Runnable released;
    private boolean begun;
    private boolean last;
    private boolean done;
    private int frames;
    private long movedAtNanos = System.nanoTime();

    /** @param released runs once on the event loop, when the answer is sent or nobody takes it any more */
    public FrameReply(Call call, Runnable released) {
        this.call = call;
        this.released = released;
        call.onGone(this::release);
    }

    /** The frame that says what follows. */
    public void json(JsonObject head) {
        frame(Frames.JSON, head.toBuffer().getBytes(), false);
    }

    /** A container. Not copied. */
    public void ciphertext(byte[] container) {
        frame(Frames.CIPHERTEXT, container, false);
    }

    /** The last frame of an answer that is complete; says how many came before it. */
    public void end() {
        call.context()
                .runOnContext(_ -> append(
                        Frames.END,
                        new JsonObject().put("frames", frames).toBuffer().getBytes(),
                        true));
    }

    /** Ends the answer with an error: as JSON where nothing was written, else as the last frame. */
    public void refuse(Refusal refusal) {
        call.context().runOnContext(_ -> {
            if (begun) {
                call.note("error", refusal.code());
                append(Frames.ERROR, refusal.body().toBuffer().getBytes(), true);
            } else {
                call.refuse(refusal);
                release();
            }
        });
    }

    private void frame(int type, byte[] payload, boolean isLast) {
        call.context().runOnContext(_ -> append(type, payload, isLast));
    }

    private void append(int type, byte[] payload, boolean isLast) {
        if (done || last) {
            return;
        }
        if (!begun) {
            if (!call.claim()) {
                release();
                return;
            }
            begun = true;
            HttpServerResponse response =
                    call.head(200).putHeader("Content-Type", Frames.TYPE).setChunked(true);
            response.drainHandler(_ -> pump());
            watch();
        }
        frames++;
        last = isLast;
        waiting.add(Buffer.buffer(Frames.HEAD_BYTES)
                .appendByte((byte) type)
                .appendBytes(new byte[3])
                .appendUnsignedIntLE(payload.length));
        Buffer whole = Buffer.buffer(payload);
        for (int at = 0; at < payload.length; at += SLICE_BYTES) {
            waiting.add(whole.slice(at, Math.min(payload.length, at + SLICE_BYTES)));
        }
        pump();
    }

    private void pump() {
        HttpServerResponse response = call.response();
        while (!done && !response.writeQueueFull()) {
            Buffer next = waiting.poll();
            if (next == null) {
                if (last) {
                    release();
                    response.end().onComplete(_ -> call.finish());
                }
                return;
            }
            movedAtNanos = System.nanoTime();
            var unused = response.write(next);
        }
    }

    private void watch() {
        call.context().owner().setTimer(STALL_MILLIS / 6, _ -> {
            if (done) {
                return;
            }
            if (!waiting.isEmpty() && System.nanoTime() - movedAtNanos > STALL_MILLIS * 1_000_000) {
                var unused = call.connection().close();
                release();
            } else {
                watch();
            }
        });
    }

    private void release() {
        if (!done) {
            done = true;
            waiting.clear();
            released.run();
        }
    }
}
