package io.latticegate.fhe.core.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Keys made while they are sent are the bytes that are written when all of them are there. */
final class KeySetStreamTest {
    private static final int[] ELEMENTS = {3, 9, 11, 2047};

    private final Samples samples = new Samples(7);

    @Test
    void galoisKeysAreThoseOfTheWriter() throws IOException {
        KeySwitchKeys keys = samples.galois(Samples.CHAIN, true, ELEMENTS);
        byte[] whole = Samples.bytes(out -> SealWriter.write(keys, out, Compression.NONE));

        KeySetStream stream = KeySetStream.galois(
                Samples.CHAIN, Set.of(3, 9, 11, 2047), element -> keys.keys().get(KeySwitchKeys.galoisIndex(element)));

        assertThat(stream.bytes()).isEqualTo(whole.length);
        assertThat(stream.readAllBytes()).isEqualTo(whole);
    }

    @Test
    void aRelinearisationKeyIsThatOfTheWriter() throws IOException {
        KeySwitchKeys key = samples.relinearisation(Samples.CHAIN, true);
        byte[] whole = Samples.bytes(out -> SealWriter.write(key, out, Compression.NONE));

        KeySetStream stream =
                KeySetStream.relinearisation(Samples.CHAIN, key.keys().getFirst());

        assertThat(stream.bytes()).isEqualTo(whole.length);
        byte[] one = new byte[whole.length];
        for (int i = 0; i < one.length; i++) {
            one[i] = (byte) stream.read();
        }
        assertThat(one).isEqualTo(whole);
        assertThat(stream.read()).isEqualTo(-1);
    }

    @Test
    void aKeyIsMadeOnceAndOnlyWhenTheOneBeforeItHasBeenRead() throws IOException {
        KeySwitchKeys keys = samples.galois(Samples.CHAIN, true, ELEMENTS);
        List<Integer> made = new ArrayList<>();
        KeySetStream stream = KeySetStream.galois(Samples.CHAIN, Set.of(3, 9, 11, 2047), element -> {
            made.add(element);
            return keys.keys().get(KeySwitchKeys.galoisIndex(element));
        });

        assertThat(made).isEmpty();
        stream.skipNBytes(stream.bytes() / 8);
        assertThat(made).containsExactly(3);
        stream.readAllBytes();
        assertThat(made).containsExactly(3, 9, 11, 2047);
    }

    @Test
    void refusesWhatIsNoKeyOfTheChain() {
        assertThatThrownBy(() -> KeySetStream.galois(Samples.CHAIN, Set.of(4), _ -> List.of()))
                .hasMessageContaining("odd, below 2048");
        KeySetStream unseeded = KeySetStream.relinearisation(
                Samples.CHAIN,
                samples.relinearisation(Samples.CHAIN, false).keys().getFirst());
        assertThatThrownBy(unseeded::readAllBytes).hasMessageContaining("seeded digits");
    }
}
