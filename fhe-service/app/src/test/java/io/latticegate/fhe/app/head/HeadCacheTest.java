package io.latticegate.fhe.app.head;

import static io.latticegate.fhe.app.head.HeadFixture.OWNER;
import static io.latticegate.fhe.app.head.HeadFixture.S14;
import static io.latticegate.fhe.app.head.HeadFixture.model;
import static io.latticegate.fhe.app.head.HeadFixture.upload;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.latticegate.fhe.app.http.Refusal;
import io.latticegate.fhe.core.encode.Encoder;
import io.latticegate.fhe.core.head.CompiledHead;
import io.latticegate.fhe.core.head.HeadCompiler;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class HeadCacheTest {
    private static long bytesOfOne;

    private final SimpleMeterRegistry metrics = new SimpleMeterRegistry();

    @TempDir
    private Path dir;

    private HeadStore store;
    private HeadCache cache;

    @BeforeAll
    static void measure() {
        HeadCompiler compiler =
                new HeadCompiler(S14.parameters(), S14.preset().scale(), new Encoder(S14.parameters(), S14.backend()));
        try (CompiledHead compiled = compiler.compile(model(0))) {
            bytesOfOne = compiled.weightBytes();
        }
    }

    @BeforeEach
    void open() throws IOException {
        store = HeadFixture.store(dir);
        cache = new HeadCache(store, S14, 2 * bytesOfOne, metrics);
    }

    private Head put(HeadCache through, String name, double bias) throws IOException {
        return through.compile(model(bias), shape -> store.put(OWNER, name, upload(bias), shape));
    }

    private long compilations() {
        return metrics.get("fhe.heads.compile").timer().count();
    }

    private static void refused(ThrowingCallable call, int status, String code) {
        assertThatThrownBy(call).isInstanceOfSatisfying(Refusal.class, refusal -> {
            assertThat(refusal.status()).isEqualTo(status);
            assertThat(refusal.code()).isEqualTo(code);
        });
    }

    @Test
    void encodesOnceHoweverManyAsk() throws Exception {
        Head head = put(new HeadCache(store, S14, 2 * bytesOfOne, new SimpleMeterRegistry()), "a", 0);
        try (ExecutorService callers = Executors.newFixedThreadPool(8)) {
            Callable<HeadCache.OpenHead> ask = () -> cache.open(head);
            var opened = callers.invokeAll(Collections.nCopies(8, ask)).stream()
                    .map(Future::resultNow)
                    .distinct()
                    .toList();
            assertThat(opened).hasSize(1);
        }
        assertThat(compilations()).isEqualTo(1);
        assertThat(cache.bytes()).isEqualTo(bytesOfOne);
    }

    @Test
    void closesTheLeastRecentlyUsedThatNobodyUses() throws IOException {
        Head a = put(cache, "a", 0);
        Head b = put(cache, "b", 1);
        HeadCache.OpenHead used = cache.open(a);
        Head c = put(cache, "c", 2);

        assertThat(cache.size()).isEqualTo(2);
        assertThat(cache.bytes()).isEqualTo(2 * bytesOfOne);
        assertThat(compilations()).isEqualTo(3);
        cache.open(c).release();
        assertThat(compilations()).isEqualTo(3);
        used.release();
        cache.open(b).release();
        assertThat(compilations()).isEqualTo(4);
        assertThat(cache.size()).isEqualTo(2);
    }

    @Test
    void refusesAFurtherHeadWhereThoseInUseLeaveNoRoom() throws IOException {
        Head a = put(cache, "a", 0);
        Head b = put(cache, "b", 1);
        List<HeadCache.OpenHead> used = List.of(cache.open(a), cache.open(b));
        Head c = put(cache, "c", 2);

        refused(() -> cache.open(c), 503, "overloaded");
        used.getFirst().release();
        cache.open(c).release();
        used.getLast().release();
        assertThat(cache.bytes()).isEqualTo(2 * bytesOfOne);
    }

    @Test
    void whatWasReplacedGoesWithItsLastUser() throws IOException {
        Head old = put(cache, "a", 0);
        HeadCache.OpenHead used = cache.open(old);
        Head replaced = put(cache, "a", 1);
        cache.forget(old);

        assertThat(cache.bytes()).isEqualTo(2 * bytesOfOne);
        assertThat(used.head().version()).isEqualTo(1);
        used.release();
        assertThat(cache.bytes()).isEqualTo(bytesOfOne);
        HeadCache.OpenHead now = cache.open(old);
        assertThat(now.head()).isEqualTo(replaced);
        now.release();
    }

    @Test
    void refusesWhatIsGoneAndWhatNeverFits() throws IOException {
        Head gone = put(cache, "a", 0);
        cache.forget(store.delete(OWNER, "a"));

        refused(() -> cache.open(gone), 404, "not_found");
        HeadCache small = new HeadCache(store, S14, bytesOfOne - 1, new SimpleMeterRegistry());
        refused(() -> put(small, "b", 0), 422, "circuit_refused");
        assertThat(store.find(OWNER, "b")).isNull();
        assertThat(small.bytes()).isZero();
    }
}
