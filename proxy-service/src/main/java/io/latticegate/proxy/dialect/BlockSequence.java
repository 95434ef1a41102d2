package io.latticegate.proxy.dialect;

import io.latticegate.proxy.chat.ChatEvent;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * Puts the parts of an answer one after another, for protocols that have one open block at a time while others interleave
 * the arguments of parallel calls. A call's block is closed once its arguments are a whole JSON object; events of other
 * parts that come before that wait, in order, up to {@value #WAITING_CHARS_MAX} characters. Text and reasoning never wait
 * for more of themselves: when another part begins, their block is closed. Not thread-safe; one instance per stream.
 */
public final class BlockSequence {
    /** The most characters that wait. */
    public static final int WAITING_CHARS_MAX = 1024 * 1024;

    private static final int NO_PART = -1;

    private final Blocks blocks;
    private final Deque<ChatEvent> waiting = new ArrayDeque<>();
    private int waitingChars;
    private int openPart = NO_PART;
    private boolean openIsCall;
    private JsonBalance arguments = new JsonBalance();

    /** Writes blocks in a protocol's own form. */
    public interface Blocks {
        /** A block begins with {@code event}, whose content is written with {@link #content}. */
        void open(ChatEvent event);

        /** More of the open block, or the first of it. */
        void content(ChatEvent event);

        /** The open block ends. */
        void close();
    }

    public BlockSequence(Blocks blocks) {
        this.blocks = blocks;
    }

    /** Takes an event of a part. Returns false when too much waits, which nothing follows. */
    public boolean add(ChatEvent event) {
        boolean mayWrite = openPart == NO_PART || indexOf(event) == openPart || (waiting.isEmpty() && openMayClose());
        if (!mayWrite) {
            waitingChars += lengthOf(event);
            waiting.add(event);
            return waitingChars <= WAITING_CHARS_MAX;
        }
        write(event);
        if (openIsCall && arguments.closed() && !waiting.isEmpty()) {
            close();
            release();
        }
        return true;
    }

    /** Writes what still waits and closes the last block. */
    public void finish() {
        while (!waiting.isEmpty()) {
            close();
            release();
        }
        close();
    }

    private boolean openMayClose() {
        return !openIsCall || arguments.closed();
    }

    /** Writes the waiting events of the part that waits longest, then of the next as long as blocks can be closed. */
    private void release() {
        while (!waiting.isEmpty() && (openPart == NO_PART || openMayClose())) {
            int next = indexOf(waiting.getFirst());
            List<ChatEvent> ofOthers = new ArrayList<>();
            while (!waiting.isEmpty()) {
                ChatEvent event = waiting.removeFirst();
                if (indexOf(event) == next) {
                    waitingChars -= lengthOf(event);
                    write(event);
                } else {
                    ofOthers.add(event);
                }
            }
            waiting.addAll(ofOthers);
        }
    }

    private void write(ChatEvent event) {
        int part = indexOf(event);
        if (part != openPart) {
            if (event instanceof ChatEvent.ToolCallArguments) {
                return;
            }
            close();
            openPart = part;
            openIsCall = event instanceof ChatEvent.ToolCallStarted;
            arguments = new JsonBalance();
            blocks.open(event);
        }
        if (event instanceof ChatEvent.ToolCallArguments(int _, String fragment)) {
            arguments.add(fragment);
        }
        blocks.content(event);
    }

    private void close() {
        if (openPart != NO_PART) {
            openPart = NO_PART;
            openIsCall = false;
            blocks.close();
        }
    }

    private static int indexOf(ChatEvent event) {
        return switch (event) {
            case ChatEvent.TextDelta delta -> delta.index();
            case ChatEvent.ReasoningDelta delta -> delta.index();
            case ChatEvent.ReasoningSignature signature -> signature.index();
            case ChatEvent.ReasoningRedacted redacted -> redacted.index();
            case ChatEvent.ToolCallStarted call -> call.index();
            case ChatEvent.ToolCallArguments arguments -> arguments.index();
            case ChatEvent.Started _, ChatEvent.Finished _, ChatEvent.UsageReported _, ChatEvent.Failed _ ->
                throw new IllegalArgumentException("an event of no part");
        };
    }

    /** Characters that a waiting event holds; at least one, so that their number is bounded as well. */
    private static int lengthOf(ChatEvent event) {
        return 1
                + switch (event) {
                    case ChatEvent.TextDelta delta -> delta.text().length();
                    case ChatEvent.ReasoningDelta delta -> delta.text().length();
                    case ChatEvent.ReasoningSignature signature ->
                        signature.signature().length();
                    case ChatEvent.ReasoningRedacted redacted -> redacted.data().length();
                    case ChatEvent.ToolCallStarted call ->
                        call.name().length() + call.id().length();
                    case ChatEvent.ToolCallArguments arguments ->
                        arguments.jsonFragment().length();
                    case ChatEvent.Started _, ChatEvent.Finished _, ChatEvent.UsageReported _, ChatEvent.Failed _ -> 0;
                };
    }
}
