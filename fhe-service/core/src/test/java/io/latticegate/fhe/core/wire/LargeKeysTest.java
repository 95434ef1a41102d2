package io.latticegate.fhe.core.wire;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Key sets that do not fit the heap. */
class LargeKeysTest {
    /** N = 8192; the bits of the primes do not matter to a container. */
    private static final ParameterChain CHAIN =
            new ParameterChain(8192, 1152921504606748673L, 1099510890497L, 1099511480321L, 1152921504606830593L);

    @Test
    void aGibibyteOfGaloisKeysPassesThroughAFewHundredKibibytes() throws IOException {
        int keys = 683;
        long[] seen = new long[2];
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        byte[] digit = Samples.bytes(out -> SealWriter.write(new Samples(2).key(CHAIN, false), out, Compression.NONE));
        InputStream in = container(digit, keys);
        long before = threads.getCurrentThreadAllocatedBytes();
        int read = KeySwitchKeyReader.galois(CHAIN, keys).read(in, (_, _, shape) -> {
            assertThat(shape.words()).isEqualTo(2 * 4 * 8192);
            return (residues, count) -> {
                seen[0] += count;
                seen[1] ^= residues[count - 1];
            };
        });
        long allocated = threads.getCurrentThreadAllocatedBytes() - before;

        assertThat(read).isEqualTo(keys);
        assertThat(seen[0] * Long.BYTES).isGreaterThan(1L << 30);
        assertThat(allocated).isLessThan(16L << 20);
    }

    @Test
    void keysGoToAMappedFileExpanded(@TempDir Path folder) throws IOException {
        SealCiphertext key = new Samples(3).key(CHAIN, true);
        byte[] digit = Samples.bytes(out -> SealWriter.write(key, out, Compression.NONE));
        int keys = 3;
        long digitBytes = (long) key.shape().words() * Long.BYTES;
        long size = (long) keys * CHAIN.dataPrimes() * digitBytes;
        try (FileChannel file = FileChannel.open(
                        folder.resolve("keys"),
                        StandardOpenOption.CREATE,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE);
                Arena arena = Arena.ofConfined()) {
            MemorySegment mapped = file.map(FileChannel.MapMode.READ_WRITE, 0, size, arena);
            long[] next = {0};
            KeySwitchKeyReader.galois(CHAIN, keys).read(container(digit, keys), (_, _, _) -> {
                ResidueSink sink = ResidueSink.into(mapped, next[0]);
                next[0] += digitBytes;
                return sink;
            });

            assertThat(next[0]).isEqualTo(size);
            long[] expected = key.expanded(CHAIN);
            long[] last = mapped.asSlice(size - digitBytes)
                    .toArray(ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN));
            assertThat(last).isEqualTo(expected);
        }
    }

    /** A container with keys at the first indices, each digit being the same bytes. */
    private static InputStream container(byte[] digit, int keys) {
        long size = 16 + 32 + 8 + CHAIN.degree() * 8L + (long) keys * CHAIN.dataPrimes() * digit.length;
        ByteBuffer head = ByteBuffer.allocate(56).order(ByteOrder.LITTLE_ENDIAN);
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
                        Stream.of(new byte[(CHAIN.degree() - keys) * 8]))
                .flatMap(piece -> piece)
                .<InputStream>map(ByteArrayInputStream::new)
                .toList();
        return new SequenceInputStream(Collections.enumeration(pieces));
    }
}
