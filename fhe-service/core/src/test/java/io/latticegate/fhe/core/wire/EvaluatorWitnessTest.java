package io.latticegate.fhe.core.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Offset.offset;

import io.latticegate.fhe.core.backend.Backends;
import io.latticegate.fhe.core.client.Decryptor;
import io.latticegate.fhe.core.client.Encryptor;
import io.latticegate.fhe.core.client.KeyGenerator;
import io.latticegate.fhe.core.client.MasterSeed;
import io.latticegate.fhe.core.client.SecretKey;
import io.latticegate.fhe.core.encode.Encoder;
import io.latticegate.fhe.core.encode.Plaintext;
import io.latticegate.fhe.core.evaluate.Ciphertext;
import io.latticegate.fhe.core.evaluate.Evaluator;
import io.latticegate.fhe.core.key.GaloisElements;
import io.latticegate.fhe.core.key.GaloisKeys;
import io.latticegate.fhe.core.key.SeededSwitchingKey;
import io.latticegate.fhe.core.key.SwitchingKey;
import io.latticegate.fhe.core.modular.Modulus;
import io.latticegate.fhe.core.preset.CkksParameters;
import io.latticegate.fhe.core.preset.Preset;
import io.latticegate.fhe.core.preset.SecurityTable;
import io.latticegate.fhe.core.ring.RnsBackend;
import io.latticegate.fhe.core.wire.client.SecretKeyContainer;
import io.latticegate.testing.SealWitness;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every operation that Microsoft SEAL has too: the same operands, keys and ciphertexts of SEAL's making, give here and in
 * SEAL's own evaluator containers that are equal byte for byte. And what is encrypted on one side decrypts on the other. The
 * system property {@code latticegate.witness.rounds} repeats the operations with other values; 1 unless given.
 */
class EvaluatorWitnessTest {
    private static final int[] STEPS = {1, -1, 2, 7, -100, 1024};

    /** Parameters and a scale with which a product fits the modulus. */
    record Setting(SealWitness.Release release, CkksParameters parameters, List<Integer> bits, double scale) {
        @Override
        public String toString() {
            return "node-seal " + release + ", " + parameters + " " + bits;
        }
    }

    static List<Setting> settings() {
        return List.of(
                preset(SealWitness.Release.SIX, Preset.S12, 50, 56),
                preset(SealWitness.Release.SIX, Preset.S13, 50, 50, 55),
                preset(SealWitness.Release.SIX, Preset.S14, 50, 40, 40, 40, 40, 40, 60),
                preset(SealWitness.Release.SEVEN, Preset.S12, 50, 56),
                preset(SealWitness.Release.SEVEN, Preset.S13, 50, 50, 55),
                preset(SealWitness.Release.SEVEN, Preset.S14, 50, 40, 40, 40, 40, 40, 60),
                custom(8192, 0x1p40, 60, 40, 40, 60),
                custom(8192, 0x1p30, 40, 30, 30, 30, 41),
                custom(16384, 0x1p45, 55, 45, 45, 45, 45, 45, 45, 55));
    }

    private static Setting preset(SealWitness.Release release, Preset preset, Integer... bits) {
        return new Setting(release, preset.parameters(), List.of(bits), preset.scale());
    }

    private static Setting custom(int degree, double scale, Integer... bits) {
        List<Integer> lengths = List.of(bits);
        return new Setting(
                SealWitness.Release.SIX,
                CkksParameters.of("custom", SecurityTable.CLASSICAL_128, degree, lengths, 1, 1),
                lengths,
                scale);
    }

    /** SEAL and this library over the same parameters. */
    private static final class Bench implements AutoCloseable {
        final SealWitness seal;
        final Setting setting;
        final RnsBackend backend = Backends.cpu();
        final Evaluator evaluator;
        final Encoder encoder;
        final SealObjects objects;
        final CiphertextReader ciphertexts;
        final Map<String, Ciphertext> held = new HashMap<>();
        final Map<String, Plaintext> plain = new HashMap<>();
        int compared;

