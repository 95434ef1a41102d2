package io.latticegate.verify;

import java.util.Locale;

/** Names of tiles (C2SP tlog-tiles): {@code tile/<level>/<index>[.p/<width>]}, the index in groups of three digits. */
final class TileName {
    private static final int FULL_WIDTH = 256;

    /** @param level a number, or {@code entries} */
    static String of(String level, long index, int width) {
        StringBuilder groups = new StringBuilder(String.format(Locale.ROOT, "%03d", index % 1_000));
        for (long rest = index / 1_000; rest > 0; rest /= 1_000) {
            groups.insert(0, String.format(Locale.ROOT, "x%03d/", rest % 1_000));
        }
        return "tile/" + level + "/" + groups + (width == FULL_WIDTH ? "" : ".p/" + width);
    }

    private TileName() {}
}
