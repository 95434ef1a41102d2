package io.latticegate.e2e.fhe;

import io.latticegate.fhe.core.backend.Backends;
import io.latticegate.fhe.core.client.Decryptor;
import io.latticegate.fhe.core.client.Encryptor;
import io.latticegate.fhe.core.client.KeyGenerator;
import io.latticegate.fhe.core.client.MasterSeed;
import io.latticegate.fhe.core.client.SecretKey;
import io.latticegate.fhe.core.client.head.EmbeddingEncoder;
import io.latticegate.fhe.core.client.head.HeadScores;
import io.latticegate.fhe.core.client.search.QueryEncoder;
import io.latticegate.fhe.core.client.search.ScoreDecoder;
import io.latticegate.fhe.core.encode.Encoder;
import io.latticegate.fhe.core.encode.Plaintext;
import io.latticegate.fhe.core.evaluate.Ciphertext;
import io.latticegate.fhe.core.head.InputPacking;
import io.latticegate.fhe.core.key.GaloisElements;
import io.latticegate.fhe.core.key.SeededSwitchingKey;
import io.latticegate.fhe.core.preset.CkksParameters;
import io.latticegate.fhe.core.preset.Preset;
import io.latticegate.fhe.core.ring.RnsBackend;
import io.latticegate.fhe.core.search.Packing;
import io.latticegate.fhe.core.wire.CiphertextReader;
import io.latticegate.fhe.core.wire.CiphertextRules;
import io.latticegate.fhe.core.wire.Compression;
import io.latticegate.fhe.core.wire.SealObjects;
import io.latticegate.fhe.core.wire.SealWriter;
import io.latticegate.fhe.core.wire.client.SecretKeyContainer;
import io.vertx.core.json.JsonObject;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Somebody with a secret key: makes the objects that a service gets, and reads those that come back. */
final class FheParty {
    private static final RnsBackend BACKEND = Backends.cpu();

    private final Preset preset;
    private final CkksParameters parameters;
    private final SealObjects objects;
    private final Encoder encoder;
    private final KeyGenerator generator;
    private final SecretKey secret;

    FheParty(Preset preset) {
        this(preset, MasterSeed.generate(new SecureRandom()));
    }

    /** @param seed of which all keys are made */
    FheParty(Preset preset, MasterSeed seed) {
        this.preset = preset;
        this.parameters = preset.parameters();
        this.objects = new SealObjects(parameters, BACKEND);
        this.encoder = new Encoder(parameters, BACKEND);
        this.generator = new KeyGenerator(parameters, BACKEND, seed, 1);
        this.secret = generator.secretKey();
    }

    private interface Writing {
        void to(OutputStream out) throws IOException;
    }