        Bench(Setting setting) {
            this.setting = setting;
            this.seal = SealWitness.start(setting.release());
            this.evaluator = new Evaluator(setting.parameters(), backend);
            this.encoder = new Encoder(setting.parameters(), backend);
            this.objects = new SealObjects(setting.parameters(), backend);
            this.ciphertexts = new CiphertextReader(objects.chain(), CiphertextRules.wellFormed(objects.chain()));
            seal.ask("context", Samples.bytes(out -> SealWriter.write(objects.chain(), out, Compression.NONE)));
        }

        SwitchingKey relinearisationKey() throws IOException {
            seal.ask("relin");
            KeySwitchKeyReader reader = KeySwitchKeyReader.relinearisation(objects.chain());
            return objects.relinearisationKey(reader.read(new ByteArrayInputStream(seal.save("relin"))));
        }

        GaloisKeys galoisKeys(String steps, int count) throws IOException {
            seal.ask("galois " + steps);
            KeySwitchKeyReader reader = KeySwitchKeyReader.galois(objects.chain(), count);
            return objects.galoisKeys(reader.read(new ByteArrayInputStream(seal.save("galois"))));
        }

        void encrypt(String name, double... values) throws IOException {
            seal.encode(name + "P", setting.scale(), values);
            seal.ask("encrypt " + name + " " + name + "P");
            held.put(name, objects.ciphertext(ciphertexts.read(new ByteArrayInputStream(seal.save(name)))));
            plain.put(
                    name,
                    objects.plaintext(new PlaintextReader(objects.chain())
                            .read(new ByteArrayInputStream(seal.save(name + "P")))));
        }

        /** Evaluates in SEAL and compares with what was computed here. */
        void same(String operation, String result, Ciphertext here, String operands) {
            seal.ask("evaluate " + operation + " " + result + " " + operands);
            byte[] there = seal.save(result);
            byte[] ours = Samples.bytes(out -> SealWriter.write(objects.container(here), out, Compression.NONE));
            assertThat(ours).as("%s: %s %s", setting, operation, operands).isEqualTo(there);
            held.put(result, here);
            compared++;
        }

        Ciphertext at(String name) {
            Ciphertext ciphertext = held.get(name);
            if (ciphertext == null) {
                throw new AssertionError("no ciphertext " + name);
            }
            return ciphertext;
        }

        Plaintext plainOf(String name) {
            Plaintext plaintext = plain.get(name);
            if (plaintext == null) {
                throw new AssertionError("no plaintext " + name);
            }
            return plaintext;
        }

        @Override
        public void close() {
            seal.close();
        }
    }

    private static double[] random(SplittableRandom random, int count) {
        return random.doubles(count, -1, 1).toArray();
    }

    @ParameterizedTest
    @MethodSource("settings")
    void primesAndNamesAreThoseOfSeal(Setting setting) {
        try (SealWitness seal = SealWitness.start(setting.release())) {
            String bits = setting.bits().stream().map(String::valueOf).collect(Collectors.joining(","));
            assertThat(setting.parameters().primes().stream().map(Modulus::value))
                    .map(String::valueOf)
                    .isEqualTo(seal.ask("create " + setting.parameters().degree() + " " + bits)
                            .words());
        }
    }

    @ParameterizedTest
    @MethodSource("settings")
    void everyOperationGivesTheBytesOfSeal(Setting setting) throws IOException {
        int rounds = Integer.getInteger("latticegate.witness.rounds", 1);
        try (Bench bench = new Bench(setting)) {
            int slots = setting.parameters().slots();
            SwitchingKey relin = bench.relinearisationKey();
            String steps = Arrays.stream(STEPS).mapToObj(String::valueOf).collect(Collectors.joining(","));
            GaloisKeys galois = bench.galoisKeys(steps + ",0", STEPS.length + 1);
            for (int round = 0; round < rounds; round++) {
                SplittableRandom random = new SplittableRandom(round);
                bench.encrypt("a", random(random, slots));
                bench.encrypt("b", random(random, slots));
                atOneLevel(bench, "a", "b", galois);
                String a = "a";
                String b = "b";
                for (int level = setting.parameters().topLevel(); level >= 0; level--) {
                    bench.same("add", "sum", bench.evaluator.add(bench.at(a), bench.at(b)), a + " " + b);
                    bench.same("rotate", "turned", bench.evaluator.rotate(bench.at(a), 2, galois), a + " 2");
                    if (level > 0) {
                        product(bench, a, b, relin);
                        bench.same("modSwitch", b + "'", bench.evaluator.modSwitch(bench.at(b), level - 1), b);
                        bench.same("modSwitch", a + "'", bench.evaluator.modSwitch(bench.at(a), level - 1), a);
                        a += "'";
                        b += "'";
                    }
                }
            }
            assertThat(bench.compared).as("results compared").isGreaterThanOrEqualTo(rounds * 14);
        }
    }

