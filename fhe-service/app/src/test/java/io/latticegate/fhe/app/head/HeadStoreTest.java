package io.latticegate.fhe.app.head;

import static io.latticegate.fhe.app.head.HeadFixture.OWNER;
import static io.latticegate.fhe.app.head.HeadFixture.READER;
import static io.latticegate.fhe.app.head.HeadFixture.S14;
import static io.latticegate.fhe.app.head.HeadFixture.upload;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.latticegate.fhe.app.http.Refusal;
import io.latticegate.fhe.core.encode.Encoder;
import io.latticegate.fhe.core.head.CompiledHead;
import io.latticegate.fhe.core.head.HeadCompiler;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class HeadStoreTest {
    private static HeadShape shape;

    @TempDir
    private Path dir;

    private HeadStore store;

    @BeforeAll
    static void compile() {
        HeadCompiler compiler =
                new HeadCompiler(S14.parameters(), S14.preset().scale(), new Encoder(S14.parameters(), S14.backend()));
        try (CompiledHead compiled = compiler.compile(HeadFixture.model(0.5))) {
            shape = HeadShape.of(compiled);
        }
    }

    @BeforeEach
    void open() throws IOException {
        store = HeadFixture.store(dir);
    }

    private static void refused(ThrowingCallable call, int status, String code) {
        assertThatThrownBy(call).isInstanceOfSatisfying(Refusal.class, refusal -> {
            assertThat(refusal.status()).isEqualTo(status);
            assertThat(refusal.code()).isEqualTo(code);
        });
    }

    private Path file(String name) {
        return dir.resolve("owners").resolve(OWNER).resolve("heads").resolve(name + ".head");
    }

    @Test
    void everyNodeReadsWhatOneHasWritten() throws IOException {
        Head put = store.put(OWNER, "spam", upload(0.5), shape);
        HeadStore other = HeadFixture.store(dir);

        assertThat(other.find(OWNER, "spam")).isEqualTo(put);
        HeadFile.Content content = Objects.requireNonNull(other.load(OWNER, "spam"));
        assertThat(content.head()).isEqualTo(put);
        double[] vector = {0.5, 0.5, -0.5, 0.5};
        assertThat(content.model().scores(vector))
                .containsExactly(HeadFixture.model(0.5).scores(vector));
        assertThat(other.list(OWNER)).containsExactly(put);
        assertThat(other.list(READER)).isEmpty();
        assertThat(put.readableBy(OWNER)).isTrue();
        assertThat(put.readableBy(READER)).isTrue();
        assertThat(put.readableBy("0199f0a0-0000-7000-8000-000000000003")).isFalse();
    }

    @Test
    void tellsReadersNeitherWeightsNorOtherReaders() throws IOException {
        Head put = store.put(OWNER, "spam", upload(0.5), shape);

        assertThat(put.toWire(READER).fieldNames()).doesNotContain("readers", "weights", "layers", "owner", "id");
        assertThat(put.toWire(READER).getString("name")).isEqualTo(OWNER + "~spam");
        assertThat(put.toWire(OWNER).getString("name")).isEqualTo("spam");
    }

    @Test
    void countsVersionsAcrossNodes() throws Exception {
        HeadStore other = HeadFixture.store(dir);
        try (ExecutorService nodes = Executors.newFixedThreadPool(4)) {
            Callable<Head> one = () -> store.put(OWNER, "spam", upload(1), shape);
            Callable<Head> two = () -> other.put(OWNER, "spam", upload(2), shape);
            var versions =
                    nodes
                            .invokeAll(IntStream.range(0, 20)
                                    .mapToObj(i -> i % 2 == 0 ? one : two)
                                    .toList())
                            .stream()
                            .map(Future::resultNow)
                            .map(Head::version)
                            .sorted()
                            .toList();
            assertThat(versions).isEqualTo(IntStream.rangeClosed(1, 20).boxed().toList());
        }
        assertThat(Objects.requireNonNull(store.find(OWNER, "spam")).version()).isEqualTo(20);
    }

    @Test
    void boundsTheHeadsOfAProject() throws IOException {
        for (int i = 0; i < HeadFixture.HEADS_MAX; i++) {
            store.put(OWNER, "head" + i, upload(1), shape);
        }
        refused(() -> store.put(OWNER, "more", upload(1), shape), 429, "quota_exceeded");
        assertThat(store.put(OWNER, "head0", upload(2), shape).version()).isEqualTo(2);
        store.put(READER, "more", upload(1), shape);
        store.delete(OWNER, "head1");
        assertThat(store.put(OWNER, "more", upload(1), shape).version()).isEqualTo(1);
    }

    @Test
    void findsNothingUnderNamesThatNoHeadHas() throws IOException {
        store.put(OWNER, "spam", upload(1), shape);

        for (String name : new String[] {"", "..", "../heads/spam", "SPAM", "spam/", "a".repeat(65), "-spam"}) {
            assertThat(store.find(OWNER, name)).as(name).isNull();
            refused(() -> HeadStore.requireName(name), 400, "invalid_request");
        }
        for (String owner : new String[] {"", "..", "../owners/" + OWNER, "a/b", "a".repeat(65)}) {
            assertThat(store.find(owner, "spam")).as(owner).isNull();
        }
        refused(() -> store.delete(OWNER, "other"), 404, "not_found");
        refused(() -> store.delete(READER, "spam"), 404, "not_found");
    }

    @Test
    void refusesDamagedFiles() throws IOException {
        store.put(OWNER, "spam", upload(1), shape);
        byte[] good = Files.readAllBytes(file("spam"));
        assertThat(HeadFile.read(new ByteArrayInputStream(good)).head().name()).isEqualTo("spam");

        for (int at = 0; at < good.length; at++) {
            byte[] flipped = good.clone();
            flipped[at] ^= 0x40;
            assertThatThrownBy(() -> HeadFile.read(new ByteArrayInputStream(flipped)))
                    .as("byte %d", at)
                    .isInstanceOf(IOException.class);
        }
        for (int length = 0; length < good.length; length += 7) {
            byte[] truncated = Arrays.copyOf(good, length);
            assertThatThrownBy(() -> HeadFile.read(new ByteArrayInputStream(truncated)))
                    .as("length %d", length)
                    .isInstanceOf(IOException.class);
        }
        assertThatThrownBy(() -> HeadFile.read(new ByteArrayInputStream(Arrays.copyOf(good, good.length + 1))))
                .hasMessageContaining("something follows");
        Files.write(file("spam"), new byte[100]);
        assertThatThrownBy(() -> store.find(OWNER, "spam")).isInstanceOf(IOException.class);
    }
}
