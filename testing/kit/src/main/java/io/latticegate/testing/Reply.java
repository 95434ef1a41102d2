package io.latticegate.testing;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A response in full, before a script delays or breaks it.
 *
 * @param streamed sent with chunked framing, frame by frame; otherwise one body with a {@code Content-Length}
 * @param tariff what it costs
 */
record Reply(
        int status,
        String contentType,
        List<Map.Entry<String, String>> headers,
        boolean streamed,
        List<Frame> frames,
        Bill.Tariff tariff) {
    static final int SLICE_BYTES = 64 << 10;

    static Reply json(int status, JsonObject body) {
        return body(status, "application/json", Buffer.buffer(body.encode()));
    }

    static Reply body(int status, String contentType, Buffer body) {
        return new Reply(status, contentType, List.of(), false, List.of(new Frame(body, true)), Bill.Tariff.FREE);
    }

    static Reply events(List<Frame> frames) {
        return new Reply(200, "text/event-stream; charset=utf-8", List.of(), true, frames, Bill.Tariff.FREE);
    }

    Reply with(String name, String value) {
        List<Map.Entry<String, String>> more = new ArrayList<>(headers);
        more.add(Map.entry(name, value));
        return new Reply(status, contentType, more, streamed, frames, tariff);
    }

    /** The same reply, charged for by {@code charge}. */
    Reply charged(Bill.Tariff charge) {
        return new Reply(status, contentType, headers, streamed, frames, charge);
    }

    Reply withStatus(int other) {
        return new Reply(other, contentType, headers, streamed, frames, tariff);
    }

    long length() {
        return frames.stream().mapToLong(frame -> frame.bytes().length()).sum();
    }

    /** A plain body cut into at least {@code pieces} slices, none above {@link #SLICE_BYTES}. */
    Reply sliced(int pieces) {
        Buffer body = frames.getFirst().bytes();
        int slice = Math.clamp(body.length() / Math.max(1, pieces), 1, SLICE_BYTES);
        if (streamed || body.length() <= slice) {
            return this;
        }
        List<Frame> slices = new ArrayList<>();
        for (int from = 0; from < body.length(); from += slice) {
            slices.add(new Frame(body.slice(from, Math.min(body.length(), from + slice)), true));
        }
        return new Reply(status, contentType, headers, false, slices, tariff);
    }

    /** The first content frame loses its second half, but not its event's closing blank line. */
    Reply withMalformedJson() {
        List<Frame> spoilt = new ArrayList<>(frames);
        for (int i = 0; i < spoilt.size(); i++) {
            if (spoilt.get(i).content()) {
                Buffer bytes = spoilt.get(i).bytes();
                Buffer half = bytes.getBuffer(0, bytes.length() / 2);
                spoilt.set(i, new Frame(streamed ? half.appendString("\n\n") : half, true));
                break;
            }
        }
        return new Reply(status, contentType, headers, streamed, spoilt, tariff);
    }
}