    private static void atOneLevel(Bench bench, String a, String b, GaloisKeys galois) {
        Evaluator here = bench.evaluator;
        Plaintext plain = bench.plainOf(b);
        bench.same("negate", "r", here.negate(bench.at(a)), a);
        bench.same("sub", "r", here.subtract(bench.at(a), bench.at(b)), a + " " + b);
        bench.same("addPlain", "r", here.addPlain(bench.at(a), plain), a + " " + b + "P");
        bench.same("subPlain", "r", here.subtractPlain(bench.at(a), plain), a + " " + b + "P");
        if (fits(bench, a)) {
            bench.same("multiplyPlain", "r", here.multiplyPlain(bench.at(a), plain), a + " " + b + "P");
        }
        for (int step : STEPS) {
            bench.same("rotate", "r", here.rotate(bench.at(a), step, galois), a + " " + step);
        }
        bench.same("conjugate", "r", here.conjugate(bench.at(a), galois), a);
    }

    private static void product(Bench bench, String a, String b, SwitchingKey relin) {
        if (!fits(bench, a)) {
            return;
        }
        Evaluator here = bench.evaluator;
        bench.same("multiply", "p", here.multiply(bench.at(a), bench.at(b)), a + " " + b);
        bench.same("negate", "pn", here.negate(bench.at("p")), "p");
        bench.same("rescale", "pr", here.rescale(bench.at("p")), "p");
        bench.same("relinearize", "q", here.relinearise(bench.at("p"), relin), "p");
        bench.same("rescale", "r", here.rescale(bench.at("q")), "q");
        bench.same("square", "s", here.multiply(bench.at(a), bench.at(a)), a);
        bench.same("relinearize", "t", here.relinearise(bench.at("s"), relin), "s");
    }

    private static boolean fits(Bench bench, String a) {
        double bits = 2 * Math.log(bench.setting.scale()) / Math.log(2);
        return bits < bench.setting.parameters().modulusBits(bench.at(a).level()) - 1;
    }

    /** Keys and ciphertexts of ours, used by SEAL; results of SEAL's, decrypted here. */
    @ParameterizedTest
    @MethodSource("settings")
    void whatIsEncryptedOnOneSideDecryptsOnTheOther(Setting setting) throws Exception {
        try (Bench bench = new Bench(setting)) {
            CkksParameters parameters = setting.parameters();
            MasterSeed master = MasterSeed.generate(new SecureRandom());
            KeyGenerator generator = new KeyGenerator(parameters, bench.backend, master, 1);
            SecretKey secret = generator.secretKey();
            Encryptor encryptor = new Encryptor(parameters, bench.backend, new SecureRandom());
            Decryptor decryptor = new Decryptor(parameters, bench.backend, secret);
            decryptsWithTheSecretOfSeal(bench);
            bench.seal.ask("useSecret", Samples.bytes(out -> SecretKeyContainer.write(secret, bench.backend, out)));

            double[] values = random(new SplittableRandom(5), parameters.slots());
            Plaintext plaintext = bench.encoder.encode(values, parameters.topLevel(), setting.scale());
            double bound = freshError(setting);
            double switching = switchingError(setting);

            SealCiphertext symmetric = bench.objects.container(encryptor.encrypt(plaintext, secret));
            bench.seal.ask(
                    "load ciphertext symmetric",
                    Samples.bytes(out -> SealWriter.write(symmetric, out, Compression.ZLIB)));
            assertClose(bench.seal.decrypt("symmetric"), values, bound);

            SealCiphertext publicKey = bench.objects.container(generator.publicKey(secret));
            bench.seal.ask(
                    "load public public", Samples.bytes(out -> SealWriter.write(publicKey, out, Compression.NONE)));
            bench.seal.encode("theirs", setting.scale(), values);
            bench.seal.ask("encrypt theirs theirs");
            assertClose(decrypted(bench, decryptor, "theirs"), values, bound);

            int element = GaloisElements.rotation(parameters.degree(), 3);
            Map<Integer, SeededSwitchingKey> galois = Map.of(element, generator.galoisKey(secret, element));
            bench.seal.ask(
                    "load galois galois",
                    Samples.bytes(
                            out -> SealWriter.write(bench.objects.galoisContainer(galois), out, Compression.NONE)));
            bench.seal.ask("evaluate rotate turned theirs 3");
            double[] turned = decrypted(bench, decryptor, "turned");
            for (int slot = 0; slot < 20; slot++) {
                assertThat(turned[slot]).isCloseTo(values[slot + 3], offset(bound + switching));
            }
            if (parameters.topLevel() > 0) {
                KeySwitchKeys relin = bench.objects.relinearisationContainer(generator.relinearisationKey(secret));
                bench.seal.ask(
                        "load relin relin", Samples.bytes(out -> SealWriter.write(relin, out, Compression.ZLIB)));
                bench.seal.ask("evaluate square product symmetric");
                bench.seal.ask("evaluate relinearize product product");
                double[] squares = decrypted(bench, decryptor, "product");
                for (int slot = 0; slot < values.length; slot++) {
                    assertThat(squares[slot])
                            .isCloseTo(values[slot] * values[slot], offset(3 * bound + switching / setting.scale()));
                }
            }
            secret.destroy();
        }
    }

