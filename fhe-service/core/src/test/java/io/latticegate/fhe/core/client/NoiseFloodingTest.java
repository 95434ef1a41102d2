package io.latticegate.fhe.core.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import io.latticegate.fhe.core.encode.Encoder;
import io.latticegate.fhe.core.encode.Plaintext;
import io.latticegate.fhe.core.evaluate.Party;
import io.latticegate.fhe.core.preset.Preset;
import io.latticegate.fhe.core.privacy.NormalLaw;
import java.security.SecureRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class NoiseFloodingTest {
    /** Some times the error that fresh ciphertexts of S14 have in practice; docs/fhe.md has the worst case. */
    private static final double ERROR = 0x1p-28;

    private final Party party = new Party(Preset.S14);

    private NoiseFlooding flooding(int bits, long shared) {
        return new NoiseFlooding(party.parameters, party.backend, new SecureRandom(), bits, shared, ERROR);
    }

    private Plaintext decrypted(double[] values) {
        return party.decryptor.decrypt(party.encrypt(values, party.parameters.topLevel()));
    }

    @Test
    void theDeviationIsThatOfTheBound() {
        double coefficients = Math.sqrt(12.0 * 100) * 0x1p15 * ERROR;
        assertThat(flooding(30, 100).slotSigma()).isCloseTo(coefficients * Math.sqrt(8_192), within(1e-9));
        assertThat(flooding(32, 100).slotSigma() / flooding(30, 100).slotSigma())
                .isCloseTo(2, within(1e-12));
    }

    @Test
    void sharedValuesAreOffByNoiseOfThatDeviation() {
        NoiseFlooding flooding = flooding(30, 4);
        double[] values = IntStream.range(0, party.parameters.slots())
                .mapToDouble(i -> Math.sin(i))
                .toArray();
        try (Plaintext flooded = flooding.flood(decrypted(values))) {
            Encoder.Slots slots = party.encoder.decode(flooded);
            double[] residuals = IntStream.range(0, values.length)
                    .mapToDouble(i -> slots.real()[i] - values[i])
                    .toArray();
            assertThat(NormalLaw.kolmogorov(residuals, flooding.slotSigma())).isLessThan(NormalLaw.KOLMOGOROV_MAX);
            assertThat(NormalLaw.kolmogorov(slots.imaginary(), flooding.slotSigma()))
                    .isLessThan(NormalLaw.KOLMOGOROV_MAX);
        }
        double grid = flooding.grid();
        assertThat(grid).isBetween(flooding.slotSigma() / 4, flooding.slotSigma() / 2);
        Encoder.Slots shared = flooding.share(decrypted(values), party.encoder);
        for (int i = 0; i < values.length; i++) {
            assertThat(shared.real()[i] / grid).isEqualTo(Math.rint(shared.real()[i] / grid));
            assertThat(shared.imaginary()[i] / grid).isEqualTo(Math.rint(shared.imaginary()[i] / grid));
        }
    }

    @Test
    void aKeySharesNoMoreThanAnnounced() {
        NoiseFlooding flooding = flooding(30, 2);
        double[] values = {1, 2, 3};
        flooding.flood(decrypted(values)).close();
        flooding.flood(decrypted(values)).close();
        for (int i = 0; i < 2; i++) {
            assertThatIllegalStateException()
                    .isThrownBy(() -> flooding.flood(decrypted(values)))
                    .withMessageContaining("a key of another epoch is needed");
        }
    }

    @Test
    void refusesWhatHidesNothingOrDoesNotFit() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> flooding(29, 1))
                .withMessageContaining("29 bits of statistical security; allowed are 30 to 128");
        assertThatIllegalArgumentException().isThrownBy(() -> flooding(30, 0));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> flooding(128, 1).flood(decrypted(new double[] {1})))
                .withMessageContaining("allowed is what fits under");
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        new NoiseFlooding(party.parameters, party.backend, new SecureRandom(), 30, 1, Double.NaN));
    }
}
