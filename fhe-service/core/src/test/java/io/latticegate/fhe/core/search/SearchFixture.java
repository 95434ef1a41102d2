package io.latticegate.fhe.core.search;

import io.latticegate.fhe.core.client.search.QueryEncoder;
import io.latticegate.fhe.core.client.search.ScoreDecoder;
import io.latticegate.fhe.core.client.search.TopK;
import io.latticegate.fhe.core.evaluate.Ciphertext;
import io.latticegate.fhe.core.evaluate.Party;
import io.latticegate.fhe.core.preset.Preset;
import io.latticegate.fhe.core.ring.RnsBackend;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.DoubleStream;

/** A client with an index of random unit vectors. */
final class SearchFixture {
    final Party party;
    final float[][] rows;
    final SearchIndex index;
    final QueryEncoder encoder;
    final ScoreDecoder decoder;
    private final Random random;

    SearchFixture(Preset preset, Path file, int rows, int dimension, long seed)
            throws IOException, InvalidRowsException {
        this(preset, file, unitVectors(new Random(seed), rows, dimension), seed);
    }

    SearchFixture(Preset preset, Path file, float[][] rows, long seed) throws IOException, InvalidRowsException {
        this.party = new Party(preset);
        this.random = new Random(~seed);
        this.rows = rows;
        new IndexWriter(preset, rows.length, rows[0].length, party.backend)
                .write(file, new ByteArrayInputStream(bytes(rows)));
        this.index = SearchIndex.open(file);
        this.encoder =
                new QueryEncoder(party.parameters, party.backend, index.packing(), party.encryptor, party.secret);
        this.decoder =
                new ScoreDecoder(party.parameters, party.backend, index.packing(), index.rows(), party.decryptor);
    }

    static float[][] unitVectors(Random random, int count, int dimension) {
        float[][] vectors = new float[count][];
        for (int i = 0; i < count; i++) {
            vectors[i] = unitVector(random, dimension);
        }
        return vectors;
    }

    static float[] unitVector(Random random, int dimension) {
        double[] gaussian =
                DoubleStream.generate(random::nextGaussian).limit(dimension).toArray();
        double square = 0;
        for (double component : gaussian) {
            square += component * component;
        }
        float[] vector = new float[dimension];
        for (int k = 0; k < dimension; k++) {
            vector[k] = (float) (gaussian[k] / Math.sqrt(square));
        }
        return vector;
    }

    static byte[] bytes(float[][] rows) {
        ByteBuffer bytes =
                ByteBuffer.allocate(rows.length * rows[0].length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (float[] row : rows) {
            for (float component : row) {
                bytes.putFloat(component);
            }
        }
        return bytes.array();
    }

    List<float[]> vectors(int count) {
        return List.of(unitVectors(random, count, index.dimension()));
    }

    List<Ciphertext> encrypt(float[] vector) {
        return encoder.encrypt(vector).stream()
                .map(piece -> piece.expand(party.backend))
                .toList();
    }

    Query query(float[] vector) {
        return Query.of(index, encrypt(vector), party.backend);
    }

    /** The replies to each query, block by block. */
    List<List<Ciphertext>> run(List<Query> queries, RnsBackend backend) {
        List<List<Ciphertext>> replies = new ArrayList<>();
        queries.forEach(_ -> replies.add(new ArrayList<>()));
        new Search(index, backend).run(queries, (query, block, scores) -> {
            if (replies.get(query).size() != block) {
                throw new AssertionError(
                        "block " + block + " after " + replies.get(query).size());
            }
            replies.get(query).add(scores);
        });
        return replies;
    }

    double[] scores(List<Ciphertext> reply) {
        double[] scores = new double[index.rows()];
        for (int block = 0; block < reply.size(); block++) {
            double[] decoded = decoder.decode(block, reply.get(block));
            System.arraycopy(decoded, 0, scores, decoder.firstRow(block), decoded.length);
        }
        return scores;
    }

    List<TopK.Hit> best(List<Ciphertext> reply, int count) {
        TopK best = new TopK(count);
        for (int block = 0; block < reply.size(); block++) {
            decoder.decode(block, reply.get(block), best);
        }
        return best.best();
    }

    double exact(float[] query, int row) {
        double sum = 0;
        for (int k = 0; k < query.length; k++) {
            sum += (double) query[k] * rows[row][k];
        }
        return sum;
    }
}