    private static void decryptsWithTheSecretOfSeal(Bench bench) throws IOException {
        CkksParameters parameters = bench.setting.parameters();
        double[] values = random(new SplittableRandom(6), parameters.slots());
        bench.seal.encode("values", bench.setting.scale(), values);
        bench.seal.ask("encrypt values values");
        SecretKey secret =
                SecretKeyContainer.read(parameters, bench.backend, new ByteArrayInputStream(bench.seal.save("secret")));
        Decryptor decryptor = new Decryptor(parameters, bench.backend, secret);
        assertClose(decrypted(bench, decryptor, "values"), values, freshError(bench.setting));
        secret.destroy();
    }

    /**
     * The greatest part of a fresh ciphertext's error is the rounding after the division by the special prime: N terms of up
     * to a half times a ternary secret, deviation sqrt(N/18) in a coefficient and N/sqrt(18) in a slot, in units of 1/scale.
     * Sixteen deviations are allowed, and half of that for encoding and noise.
     */
    private static double freshError(Setting setting) {
        return 24 / Math.sqrt(18) * setting.parameters().degree() / setting.scale();
    }

    /**
     * Key switching multiplies noise of deviation 3.24 with digits from 0 to q. Their mean q/2 in every coefficient is, in
     * the slot at zeta, q/2 times 2/(1 - zeta), which is at most qN/pi; the noise there has the deviation 3.24 sqrt(N). Eight
     * deviations are allowed, for all digits, and the rounding of the division by the special prime.
     */
    private static double switchingError(Setting setting) {
        double special = setting.parameters().primes().getLast().value();
        double digits = 0;
        for (int level = 0; level <= setting.parameters().topLevel(); level++) {
            digits += setting.parameters().prime(level) / special;
        }
        double degree = setting.parameters().degree();
        double noise = 8 * 3.24 * Math.sqrt(degree) * digits * degree / Math.PI;
        return noise / setting.scale() + freshError(setting);
    }

    private static double[] decrypted(Bench bench, Decryptor decryptor, String name) throws IOException {
        Ciphertext ciphertext =
                bench.objects.ciphertext(bench.ciphertexts.read(new ByteArrayInputStream(bench.seal.save(name))));
        return bench.encoder.decode(decryptor.decrypt(ciphertext)).real();
    }

    private static void assertClose(double[] actual, double[] expected, double bound) {
        assertThat(actual).hasSameSizeAs(expected);
        for (int slot = 0; slot < expected.length; slot++) {
            assertThat(actual[slot]).as("slot %d", slot).isCloseTo(expected[slot], offset(bound));
        }
    }
}
