package io.latticegate.fhe.app.head;

import io.latticegate.fhe.core.head.Activation;
import io.latticegate.fhe.core.head.HeadModel;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.security.DigestInputStream;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A head on disk: the text {@value #MAGIC}, the length of the description (4 bytes), the description as JSON and the SHA-256 of
 * all that; then the model and the SHA-256 of the model. All numbers have their most significant byte first. So the description
 * can be read and checked without the weights. Counts are bounded before anything is allocated.
 */
final class HeadFile {
    private static final String MAGIC = "LGHEAD01";
    private static final int DESCRIPTION_MAX = 1 << 20;
    private static final int NONE = 0;
    private static final int SQUARE = 1;
    private static final int POLYNOMIAL = 2;

    /** A head with its weights. */
    record Content(Head head, HeadModel model) {}

    static void write(Head head, HeadModel model, OutputStream to) throws IOException {
        MessageDigest digest = sha256();
        DataOutputStream out =
                new DataOutputStream(new BufferedOutputStream(new DigestOutputStream(to, digest), 1 << 16));
        byte[] description = head.toJson().toBuffer().getBytes();
        if (description.length > DESCRIPTION_MAX) {
            throw new IOException("a description of " + description.length + " bytes; allowed are " + DESCRIPTION_MAX);
        }
        out.writeBytes(MAGIC);
        out.writeInt(description.length);
        out.write(description);
        writeDigest(out, to, digest);
        out.writeInt(model.input());
        out.writeInt(model.layers().size());
        for (HeadModel.Layer layer : model.layers()) {
            out.writeInt(layer.outputs());
            out.writeInt(layer.weights()[0].length);
            for (double[] row : layer.weights()) {
                writeAll(row, out);
            }
            writeAll(layer.bias(), out);
            switch (layer.activation()) {
                case Activation.None _ -> out.writeByte(NONE);
                case Activation.Square _ -> out.writeByte(SQUARE);
                case Activation.Polynomial(double[] coefficients) -> {
                    out.writeByte(POLYNOMIAL);
                    out.writeInt(coefficients.length);
                    writeAll(coefficients, out);
                }
            }
        }
        writeDigest(out, to, digest);
    }

    private static void writeAll(double[] numbers, DataOutputStream out) throws IOException {
        for (double number : numbers) {
            out.writeDouble(number);
        }
    }

    private static void writeDigest(DataOutputStream out, OutputStream to, MessageDigest digest) throws IOException {
        out.flush();
        to.write(digest.digest());
    }

    /** The description alone. @throws IOException where the file is damaged */
    static Head readHead(InputStream from) throws IOException {
        return new Reading(from).head();
    }

    /** Everything. @throws IOException where the file is damaged */
    static Content read(InputStream from) throws IOException {
        Reading reading = new Reading(from);
        Head head = reading.head();
        return new Content(head, reading.model());
    }

    /** One pass over a file. */
    private static final class Reading {
        private final MessageDigest digest = sha256();
        private final DigestInputStream digested;
        private final DataInputStream in;

        private Reading(InputStream from) {
            this.digested = new DigestInputStream(new BufferedInputStream(from, 1 << 16), digest);
            this.in = new DataInputStream(digested);
        }

        private static IOException damaged(String what) {
            return new IOException("the file of a head is damaged: " + what);
        }

        private Head head() throws IOException {
            byte[] magic = in.readNBytes(MAGIC.length());
            if (!Arrays.equals(magic, MAGIC.getBytes(StandardCharsets.US_ASCII))) {
                throw damaged("it does not begin with " + MAGIC);
            }
            try {
                byte[] description = in.readNBytes(count("description", DESCRIPTION_MAX));
                requireDigest();
                return Head.from(new JsonObject(Buffer.buffer(description)));
            } catch (EOFException truncated) {
                throw damaged("it ends in the description");
            }
        }

        private HeadModel model() throws IOException {
            try {
                int input = count("input", HeadModel.INPUT_MAX);
                int layers = count("layers", HeadModel.LAYERS_MAX);
                List<HeadModel.Layer> read = new ArrayList<>();
                for (int i = 0; i < layers; i++) {
                    read.add(layer());
                }
                requireDigest();
                if (in.read() >= 0) {
                    throw damaged("something follows the model");
                }
                return HeadModel.of(input, read);
            } catch (EOFException truncated) {
                throw damaged("it ends in the model");
            } catch (IllegalArgumentException refused) {
                throw damaged(String.valueOf(refused.getMessage()));
            }
        }

        private HeadModel.Layer layer() throws IOException {
            double[][] weights = new double[count("rows", HeadModel.WIDTH_MAX)][];
            int columns = count("columns", HeadModel.INPUT_MAX);
            for (int row = 0; row < weights.length; row++) {
                weights[row] = numbers(columns);
            }
            double[] bias = numbers(weights.length);
            int kind = in.readUnsignedByte();
            Activation activation = switch (kind) {
                case NONE -> new Activation.None();
                case SQUARE -> new Activation.Square();
                case POLYNOMIAL -> new Activation.Polynomial(numbers(count("coefficients", HeadModel.DEGREE_MAX + 1)));
                default -> throw damaged("activation " + kind);
            };
            return new HeadModel.Layer(weights, bias, activation);
        }

        private int count(String what, int most) throws IOException {
            int count = in.readInt();
            if (count < 1 || count > most) {
                throw damaged(count + " " + what);
            }
            return count;
        }

        private double[] numbers(int count) throws IOException {
            double[] numbers = new double[count];
            for (int i = 0; i < count; i++) {
                numbers[i] = in.readDouble();
            }
            return numbers;
        }

        private void requireDigest() throws IOException {
            byte[] actual = digest.digest();
            digested.on(false);
            byte[] written = in.readNBytes(actual.length);
            digested.on(true);
            if (!MessageDigest.isEqual(actual, written)) {
                throw damaged("its SHA-256 differs");
            }
        }
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException missing) {
            throw new IllegalStateException("this JDK lacks SHA-256, which every JDK has", missing);
        }
    }

    private HeadFile() {}
}
