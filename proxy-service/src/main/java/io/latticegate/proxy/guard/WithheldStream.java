package io.latticegate.proxy.guard;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Withholds the items of a stream until the texts in them are judged, and lets them go in the order in which they came,
 * changed only where something in them is redacted. Texts of several kinds come mixed (reasoning, answer, arguments of
 * tools), each in a channel of its own; one that has been silent for a window of others is taken as ended, so that it does
 * not hold them up. Should it go on after all, what began before is still found, and of a redaction the part that was not
 * shown yet.
 *
 * @param <T> an item
 */
final class WithheldStream<T> {
    private static final int CHANNELS_MAX = 256;
    private static final int SILENCE_PER_ITEM = 8;

    private final TextRules rules;
    private final Findings findings;
    private final int window;
    private final Map<String, Channel> channels = new HashMap<>();
    private final Deque<Withheld<T>> queue = new ArrayDeque<>();
    private long items;

    private static final class Channel {
        private final TextChannel text;
        private long lastItem;
        private int silence;
        private boolean settled;

        private Channel(TextChannel text) {
            this.text = text;
        }
    }

    /**
     * A piece of text inside an item.
     *
     * @param channel which text it continues
     * @param replace puts another text in its place
     */
    record Piece(String channel, String text, Consumer<String> replace) {}

    private record Part(TextChannel text, long from, long to, Consumer<String> replace) {}

    private record Withheld<T>(T item, List<Part> parts) {}

    WithheldStream(TextRules rules, Findings findings, int window) {
        this.rules = rules;
        this.findings = findings;
        this.window = window;
    }

    /** Takes the next item. False when it has more texts than any answer: nothing of it can be judged then. */
    boolean add(T item, List<Piece> pieces) {
        List<Part> parts = new ArrayList<>(pieces.size());
        int length = SILENCE_PER_ITEM;
        items++;
        for (Piece piece : pieces) {
            Channel channel = channels.get(piece.channel);
            if (channel == null) {
                if (channels.size() == CHANNELS_MAX) {
                    return false;
                }
                channel = new Channel(new TextChannel(rules, findings, window));
                channels.put(piece.channel, channel);
            }
            channel.lastItem = items;
            channel.silence = 0;
            channel.settled = false;
            long from = channel.text.append(piece.text);
            parts.add(new Part(channel.text, from, channel.text.length(), piece.replace));
            length += piece.text.length();
        }
        for (Channel channel : channels.values()) {
            if (channel.lastItem < items && !channel.settled) {
                channel.silence += length;
                if (channel.silence > window) {
                    channel.text.settle();
                    channel.settled = true;
                }
            }
        }
        queue.add(new Withheld<>(item, parts));
        return true;
    }

    /** No further item comes: everything is judged. */
    void end() {
        channels.values().forEach(channel -> channel.text.settle());
    }

    /** Lets go of what is judged, in order. */
    void release(Consumer<T> sink) {
        while (!queue.isEmpty() && isDecided(queue.getFirst())) {
            Withheld<T> first = queue.removeFirst();
            for (Part part : first.parts) {
                String shown = part.text.show(part.from, part.to);
                if (shown != null) {
                    part.replace.accept(shown);
                }
            }
            sink.accept(first.item);
        }
    }

    private static boolean isDecided(Withheld<?> withheld) {
        for (Part part : withheld.parts) {
            if (part.text.decided() < part.to) {
                return false;
            }
        }
        return true;
    }
}
