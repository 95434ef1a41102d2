package io.latticegate.fhe.gpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.latticegate.fhe.core.backend.CpuScalar;
import io.latticegate.fhe.core.preset.Preset;
import io.latticegate.fhe.core.ring.BackendUnavailableException;
import io.latticegate.fhe.core.ring.Domain.Coeff;
import io.latticegate.fhe.core.ring.Domain.Eval;
import io.latticegate.fhe.core.ring.Poly;
import io.latticegate.fhe.core.ring.Ring;
import io.latticegate.fhe.core.ring.RnsBackend;
import io.latticegate.fhe.core.ring.RnsBase;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Memory, keys in mapped files, and a device that fails, on a host's stand-in for a device. */
final class GpuBackendTest {
    private static final Ring RING = Preset.S13.parameters().ring();
    private static final RnsBase BASE = RING.data(1);
    private static final long POLYNOMIAL = (long) BASE.words() * Long.BYTES;

    private final List<HostDevice> opened = new ArrayList<>();
    private final AtomicLong nanos = new AtomicLong();
    private boolean absent;

    private GpuBackend backend(long bytes) {
        return new GpuBackend(new DeviceSlot(this::open, bytes, Form::of, nanos::get));
    }

    private HostDevice open() {
        if (absent) {
            throw new DeviceException("no device answers");
        }
        HostDevice device = new HostDevice(true);
        opened.add(device);
        return device;
    }

    private static long[] words(RnsBackend backend, Poly<?> poly) {
        long[] words = new long[poly.base().words()];
        backend.download(poly, words, 0);
        return words;
    }

    private static Poly<Eval> ones(RnsBackend backend) {
        long[] words = new long[BASE.words()];
        java.util.Arrays.fill(words, 1);
        return backend.upload(BASE, words, 0);
    }

    @Test
    void namesTheDevice() {
        try (GpuBackend backend = backend(1L << 24)) {
            assertThat(backend.name()).isEqualTo("gpu (host, doubles)");
            assertThat(backend.status().healthy()).isTrue();
            assertThat(backend.status().memoryBytes()).isEqualTo(1L << 24);
        }
    }

    @Test
    void newMemoryIsZeroAlsoWhereResiduesWere() {
        try (GpuBackend backend = backend(1L << 24)) {
            Poly<Eval> first = ones(backend);
            words(backend, first);
            long kept = backend.status().usedBytes() - POLYNOMIAL;
            first.close();
            for (int i = 0; i < 3; i++) {
                Poly<Eval> poly = ones(backend);
                poly.close();
                poly.close();
                try (Poly<Eval> zeros = backend.allocate(BASE)) {
                    assertThat(words(backend, zeros)).containsOnly(0);
                }
                assertThatThrownBy(() -> words(backend, poly)).hasMessageContaining("closed");
            }
            assertThat(backend.status().usedBytes()).isEqualTo(kept);
        }
    }

