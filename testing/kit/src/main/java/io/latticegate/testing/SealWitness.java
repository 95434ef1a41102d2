package io.latticegate.testing;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Microsoft SEAL itself, as node-seal under Node, in a process of its own: {@code testing/seal/witness.mjs}. It makes keys
 * and ciphertexts, evaluates, decrypts, and keeps its objects under names. Its commands are those of that file. Not safe for
 * use by several threads.
 */
public final class SealWitness implements AutoCloseable {
    private static final int PART_BYTES_MAX = 1 << 30;

    private final Process process;
    private final DataInputStream answers;
    private final OutputStream requests;

    private SealWitness(Process process) {
        this.process = process;
        this.answers = new DataInputStream(new BufferedInputStream(process.getInputStream(), 1 << 16));
        this.requests = new BufferedOutputStream(process.getOutputStream(), 1 << 16);
    }

    /** An answer's words and its binary part, which is empty where there is none. */
    public record Answer(List<String> words, byte[] bytes) {}

    /** SEAL's refusal of a request. */
    public static final class Refused extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Refused(String message) {
            super(message);
        }
    }

    /** The releases of node-seal that can be asked. */
    public enum Release {
        /** node-seal 6.0.3, with SEAL 4.1.2, on the Node of this machine. */
        SIX,
        /** node-seal 7.0.0 on Node 24, which comes as a package for x86-64 Linux and is this machine's own elsewhere. */
        SEVEN
    }

    /** Starts node-seal 6 in a process. */
    public static SealWitness start() {
        return start(Release.SIX);
    }

    /**
     * Starts the process.
     *
     * @throws IllegalStateException when Node or npm is missing, or the packages cannot be installed
     */
    public static SealWitness start(Release release) {
        Path folder = NodePackages.ready("testing/seal");
        String node = NodePackages.node(release).toString();
        String library = release == Release.SEVEN ? "seven/library.mjs" : "library.mjs";
        try {
            return new SealWitness(new ProcessBuilder(node, "witness.mjs", library)
                    .directory(folder.toFile())
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start());
        } catch (IOException fault) {
            throw new UncheckedIOException("cannot start node in " + folder, fault);
        }
    }

    /**
     * Sends a request and waits for its answer.
     *
     * @param request the command and its arguments, separated by spaces
     * @throws Refused when SEAL refuses
     */
    public Answer ask(String request, byte[]... parts) {
        try {
            write(request.getBytes(StandardCharsets.UTF_8));
            integer(parts.length);
            for (byte[] part : parts) {
                write(part);
            }
            requests.flush();
            String text = new String(read(), StandardCharsets.UTF_8);
            byte[] bytes = new byte[0];
            for (int left = integer(); left > 0; left--) {
                bytes = read();
            }
            List<String> words = List.of(text.split(" ", -1));
            if (!words.getFirst().equals("ok")) {
                throw new Refused(request + ": " + text);
            }
            return new Answer(words.subList(1, words.size()), bytes);
        } catch (IOException fault) {
            throw new UncheckedIOException("the SEAL process ended during: " + request, fault);
        }
    }

    /** The object of this name as an uncompressed container. */
    public byte[] save(String name) {
        return ask("save " + name + " none").bytes();
    }

    /** The values that a ciphertext of this name decrypts to, one per slot. */
    public double[] decrypt(String name) {
        return doubles(ask("decrypt " + name).bytes());
    }

    /** Encodes values under a name; slots behind them are zero. */
    public void encode(String name, double scale, double... values) {
        ask("encode " + name + " " + scale, bytes(values));
    }

    /** Values as requests carry them. */
    public static byte[] bytes(double... values) {
        ByteBuffer bytes = ByteBuffer.allocate(values.length * Double.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asDoubleBuffer().put(values);
        return bytes.array();
    }

    private static double[] doubles(byte[] bytes) {
        double[] values = new double[bytes.length / Double.BYTES];
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asDoubleBuffer().get(values);
        return values;
    }

    private void write(byte[] bytes) throws IOException {
        integer(bytes.length);
        requests.write(bytes);
    }

    private void integer(int value) throws IOException {
        requests.write(ByteBuffer.allocate(Integer.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(value)
                .array());
    }

    private byte[] read() throws IOException {
        int length = integer();
        if (length < 0 || length > PART_BYTES_MAX) {
            throw new IOException("a part of " + length + " bytes");
        }
        byte[] bytes = answers.readNBytes(length);
        if (bytes.length < length) {
            throw new EOFException("an answer that does not end");
        }
        return bytes;
    }

    private int integer() throws IOException {
        return Integer.reverseBytes(answers.readInt());
    }

    /** Ends the process. */
    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException interrupted) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