    private static byte[] bytes(Writing writing) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            writing.to(out);
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        return out.toByteArray();
    }

    Preset preset() {
        return preset;
    }

    SealObjects objects() {
        return objects;
    }

    RnsBackend backend() {
        return BACKEND;
    }

    SecretKey secret() {
        return secret;
    }

    Encoder encoder() {
        return encoder;
    }

    byte[] relinearisation(Compression compression) {
        return bytes(out -> SealWriter.write(
                objects.relinearisationContainer(generator.relinearisationKey(secret)), out, compression));
    }

    byte[] galois(Compression compression, int... steps) {
        return galois(
                compression,
                Arrays.stream(steps)
                        .mapToObj(step -> GaloisElements.rotation(parameters.degree(), step))
                        .toList());
    }

    byte[] galois(Compression compression, List<Integer> elements) {
        Map<Integer, SeededSwitchingKey> keys = new HashMap<>();
        for (int element : elements) {
            keys.put(element, generator.galoisKey(secret, element));
        }
        return bytes(out -> SealWriter.write(objects.galoisContainer(keys), out, compression));
    }

    byte[] publicKey() {
        return bytes(out -> SealWriter.write(objects.container(generator.publicKey(secret)), out, Compression.NONE));
    }

    /** Makes queries of an index and reads its scores, from what the service says of the index. */
    Searcher searcher(JsonObject described) {
        return new Searcher(described);
    }

    /** Half of a search: the client's. */
    final class Searcher {
        private final Packing packing;
        private final double scale;
        private final QueryEncoder queries;
        private final ScoreDecoder scores;

        private Searcher(JsonObject described) {
            int rows = described.getInteger("rows");
            this.packing = Packing.of(parameters.degree(), rows, described.getInteger("dimension"));
            this.scale = described.getJsonObject("query").getDouble("scale");
            Encryptor encryptor = new Encryptor(parameters, BACKEND, new SecureRandom());
            this.queries = new QueryEncoder(parameters, BACKEND, packing, encryptor, secret, scale);
            this.scores = new ScoreDecoder(
                    parameters, BACKEND, packing, rows, new Decryptor(parameters, BACKEND, secret), scale);
        }

        /** One container for each piece. */
        byte[][] query(float... vector) {
            return queries.encrypt(vector).stream()
                    .map(piece -> bytes(out -> SealWriter.write(objects.container(piece), out, Compression.NONE)))
                    .toArray(byte[][]::new);
        }

        /** The same without seeds. */
        byte[][] expandedQuery(float... vector) {
            return queries.encrypt(vector).stream()
                    .map(piece -> bytes(
                            out -> SealWriter.write(objects.container(piece.expand(BACKEND)), out, Compression.NONE)))
                    .toArray(byte[][]::new);
        }

        /** The scores of all rows, from a reply's ciphertext frames. */
        double[] scores(List<byte[]> blocks) throws IOException {
            CiphertextRules rules = new CiphertextRules(2, 1, 1, scale * Packing.ROW_SCALE);
            List<Double> all = new ArrayList<>();
            for (int block = 0; block < blocks.size(); block++) {
                var read =
                        new CiphertextReader(objects.chain(), rules).read(new ByteArrayInputStream(blocks.get(block)));
                try (Ciphertext ciphertext = objects.ciphertext(read)) {
                    for (double score : scores.decode(block, ciphertext)) {
                        all.add(score);
                    }
                }
            }
            return all.stream().mapToDouble(Double::doubleValue).toArray();
        }
    }

    byte[] secretKey() {
        return bytes(out -> SecretKeyContainer.write(secret, BACKEND, out));
    }

    byte[] encrypt(double... values) {
        return encrypt(encoder.encode(values, parameters.topLevel(), preset.scale()));
    }

    /** @param head as the service describes it */
    Plaintext encode(JsonObject head, double[] vector) {
        JsonObject packing = head.getJsonObject("packing");
        InputPacking slots = new InputPacking(
                packing.getInteger("slots"),
                head.getInteger("input"),
                packing.getInteger("period"),
                packing.getInteger("block"),
                packing.getInteger("shift"),
                packing.getInteger("turns"));
        return new EmbeddingEncoder(encoder, slots, head.getInteger("input_level"), head.getDouble("input_scale"))
                .encode(vector);
    }

    /** The first scores in what a head answered; all slots behind them are zero. */
    HeadScores scores(byte[] container, int outputs) throws IOException {
        double[] slots = decrypt(container);
        return new HeadScores(Arrays.copyOf(slots, outputs));
    }

    byte[] encrypt(Plaintext plain) {
        var ciphertext = new Encryptor(parameters, BACKEND, new SecureRandom()).encrypt(plain, secret);
        return bytes(out -> SealWriter.write(objects.container(ciphertext), out, Compression.NONE));
    }

    double[] decrypt(byte[] container) throws IOException {
        var read = new CiphertextReader(objects.chain(), CiphertextRules.wellFormed(objects.chain()))
                .read(new ByteArrayInputStream(container));
        try (Ciphertext ciphertext = objects.ciphertext(read)) {
            return encoder.decode(new Decryptor(parameters, BACKEND, secret).decrypt(ciphertext))
                    .real();
        }
    }
}
