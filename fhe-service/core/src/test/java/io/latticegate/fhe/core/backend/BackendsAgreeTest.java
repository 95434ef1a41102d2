package io.latticegate.fhe.core.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.latticegate.fhe.core.preset.Preset;
import io.latticegate.fhe.core.ring.Domain;
import io.latticegate.fhe.core.ring.Domain.Coeff;
import io.latticegate.fhe.core.ring.Domain.Eval;
import io.latticegate.fhe.core.ring.KeyDigit;
import io.latticegate.fhe.core.ring.Poly;
import io.latticegate.fhe.core.ring.Ring;
import io.latticegate.fhe.core.ring.RnsBackend;
import io.latticegate.fhe.core.ring.RnsBase;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The vector backend and the scalar one give the same words for random operations of every kind.
 * {@code -Dlatticegate.fhe.operations=N} sets how many there are for each preset, {@code -Dlatticegate.fhe.seed=N} the seed.
 */
final class BackendsAgreeTest {
    private static final int OPERATIONS = Integer.getInteger("latticegate.fhe.operations", 120);
    private static final long SEED = Long.getLong("latticegate.fhe.seed", 20260104);

    private final RnsBackend scalar = new CpuScalar();
    private final RnsBackend vector = new CpuVector();

    private enum Kind {
        ADD,
        SUBTRACT,
        NEGATE,
        MULTIPLY,
        MULTIPLY_ADD,
        MULTIPLY_SCALAR,
        TO_EVAL,
        TO_COEFF,
        AUTOMORPHISM,
        RESCALE,
        MOD_DOWN,
        MOD_UP,
        KEY_SWITCH,
        TENSOR,
        COPY
    }

    private static long[] random(RnsBase base, Random random) {
        long[] residues = new long[base.words()];
        int degree = base.ring().degree();
        int pattern = random.nextInt(8);
        for (int i = 0; i < residues.length; i++) {
            long q = base.modulus(i / degree).value();
            residues[i] = switch (pattern) {
                case 0 -> q - 1;
                case 1 -> random.nextBoolean() ? q - 1 : 0;
                case 2 -> q / 2 + random.nextInt(2);
                default -> random.nextLong(q);
            };
        }
        return residues;
    }

    private static long[] download(RnsBackend backend, Poly<?> poly) {
        long[] residues = new long[poly.base().words()];
        backend.download(poly, residues, 0);
        return residues;
    }

    /** Everything that one backend makes of the same inputs. */
    private static List<long[]> results(RnsBackend backend, Kind kind, Ring ring, Random random) {
        int level = random.nextInt(ring.dataCount());
        boolean extended = random.nextBoolean();
        RnsBase base = extended ? ring.extended(level) : ring.data(level);
        return switch (kind) {
            case KEY_SWITCH -> keySwitch(backend, ring.data(level), random);
            case RESCALE -> {
                int from = Math.max(1, level);
                yield from == level || ring.topLevel() > 0 ? rescale(backend, ring, from, random) : List.of();
            }
            case MOD_DOWN -> {
                Poly<Eval> to = backend.allocate(ring.data(level));
                backend.modDown(upload(backend, ring.extended(level), random), to);
                yield List.of(download(backend, to));
            }
            case MOD_UP -> {
                Poly<Eval> a = upload(backend, ring.data(level), random);
                Poly<Coeff> coefficients = backend.allocate(a.base());
                backend.toCoeff(a, coefficients);
                Poly<Eval> to = backend.allocate(ring.extended(level));
                backend.modUp(a, coefficients, random.nextInt(ring.digits(level).size()), to);
                yield List.of(download(backend, to));
            }
            case TENSOR -> tensor(backend, base, random);
            default -> List.of(download(backend, simple(backend, kind, base, random)));
        };
    }

    private static <D extends Domain> Poly<D> upload(RnsBackend backend, RnsBase base, Random random) {
        return backend.upload(base, random(base, random), 0);
    }

    private static List<long[]> rescale(RnsBackend backend, Ring ring, int level, Random random) {
        Poly<Eval> to = backend.allocate(ring.data(level - 1));
        backend.rescale(upload(backend, ring.data(level), random), to);
        return List.of(download(backend, to));
    }

