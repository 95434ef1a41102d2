package io.latticegate.proxy.dialect;

import io.latticegate.proxy.chat.ProviderError;
import io.latticegate.proxy.chat.TokenUsage;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Watches an event stream that passes through in its own protocol: notices usage, failure and the proper end, and leaves
 * the bytes alone. It understands OpenAI chat, completions and responses streams, Anthropic messages streams, Gemini
 * streams in both of their forms ({@link GeminiResponseScan}), and Cohere's chat ({@link CohereDeltaScan}).
 *
 * <p>{@link #hidingUsage()} is for an OpenAI stream into which this gateway put {@code include_usage} although the client
 * did not ask. That option makes the provider do two things, and both are taken back so that the client sees the bytes
 * that it would have seen directly:
 *
 * <ul>
 *   <li>an extra chunk with {@code "choices":[]} and a {@code usage} object: the whole event is dropped;
 *   <li>{@code "usage":null} in all other chunks (the API reference: "only present when you set include_usage"): the
 *       member is cut out together with one comma.
 * </ul>
 *
 * A chunk with choices and a usage object stays as it is: providers that send it do so without being asked. An event whose
 * JSON is spread over several {@code data} lines keeps its {@code "usage":null}; no provider writes such events.
 *
 * <p>While hiding, an event is forwarded when it is complete, since only then is it known whether to forward it; otherwise
 * bytes are forwarded at once. Not thread-safe; one instance per stream.
 */
public final class StreamScan {
    /**
     * The bound on one event of a Responses stream: its first and last events repeat instructions and tools, and the last
     * one the whole answer.
     */
    private static final int RESPONSES_EVENT_BYTES_MAX = 32 * 1024 * 1024;

    private static final byte[] NOTHING = {};

    private final boolean hidesUsage;
    private final int eventBytesMax;
    private final SseParser parser;
    private final UsageReport report = new UsageReport();
    private final GeminiResponseScan gemini = new GeminiResponseScan(report);
    private final CohereDeltaScan cohere = new CohereDeltaScan(report);
    private final SseParser.Sink frames = this::frame;
    private @Nullable ProviderError failure;
    private @Nullable String model;
    private long sequenceNumber = -1;
    private boolean complete;
    private long outputTextBytes;

    private byte[] chunk = NOTHING;
    private int chunkForwarded;
    private byte[] out = NOTHING;
    private int outLength;
    private boolean changed;

    private StreamScan(boolean hidesUsage, int eventBytesMax) {
        this.hidesUsage = hidesUsage;
        this.eventBytesMax = eventBytesMax;
        this.parser = new SseParser(eventBytesMax);
    }

    /** Watches only. */
    public static StreamScan watching() {
        return new StreamScan(false, SseParser.EVENT_BYTES_MAX);
    }

    /** Watches a Responses stream, whose events can be far larger than those of other protocols. */
    public static StreamScan watchingResponses() {
        return new StreamScan(false, RESPONSES_EVENT_BYTES_MAX);
    }

    /** Watches, and takes an injected {@code include_usage} back out of an OpenAI stream. */
    public static StreamScan hidingUsage() {
        return new StreamScan(true, SseParser.EVENT_BYTES_MAX);
    }

    /**
     * Takes the next bytes of the provider and gives what to forward: {@code bytes} itself when nothing changes (compare
     * by identity and forward the buffer it came from), else a new array, which may be empty.
     */
    public byte[] feed(byte[] bytes) {
        if (!hidesUsage) {
            if (!parser.feed(bytes, 0, bytes.length, frames)) {
                overflowed();
            }
            return bytes;
        }
        chunk = bytes;
        chunkForwarded = 0;
        outLength = 0;
        changed = false;
        if (!parser.feed(bytes, 0, bytes.length, frames)) {
            overflowed();
        }
        chunk = NOTHING;
        if (changed) {
            return outLength == 0 ? NOTHING : Arrays.copyOf(out, outLength);
        }
        return chunkForwarded == bytes.length ? bytes : Arrays.copyOf(bytes, chunkForwarded);
    }

    /** Takes one response of a Gemini stream that is a JSON array. */
    public void response(byte[] json) {
        var members = new JsonMembers(json, 0, json.length);
        while (members.next()) {
            if (members.keyIs("error") && !members.valueIs("null")) {
                failure = failure == null ? ErrorReport.read(0, json) : failure;
            } else if (model == null && members.keyIs("modelVersion")) {
                model = members.text();
            } else {
                gemini.member(members);
            }
        }
    }

    /**
     * What is still to be forwarded when the provider's bytes end: the beginning of an event that was cut. Empty for a
     * whole stream.
     */
    public byte[] finish() {
        return hidesUsage ? parser.pending() : NOTHING;
    }

    /**
     * Whether the protocol's own end came ({@code [DONE]}, {@code message_stop}, {@code message-end}, {@code
     * response.completed}, the {@code finishReason} of every candidate). A stream whose bytes end without it was cut and must not look finished to the
     * client.
     */
    public boolean complete() {
        return complete || gemini.complete();
    }

    /** The last usage that was reported, or null. */
    public @Nullable TokenUsage usage() {
        return report.usage();
    }

    /** The model that the provider named, or null. */
    public @Nullable String model() {
        return model;
    }

    /** The {@code sequence_number} of the last event of a Responses stream; -1 before the first. */
    public long sequenceNumber() {
        return sequenceNumber;
    }

    /** Whether an event exceeded its bound; nothing is watched from then on. */
    public boolean eventTooLarge() {
        return parser.overflowed();
    }

    /** The error that the provider sent inside the stream, or null. */
    public @Nullable ProviderError failure() {
        return failure;
    }

    /**
     * UTF-8 bytes of generated text, reasoning and tool arguments so far, with JSON escapes counted as written: the base
     * for an estimate (flagged as one) when a stream ends without usage.
     */
    public long outputTextBytes() {
        return outputTextBytes + gemini.outputTextBytes() + cohere.outputTextBytes();
    }

    private void overflowed() {
        if (failure == null) {
            failure = ProviderError.of(
                    ProviderError.Kind.OUTAGE,
                    "provider_event_too_large",
                    "The provider sent a stream event of more than " + eventBytesMax + " bytes");
        }
    }

    private void frame(SseFrame frame) {
        if (!frame.isEvent()) {
            forward(frame);
        } else if (frame.dataIs("[DONE]")) {
            complete = true;
            forward(frame);
        } else {
            event(frame);
        }
    }

    private void event(SseFrame frame) {
        var members = new JsonMembers(frame.data, frame.dataOffset, frame.dataLength);
        boolean noChoices = false;
        boolean usageObject = false;
        int cutFrom = -1;
        int cutTo = -1;
        boolean cutOpen = false;
        while (members.next()) {
            if (cutOpen) {
                cutTo = members.memberStart;
                cutOpen = false;
            }
            if (members.keyIs("choices")) {
                noChoices = members.valueIsEmptyArray();
                countChoice(members.firstElement());
            } else if (members.keyIs("usage")) {
                if (members.valueIsObject()) {
                    usageObject = true;
                    report.read(members.value());
                } else if (members.valueIs("null")) {
                    cutFrom = members.memberStart;
                    cutTo = members.valueEnd;
                    cutOpen = true;
                    if (members.commaBefore >= 0 && !followed(frame, members.valueEnd)) {
                        cutFrom = members.commaBefore;
                        cutOpen = false;
                    }
                }
            } else if (members.keyIs("type")) {
                type(frame, members);
            } else if (members.keyIs("error") && !members.valueIs("null")) {
                failed(frame);
            } else if (members.keyIs("delta")) {
                countDelta(members);
            } else if (members.keyIs("sequence_number")) {
                sequenceNumber = Math.max(sequenceNumber, members.number());
            } else if (members.keyIs("message") || members.keyIs("response")) {
                answer(members.value());
            } else if (model == null && (members.keyIs("model") || members.keyIs("modelVersion"))) {
                model = members.text();
            } else {
                gemini.member(members);
            }
        }
        failure = failure == null ? cohere.failure() : failure;
        if (noChoices && usageObject && hidesUsage) {
            change();
        } else if (cutFrom >= 0 && hidesUsage && !frame.joined) {
            forwardWithout(frame, cutFrom, cutTo);
        } else {
            forward(frame);
        }
    }

    private static boolean followed(SseFrame frame, int valueEnd) {
        int end = frame.dataOffset + frame.dataLength;
        for (int i = valueEnd; i < end; i++) {
            byte b = frame.data[i];
            if (b == ',') {
                return true;
            }
            if (b > ' ') {
                return false;
            }
        }
        return false;
    }

    private void type(SseFrame frame, JsonMembers members) {
        if (members.valueIs("\"message_stop\"")
                || members.valueIs("\"message-end\"")
                || members.valueIs("\"response.completed\"")
                || members.valueIs("\"response.incomplete\"")) {
            complete = true;
        } else if (members.valueIs("\"error\"")) {
            failed(frame);
        }
    }

    private void failed(SseFrame frame) {
        if (failure == null) {
            failure = ErrorReport.read(0, new JsonMembers(frame.data, frame.dataOffset, frame.dataLength));
        }
    }

    /** Anthropic's {@code message_start} and the Responses API nest the answer. */
    private void answer(JsonMembers answer) {
        while (answer.next()) {
            if (answer.keyIs("usage") && answer.valueIsObject()) {
                report.read(answer.value());
            } else if (answer.keyIs("model") && model == null) {
                model = answer.text();
            } else if (answer.keyIs("error") && answer.valueIsObject() && failure == null) {
                failure = ErrorReport.read(0, answer.value());
            }
        }
    }

    private void countChoice(JsonMembers choice) {
        while (choice.next()) {
            if (choice.keyIs("delta")) {
                countDelta(choice);
            } else if (choice.keyIs("text")) {
                outputTextBytes += choice.stringBytes();
            }
        }
    }

    /** A delta is an object (chat, messages) or, in the Responses API, the text itself. */
    private void countDelta(JsonMembers at) {
        if (at.valueIsString()) {
            outputTextBytes += at.stringBytes();
            return;
        }
        JsonMembers delta = at.value();
        while (delta.next()) {
            if (delta.keyIs("content")
                    || delta.keyIs("text")
                    || delta.keyIs("thinking")
                    || delta.keyIs("partial_json")
                    || delta.keyIs("reasoning_content")
                    || delta.keyIs("reasoning")
                    || delta.keyIs("refusal")) {
                outputTextBytes += delta.stringBytes();
            } else if (delta.keyIs("tool_calls")) {
                JsonMembers call = delta.firstElement();
                while (call.next()) {
                    if (call.keyIs("function")) {
                        countFunction(call.value());
                    }
                }
            } else {
                cohere.member(delta);
            }
        }
    }

    private void countFunction(JsonMembers function) {
        while (function.next()) {
            if (function.keyIs("arguments") || function.keyIs("name")) {
                outputTextBytes += function.stringBytes();
            }
        }
    }

    private void forward(SseFrame frame) {
        if (!hidesUsage) {
            return;
        }
        if (!changed && frame.inPlace && frame.rawOffset == chunkForwarded) {
            chunkForwarded += frame.rawLength;
            return;
        }
        change();
        append(frame.raw, frame.rawOffset, frame.rawLength);
    }

    private void forwardWithout(SseFrame frame, int cutFrom, int cutTo) {
        change();
        append(frame.raw, frame.rawOffset, cutFrom - frame.rawOffset);
        append(frame.raw, cutTo, frame.rawOffset + frame.rawLength - cutTo);
    }

    /** From here on what is forwarded is no longer a prefix of the chunk. */
    private void change() {
        if (!changed) {
            changed = true;
            append(chunk, 0, chunkForwarded);
        }
    }

    private void append(byte[] bytes, int offset, int length) {
        if (outLength + length > out.length) {
            out = Arrays.copyOf(out, Math.max(outLength + length, Math.max(512, out.length * 2)));
        }
        System.arraycopy(bytes, offset, out, outLength, length);
        outLength += length;
    }
}