    @Test
    void refusesWhatDoesNotFit() {
        try (GpuBackend backend = backend(3 * POLYNOMIAL)) {
            List<Poly<Eval>> all = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                all.add(backend.allocate(BASE));
            }
            assertThatThrownBy(() -> backend.allocate(BASE))
                    .isInstanceOf(BackendUnavailableException.class)
                    .hasMessageContaining("the device's memory is full");
            all.removeLast().close();
            backend.<Eval>allocate(BASE).close();
            assertThat(backend.status().failures()).isZero();
            assertThat(backend.status().peakBytes()).isEqualTo(3 * POLYNOMIAL);
            all.forEach(Poly::close);
        }
    }

    @Test
    void copiesOfMappedKeysMakeRoom() {
        long tables = tablesBytes();
        try (GpuBackend backend = backend(tables + 5 * POLYNOMIAL);
                Arena arena = Arena.ofShared()) {
            List<Poly<Eval>> views = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                MemorySegment segment = arena.allocate(POLYNOMIAL, 8);
                segment.fill((byte) 0);
                segment.setAtIndex(ValueLayout.JAVA_LONG, 0, 100 + i);
                views.add(backend.view(BASE, segment));
            }
            try (Poly<Eval> to = backend.allocate(BASE)) {
                for (int round = 0; round < 2; round++) {
                    for (int i = 0; i < views.size(); i++) {
                        backend.copy(views.get(i), to);
                        assertThat(words(backend, to)[0]).isEqualTo(100 + i);
                    }
                }
                assertThat(backend.status().residentBytes()).isBetween(POLYNOMIAL, 4 * POLYNOMIAL);
                assertThatThrownBy(() -> backend.copy(to, views.getFirst()))
                        .hasMessageContaining("a view of residues cannot be a result");
            }
        }
    }

    private long tablesBytes() {
        try (GpuBackend backend = backend(1L << 26)) {
            try (Poly<Eval> a = ones(backend)) {
                backend.copy(a, a);
                words(backend, a);
                return backend.status().usedBytes() - POLYNOMIAL;
            }
        }
    }

    @Test
    void memoryThatIsMappedAgainIsReadAgain() {
        try (GpuBackend backend = backend(1L << 26);
                Poly<Eval> to = backend.allocate(BASE)) {
            for (int i = 0; i < 4; i++) {
                try (Arena arena = Arena.ofShared()) {
                    MemorySegment segment = arena.allocate(POLYNOMIAL, 8);
                    segment.setAtIndex(ValueLayout.JAVA_LONG, 0, i);
                    Poly<Eval> view = backend.view(BASE, segment);
                    backend.copy(view, to);
                    assertThat(words(backend, to)[0]).isEqualTo(i);
                }
            }
            assertThat(backend.status().residentBytes())
                    .as("copies of what is unmapped are dropped with the next one")
                    .isLessThanOrEqualTo(2 * POLYNOMIAL);
        }
    }

    @Test
    void aLostDeviceIsOpenedAgainAndNothingOfItIsUsed() {
        try (GpuBackend backend = backend(1L << 26)) {
            Poly<Eval> before = ones(backend);
            opened.getFirst().breakDown();
            assertThatThrownBy(() -> words(backend, before))
                    .isInstanceOf(BackendUnavailableException.class)
                    .hasMessageContaining("the device is lost");
            Poly<Eval> after = eventually(() -> ones(backend));
            assertThat(words(backend, after)).containsOnly(1);
            assertThat(opened).hasSize(2);
            assertThat(backend.status().healthy()).isTrue();
            assertThat(backend.status().failures()).isEqualTo(1);
            assertThatThrownBy(() -> backend.add(before, after, after))
                    .isInstanceOf(BackendUnavailableException.class)
                    .hasMessageContaining("after the polynomial was computed");
            before.close();
            after.close();
        }
    }

    /** The lane hears of a failure a moment after who waited for it. */
    private static <T> T eventually(java.util.function.Supplier<T> task) {
        while (true) {
            try {
                return task.get();
            } catch (BackendUnavailableException notYet) {
                Thread.onSpinWait();
            }
        }
    }

    @Test
    void aDeviceThatStaysAwayIsTriedNowAndThen() {
        try (GpuBackend backend = backend(1L << 26)) {
            opened.getFirst().breakDown();
            absent = true;
            for (int i = 0; i < 50; i++) {
                assertThatThrownBy(() -> ones(backend)).isInstanceOf(BackendUnavailableException.class);
            }
            assertThat(backend.status().healthy()).isFalse();
            assertThat(backend.status().failure()).isEqualTo("no device answers");
            absent = false;
            assertThatThrownBy(() -> ones(backend)).hasMessageContaining("no device answers");
            nanos.addAndGet(6_000_000_000L);
            assertThat(words(backend, ones(backend))).containsOnly(1);
        }
    }

    @Test
    void aDeviceThatIsNotThereHasAReason() {
        absent = true;
        assertThatThrownBy(() -> backend(1L << 20))
                .isInstanceOf(DeviceException.class)
                .hasMessage("no device answers");
    }

    @Test
    void refusesWhatDoesNotBelongTogether() {
        try (GpuBackend backend = backend(1L << 26)) {
            Poly<Eval> one = backend.allocate(RING.data(0));
            Poly<Eval> two = backend.allocate(RING.data(1));
            Poly<Eval> foreign = backend.allocate(Preset.S12.parameters().ring().data(0));
            Poly<Eval> elsewhere = new CpuScalar().allocate(RING.data(0));
            assertThatThrownBy(() -> backend.add(one, two, two)).hasMessageContaining("lacks prime 1");
            assertThatThrownBy(() -> backend.add(one, foreign, one)).hasMessageContaining("different rings");
            assertThatThrownBy(() -> backend.add(one, elsewhere, one)).hasMessageContaining("another backend");
            assertThatThrownBy(() -> backend.rescale(two, two)).hasMessageContaining("rescaling from");
            assertThatThrownBy(() -> backend.rescale(one, one)).hasMessageContaining("rescaling from");
            assertThatThrownBy(() -> backend.automorphism(one, 3, one)).hasMessageContaining("cannot be its operand");
            assertThatThrownBy(() -> backend.automorphism(one, 4, two)).hasMessageContaining("odd numbers");
            assertThatThrownBy(() -> backend.allocate(
                            new Ring(131072, primes(2).subList(0, 1), primes(2).subList(1, 2), 1).data(0)))
                    .hasMessageContaining("allowed are up to 65536");
        }
    }

    private static List<io.latticegate.fhe.core.modular.Modulus> primes(int count) {
        return io.latticegate.fhe.core.modular.Primes.chain(131072, java.util.Collections.nCopies(count, 40));
    }

    @Test
    void severalThreadsComputeOnOneDevice() throws InterruptedException {
        try (GpuBackend backend = backend(1L << 27)) {
            List<Thread> threads = new ArrayList<>();
            List<String> wrong = java.util.Collections.synchronizedList(new ArrayList<>());
            for (int i = 0; i < 4; i++) {
                int seed = i;
                threads.add(Thread.ofPlatform().start(() -> {
                    Random random = new Random(seed);
                    for (int round = 0; round < 5; round++) {
                        long[] residues = RingCases.residues(BASE, random);
                        try (Poly<Eval> a = backend.upload(BASE, residues, 0);
                                Poly<Coeff> coefficients = backend.allocate(BASE)) {
                            backend.toCoeff(a, coefficients);
                            backend.toEval(coefficients, a);
                            if (!java.util.Arrays.equals(words(backend, a), residues)) {
                                wrong.add("thread " + seed + ", round " + round);
                            }
                        }
                    }
                }));
            }
            for (Thread thread : threads) {
                thread.join();
            }
            assertThat(wrong).isEmpty();
        }
    }
}