    private static List<long[]> tensor(RnsBackend backend, RnsBase base, Random random) {
        List<Poly<Eval>> in = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            in.add(upload(backend, base, random));
        }
        List<Poly<Eval>> out = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            out.add(backend.allocate(base));
        }
        backend.tensor(in.get(0), in.get(1), in.get(2), in.get(3), out.get(0), out.get(1), out.get(2));
        return out.stream().map(poly -> download(backend, poly)).toList();
    }

    private static List<long[]> keySwitch(RnsBackend backend, RnsBase base, Random random) {
        Ring ring = base.ring();
        RnsBase all = ring.extended(ring.topLevel());
        Poly<Eval> a = upload(backend, base, random);
        List<KeyDigit> key = new ArrayList<>();
        for (int j = 0; j < ring.digits(base.level()).size(); j++) {
            key.add(new KeyDigit(upload(backend, all, random), upload(backend, all, random)));
        }
        Poly<Eval> to0 = backend.allocate(base);
        Poly<Eval> to1 = backend.allocate(base);
        backend.keySwitch(a, key, to0, to1);
        return List.of(download(backend, to0), download(backend, to1));
    }

    private static Poly<?> simple(RnsBackend backend, Kind kind, RnsBase base, Random random) {
        Poly<Eval> a = upload(backend, base, random);
        Poly<Eval> b = upload(backend, base, random);
        Poly<Eval> to = upload(backend, base, random);
        switch (kind) {
            case ADD -> backend.add(a, b, to);
            case SUBTRACT -> backend.subtract(a, b, to);
            case NEGATE -> backend.negate(a, to);
            case MULTIPLY -> backend.multiply(a, b, to);
            case MULTIPLY_ADD -> backend.multiplyAdd(a, b, to);
            case MULTIPLY_SCALAR -> {
                long[] scalars = new long[base.size()];
                for (int i = 0; i < scalars.length; i++) {
                    scalars[i] = random.nextLong(base.modulus(i).value());
                }
                backend.multiplyScalar(a, scalars, to);
            }
            case TO_EVAL -> backend.toEval(upload(backend, base, random), to);
            case AUTOMORPHISM ->
                backend.automorphism(a, 2 * random.nextInt(base.ring().degree()) + 1, to);
            case COPY -> backend.copy(a, to);
            default -> {
                Poly<Coeff> coefficients = backend.allocate(base);
                backend.toCoeff(a, coefficients);
                return coefficients;
            }
        }
        return to;
    }

    @ParameterizedTest
    @EnumSource
    void vectorAndScalarGiveTheSameWords(Preset preset) {
        Random seeds = new Random(SEED);
        Ring ring = preset.parameters().ring();
        Map<Kind, Integer> compared = new EnumMap<>(Kind.class);
        int operations = preset == Preset.S15 ? Math.max(OPERATIONS / 4, Kind.values().length) : OPERATIONS;
        for (int i = 0; i < operations; i++) {
            Kind kind = Kind.values()[i % Kind.values().length];
            long seed = seeds.nextLong();
            List<long[]> expected = results(scalar, kind, ring, new Random(seed));
            List<long[]> actual = results(vector, kind, ring, new Random(seed));
            for (int k = 0; k < expected.size(); k++) {
                assertThat(actual.get(k))
                        .as("%s of %s, seed %s", kind, preset, seed)
                        .isEqualTo(expected.get(k));
                compared.merge(kind, 1, Integer::sum);
            }
        }
        for (Kind kind : Kind.values()) {
            if (kind != Kind.RESCALE || ring.topLevel() > 0) {
                assertThat(compared).as("results compared of %s", preset).containsKey(kind);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"S13", "S15"})
    void keySwitchingIsWhatItsSpecificationSays(Preset preset) {
        Ring ring = preset.parameters().ring();
        List<long[]> fused = keySwitch(vector, ring.data(1), new Random(SEED));
        List<long[]> specified = keySwitch(new SpecifiedBackend(vector), ring.data(1), new Random(SEED));
        assertThat(fused)
                .usingElementComparator((a, b) -> java.util.Arrays.compare(a, b))
                .isEqualTo(specified);
    }

    @Test
    void operandsCanStayInForeignMemory() {
        Random random = new Random(SEED);
        RnsBase base = Preset.S13.parameters().ring().extended(1);
        long[] residues = random(base, random);
        Poly<Eval> owned = vector.upload(base, residues, 0);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment segment = arena.allocate(8L * residues.length, 8);
            for (int i = 0; i < residues.length; i++) {
                segment.setAtIndex(ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN), i, residues[i]);
            }
            Poly<Eval> view = vector.view(base, segment);
            Poly<Eval> expected = vector.allocate(base);
            Poly<Eval> actual = vector.allocate(base);
            vector.multiply(owned, owned, expected);
            vector.multiply(view, view, actual);
            assertThat(download(vector, actual)).isEqualTo(download(vector, expected));
            assertThat(download(vector, view)).isEqualTo(residues);
            assertThatThrownBy(() -> vector.add(view, view, view)).hasMessageContaining("cannot be a result");
            assertThatThrownBy(() -> vector.view(base, segment.asSlice(8))).hasMessageContaining("bytes");
        }
    }

    @Test
    void refusesWhatDoesNotBelongTogether() {
        Ring ring = Preset.S13.parameters().ring();
        Poly<Eval> one = vector.allocate(ring.data(0));
        Poly<Eval> two = vector.allocate(ring.data(1));
        Poly<Eval> foreign = vector.allocate(Preset.S14.parameters().ring().data(0));
        assertThatThrownBy(() -> vector.add(one, two, two)).hasMessageContaining("lacks prime 1");
        assertThatThrownBy(() -> vector.add(one, foreign, one)).hasMessageContaining("different rings");
        assertThatThrownBy(() -> vector.rescale(two, two)).hasMessageContaining("rescaling from");
        assertThatThrownBy(() -> vector.automorphism(one, 3, one)).hasMessageContaining("cannot be its operand");
        assertThatThrownBy(() -> vector.automorphism(one, 4, two)).hasMessageContaining("odd numbers");
        one.close();
        assertThatThrownBy(() -> vector.add(one, one, one)).hasMessageContaining("closed");
    }

    @Test
    void closingOverwritesTheResidues() {
        long[] words = {1, 2, 3};
        new HostBuffer.Owned(words).close();
        assertThat(words).containsOnly(0);
    }

    @Test
    void theChosenBackendSaysWhatItIs() {
        assertThat(Backends.cpu().name()).startsWith("cpu-");
        assertThat(new CpuScalar("because").name()).isEqualTo("cpu-scalar (because)");
    }
}
