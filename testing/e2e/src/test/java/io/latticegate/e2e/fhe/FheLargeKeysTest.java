package io.latticegate.e2e.fhe;

import static org.assertj.core.api.Assertions.assertThat;

import io.latticegate.fhe.core.preset.Preset;
import io.latticegate.fhe.core.wire.CiphertextShape;
import io.latticegate.fhe.core.wire.Compression;
import io.latticegate.fhe.core.wire.MappedKeys;
import io.latticegate.fhe.core.wire.ParameterChain;
import io.latticegate.fhe.core.wire.SealCiphertext;
import io.latticegate.fhe.core.wire.SealObjects;
import io.latticegate.fhe.core.wire.SealWriter;
import io.latticegate.testing.Await;
import io.latticegate.testing.ChildProcess;
import io.latticegate.testing.JavaProcess;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A key set that does not fit the heap of the process that takes it. {@code -Dlatticegate.fhe.upload.mib=600} makes it
 * larger.
 */
class FheLargeKeysTest {
    private static final Logger LOG = LoggerFactory.getLogger(FheLargeKeysTest.class);
    private static final Duration PATIENCE = Duration.ofSeconds(120);
    private static final int MIB = Integer.getInteger("latticegate.fhe.upload.mib", 280);
    private static final ParameterChain CHAIN = SealObjects.chain(Preset.S14.parameters());

    /** Uniform residues are what a key looks like. */
    private static byte[] digit() throws IOException {
        CiphertextShape shape = new CiphertextShape(CHAIN.keyId(), 2, CHAIN.degree(), CHAIN.keyPrimes(), 1.0, false);
        SplittableRandom random = new SplittableRandom(7);
        long[] primes = CHAIN.primes();
        long[] residues = new long[shape.words()];
        for (int i = 0; i < residues.length; i++) {
            residues[i] = random.nextLong(primes[i / CHAIN.degree() % primes.length]);
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        SealWriter.write(new SealCiphertext(shape, residues, null), out, Compression.NONE);
        return out.toByteArray();
    }

    /** Galois keys of the elements 3, 5, …, each with the same digits. */
    private static InputStream galois(byte[] digit, int keys) {
        long size = 16 + 32 + 8 + CHAIN.degree() * 8L + (long) keys * CHAIN.dataPrimes() * digit.length;
        ByteBuffer head = ByteBuffer.allocate(64).order(ByteOrder.LITTLE_ENDIAN);
        head.putShort((short) 0xa15e).put(new byte[] {16, 4, 1, 0, 0, 0}).putLong(size);
        head.putLong(CHAIN.keyId().word0()).putLong(CHAIN.keyId().word1());
        head.putLong(CHAIN.keyId().word2()).putLong(CHAIN.keyId().word3()).putLong(CHAIN.degree());
        byte[] count = ByteBuffer.allocate(8)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(CHAIN.dataPrimes())
                .array();
        List<byte[]> key = Stream.concat(Stream.of(count), Collections.nCopies(CHAIN.dataPrimes(), digit).stream())
                .toList();
        List<InputStream> pieces = Stream.of(
                        Stream.of(head.array()),
                        IntStream.range(0, keys).boxed().flatMap(_ -> key.stream()),
                        Stream.of(new byte[(CHAIN.degree() - keys - 1) * 8]))
                .flatMap(piece -> piece)
                .<InputStream>map(ByteArrayInputStream::new)
                .toList();
        return new SequenceInputStream(Collections.enumeration(pieces));
    }

    @Test
    void aKeySetLargerThanTheHeapIsTakenAndComputedWith(@TempDir Path folder) throws Exception {
        Path ready = folder.resolve("ready");
        byte[] digit = digit();
        int keys = (int) (((long) MIB << 20) / ((long) digit.length * CHAIN.dataPrimes()));
        JavaProcess java = JavaProcess.of(FheStackMain.class.getName())
                .jvm("-XX:+UseSerialGC", "-Xmx256m")
                .arguments(ready.toString(), folder.resolve("data").toString());
        try (ChildProcess process = java.start()) {
            Await.until(PATIENCE, "the services", () -> Files.exists(ready));
            String[] facts = Files.readString(ready).split(" ", -1);
            try (FheCaller caller = new FheCaller(facts[0], facts[1])) {
                String session = caller.session("S14");
                var put = caller.send(
                        "PUT",
                        "/v1/fhe/sessions/" + session + "/keys/galois",
                        "application/octet-stream",
                        BodyPublishers.ofInputStream(() -> galois(digit, keys)));
                assertThat(put.statusCode()).as(FheCaller.text(put)).isEqualTo(201);
                JsonObject kept = FheCaller.json(put);
                assertThat(kept.getInteger("keys")).isEqualTo(keys);
                assertThat(kept.getLong("stored_bytes"))
                        .isEqualTo(MappedKeys.bytes(Preset.S14.parameters(), keys))
                        .isGreaterThan((MIB - 16L) << 20);

                JsonArray steps = new JsonArray()
                        .add(new JsonObject().put("op", "rotate").put("a", 0).put("by", 1));
                var answer = caller.ops(
                        session,
                        new JsonObject().put("steps", steps).put("outputs", new JsonArray().add(1)),
                        new FheParty(Preset.S14).encrypt(1));
                assertThat(answer.statusCode()).isEqualTo(200);
                String status = Files.readString(Path.of("/proc", Long.toString(process.pid()), "status"));
                status.lines()
                        .filter(line -> line.startsWith("VmHWM") || line.startsWith("RssAnon"))
                        .forEach(line -> LOG.info("after {} bytes of keys: {}", kept.getLong("bytes"), line));
            }
        }
    }
}
