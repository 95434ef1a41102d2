package io.latticegate.fhe.core.head;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.latticegate.fhe.core.backend.CpuScalar;
import io.latticegate.fhe.core.client.head.EmbeddingEncoder;
import io.latticegate.fhe.core.evaluate.Ciphertext;
import io.latticegate.fhe.core.evaluate.Evaluator;
import io.latticegate.fhe.core.evaluate.Party;
import io.latticegate.fhe.core.key.SwitchingKey;
import io.latticegate.fhe.core.preset.Preset;
import io.latticegate.fhe.core.ring.Poly;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicInteger;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class HeadTest {
    private static final long SEED = 20260114;
    private static Party party;
    private static SwitchingKey relinearisation;
    private static HeadCompiler compiler;

    @BeforeAll
    static void generate() {
        party = new Party(Preset.S14);
        relinearisation = party.relinearisationKey();
        compiler = new HeadCompiler(party.parameters, party.scale, party.encoder);
    }

    @AfterAll
    static void close() {
        party.galoisKeys(List.of()).close();
    }

    private static void goOn() {}

    /**
     * Layers as "width activation", where the activation is none, square or the degree of a polynomial. Rows have length 1
     * or, behind the first layer, a sum of magnitudes of about half the root of their number.
     */
    private static HeadModel model(String description, Random random) {
        String[] parts = description.split(" ", -1);
        int input = Integer.parseInt(parts[0]);
        int width = input;
        List<HeadModel.Layer> layers = new ArrayList<>();
        for (int i = 1; i < parts.length; i += 2) {
            int rows = Integer.parseInt(parts[i]);
            double[][] weights = new double[rows][];
            for (int row = 0; row < rows; row++) {
                weights[row] = i == 1 ? unit(width, random) : small(width, random);
            }
            layers.add(new HeadModel.Layer(
                    weights, random.doubles(rows, -0.5, 0.5).toArray(), activation(parts[i + 1], random)));
            width = rows;
        }
        return HeadModel.of(input, layers);
    }

    private static double[] small(int length, Random random) {
        double size = 1 / Math.sqrt(length);
        double[] row = random.doubles(length, -size, size).toArray();
        row[random.nextInt(length)] = 0;
        row[random.nextInt(length)] = size;
        return row;
    }

    private static Activation activation(String name, Random random) {
        return switch (name) {
            case "none" -> new Activation.None();
            case "square" -> new Activation.Square();
            default -> {
                double[] coefficients =
                        random.doubles(Integer.parseInt(name) + 1, -0.5, 0.5).toArray();
                coefficients[coefficients.length - 1] = 0.25;
                yield new Activation.Polynomial(coefficients);
            }
        };
    }

    /** What the model means, computed apart from the code under test. */
    private static double[] oracle(HeadModel model, double[] vector) {
        double[] x = vector;
        for (HeadModel.Layer layer : model.layers()) {
            double[] y = new double[layer.weights().length];
            for (int row = 0; row < y.length; row++) {
                for (int column = 0; column < x.length; column++) {
                    y[row] += layer.weights()[row][column] * x[column];
                }
                double sum = y[row] + layer.bias()[row];
                y[row] = switch (layer.activation()) {
                    case Activation.None _ -> sum;
                    case Activation.Square _ -> sum * sum;
                    case Activation.Polynomial(double[] coefficients) -> {
                        double value = 0;
                        for (int i = 0; i < coefficients.length; i++) {
                            value += coefficients[i] * Math.pow(sum, i);
                        }
                        yield value;
                    }
                };
            }
            x = y;
        }
        return x;
    }

    private static double[] unit(int length, Random random) {
        double[] vector = random.doubles(length, -1, 1).toArray();
        double squares = 0;
        for (double value : vector) {
            squares += value * value;
        }
        for (int i = 0; i < length; i++) {
            vector[i] /= Math.sqrt(squares);
        }
        return vector;
    }

    private static Ciphertext encrypt(CompiledHead head, double[] vector) {
        EmbeddingEncoder encoder =
                new EmbeddingEncoder(party.encoder, head.packing(), head.inputLevel(), head.inputScale());
        return party.encryptor.encrypt(encoder.encode(vector), party.secret).expand(party.backend);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1 4 none",
                "3 1 none",
                "3 2 square",
                "5 500 none",
                "384 3 none",
                "1024 512 none",
                "384 64 square 3 none",
                "100 128 square 5 none",
                "17 33 3 7 none",
                "20 12 7 3 none",
                "16 4 5",
                "9 6 none 10 2",
                "33 8 square 20 square 4 none",
                "12 16 none 16 2 8 none",
                "30 256 square 256 none"
            })
    void givesTheScoresOfTheModelInTheFirstSlotsAndZeroInAllOthers(String description) {
        Random random = new Random(SEED + description.hashCode());
        HeadModel model = model(description, random);
        double[] vector = unit(model.input(), random);
        double[] expected = oracle(model, vector);
        assertThat(model.scores(vector)).containsExactly(expected, Offset.offset(1e-9));
        try (CompiledHead head = compiler.compile(model)) {
            Ciphertext result = head.run(
                    party.evaluator,
                    encrypt(head, vector),
                    head.multiplies() ? relinearisation : null,
                    party.galoisKeys(head.elements()),
                    HeadTest::goOn);
            assertThat(result.level()).isEqualTo(head.outputLevel());
            assertThat(Evaluator.sameScale(result.scale(), head.outputScale())).isTrue();
            assertThat(head.errorBound()).isLessThan(0.02);
            var slots = party.decrypt(result);
            double worst = 0;
            for (int slot = 0; slot < slots.real().length; slot++) {
                double score = slot < expected.length ? expected[slot] : 0;
                worst = Math.max(worst, Math.hypot(slots.real()[slot] - score, slots.imaginary()[slot]));
            }
            assertThat(worst).isLessThan(head.errorBound());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6})
    void givesTheScoresOfModelsOfAnyShape(int number) {
        Random random = new Random(SEED + number);
        String description = switch (number % 3) {
            case 0 -> size(random, 64) + " " + size(random, 12) + " square " + size(random, 12) + " square";
            case 1 -> size(random, 1024) + " " + size(random, 512) + " " + (1 + random.nextInt(3));
            default -> String.valueOf(size(random, 1024));
        };
        String last = number % 3 == 2 ? " 7" : " none";
        givesTheScoresOfTheModelInTheFirstSlotsAndZeroInAllOthers(description + " " + size(random, 64) + last);
    }

    /** From 1 on, of all orders of magnitude. */
    private static int size(Random random, int greatest) {
        return (int) Math.pow(greatest, random.nextDouble());
    }

    @Test
    void givesTheSameIntegersOnBothBackends() {
        Random random = new Random(SEED);
        HeadModel model = model("40 16 3 3 none", random);
        try (CompiledHead head = compiler.compile(model)) {
            Ciphertext vector = encrypt(head, unit(40, random));
            var keys = party.galoisKeys(head.elements());
            Ciphertext vectored = head.run(party.evaluator, vector, relinearisation, keys, HeadTest::goOn);
            Evaluator scalar = new Evaluator(party.parameters, new CpuScalar());
            Ciphertext scalared = head.run(scalar, vector, relinearisation, keys, HeadTest::goOn);
            for (int part = 0; part < 2; part++) {
                assertThat(residues(scalared.parts().get(part)))
                        .isEqualTo(residues(vectored.parts().get(part)));
            }
        }
    }

    private static long[] residues(Poly<?> poly) {
        long[] residues = new long[poly.base().words()];
        party.backend.download(poly, residues, 0);
        return residues;
    }

    @Test
    void refusesOtherVectorsAndMissingKeysBeforeItComputes() {
        Random random = new Random(SEED);
        HeadModel model = model("40 16 square 3 none", random);
        try (CompiledHead head = compiler.compile(model)) {
            assertThat(head.inputLevel()).isEqualTo(3);
            Ciphertext right = encrypt(head, unit(40, random));
            var keys = party.galoisKeys(head.elements());
            Ciphertext scaled = new Ciphertext(party.parameters, head.inputScale() * 2, right.parts());
            Ciphertext lower = party.evaluator.modSwitch(right, 2);
            AtomicInteger steps = new AtomicInteger();
            Runnable count = steps::incrementAndGet;
            assertThatThrownBy(() -> head.run(party.evaluator, scaled, relinearisation, keys, count))
                    .hasMessageContaining("planned is level 3");
            assertThatThrownBy(() -> head.run(party.evaluator, lower, relinearisation, keys, count))
                    .hasMessageContaining("planned is level 3");
            assertThatThrownBy(() -> head.run(party.evaluator, right, null, keys, count))
                    .hasMessageContaining("relinearisation key");
            var none = new Party(Preset.S14).galoisKeys(List.of());
            assertThatThrownBy(() -> head.run(party.evaluator, right, relinearisation, none, count))
                    .hasMessageContaining("no Galois key");
            assertThat(steps).hasValue(0);
        }
    }

    @Test
    void stopsBetweenSteps() {
        Random random = new Random(SEED);
        try (CompiledHead head = compiler.compile(model("40 16 square 3 none", random))) {
            Ciphertext vector = encrypt(head, unit(40, random));
            var keys = party.galoisKeys(head.elements());
            AtomicInteger all = new AtomicInteger();
            head.run(party.evaluator, vector, relinearisation, keys, all::incrementAndGet)
                    .close();
            for (int stop = 1; stop <= all.get(); stop++) {
                int last = stop;
                AtomicInteger steps = new AtomicInteger();
                assertThatThrownBy(() -> head.run(party.evaluator, vector, relinearisation, keys, () -> {
                            if (steps.incrementAndGet() == last) {
                                throw new CancellationException("left");
                            }
                        }))
                        .isInstanceOf(CancellationException.class);
                assertThat(steps).hasValue(stop);
            }
            head.run(party.evaluator, vector, relinearisation, keys, HeadTest::goOn)
                    .close();
        }
    }
}
