package io.latticegate.bench;

import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the living threads of a JVM have allocated since they began, as its own thread dump says: exact below 100 KiB, to
 * the KiB below 100 MiB, and to the MiB above.
 *
 * @param ofEventLoops by the threads that carry requests
 * @param ofAll by all threads
 */
record AllocatedBytes(long ofEventLoops, long ofAll) {
    private static final String EVENT_LOOP = "\"vert.x-eventloop-thread-";
    private static final Pattern ALLOCATED = Pattern.compile(" allocated=(\\d+)([BKMG]) ");

    /** @throws IllegalStateException when the process is no JVM of this user */
    static AllocatedBytes of(long pid) {
        Path jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd");
        return parse(Shell.output(jcmd.toString(), Long.toString(pid), "Thread.print", "-e"));
    }

    static AllocatedBytes parse(String dump) {
        long loops = 0;
        long all = 0;
        for (String line : dump.split("\n", -1)) {
            Matcher matcher = ALLOCATED.matcher(line);
            if (matcher.find()) {
                long bytes = Long.parseLong(matcher.group(1))
                        * switch (matcher.group(2)) {
                            case "K" -> 1L << 10;
                            case "M" -> 1L << 20;
                            case "G" -> 1L << 30;
                            default -> 1L;
                        };
                all += bytes;
                loops += line.startsWith(EVENT_LOOP) ? bytes : 0;
            }
        }
        if (loops == 0) {
            throw new IllegalStateException("the thread dump shows no allocation of an event loop");
        }
        return new AllocatedBytes(loops, all);
    }

    AllocatedBytes since(AllocatedBytes earlier) {
        return new AllocatedBytes(ofEventLoops - earlier.ofEventLoops, ofAll - earlier.ofAll);
    }
}
