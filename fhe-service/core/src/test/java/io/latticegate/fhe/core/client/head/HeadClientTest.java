package io.latticegate.fhe.core.client.head;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.latticegate.fhe.core.backend.CpuVector;
import io.latticegate.fhe.core.encode.Encoder;
import io.latticegate.fhe.core.encode.Plaintext;
import io.latticegate.fhe.core.head.InputPacking;
import io.latticegate.fhe.core.preset.CkksParameters;
import io.latticegate.fhe.core.preset.Preset;
import org.junit.jupiter.api.Test;

final class HeadClientTest {
    private static final CkksParameters PARAMETERS = Preset.S14.parameters();
    private static final Encoder ENCODER = new Encoder(PARAMETERS, new CpuVector());

    private static EmbeddingEncoder embeddings() {
        InputPacking packing = new InputPacking(PARAMETERS.slots(), 3, 4, 4, 1, 2);
        return new EmbeddingEncoder(ENCODER, packing, 2, Preset.S14.scale());
    }

    @Test
    void laysAnEmbeddingOverTheSlotsAtTheHeadsLevel() {
        try (Plaintext encoded = embeddings().encode(new double[] {0.5, -0.5, 0.25})) {
            assertThat(encoded.level()).isEqualTo(2);
            assertThat(encoded.scale()).isEqualTo(Preset.S14.scale());
            HeadScores scores = HeadScores.decode(ENCODER, encoded, 8);
            double[] expected = {0.5, -0.5, 0.25, 0, -0.5, 0.25, 0, 0.5};
            for (int i = 0; i < expected.length; i++) {
                assertThat(Math.abs(scores.values()[i] - expected[i])).isLessThan(0x1p-30);
            }
        }
    }

    @Test
    void refusesEmbeddingsForWhichTheBoundsDoNotHold() {
        assertThatThrownBy(() -> embeddings().encode(new double[] {1, 1, 0}))
                .hasMessageContaining("scale it to length 1");
        assertThatThrownBy(() -> embeddings().encode(new double[] {0, Double.NaN, 0}))
                .hasMessageContaining("number 1 of the embedding is not finite");
        assertThatThrownBy(() -> embeddings().encode(new double[] {0, 0})).hasMessageContaining("allowed are 3");
    }

    @Test
    void decidesForTheGreatestScore() {
        assertThat(new HeadScores(new double[] {-1, 3, 3, 2}).best()).isEqualTo(1);
        assertThat(new HeadScores(new double[] {-1}).best()).isZero();
        assertThatThrownBy(() -> new HeadScores(new double[0])).hasMessageContaining("no scores");
    }

    @Test
    void turnsScoresIntoShares() {
        double[] shares = new HeadScores(new double[] {1000, 1000 + Math.log(3), -1000}).softmax();
        assertThat(shares[0]).isBetween(0.25 - 1e-12, 0.25 + 1e-12);
        assertThat(shares[1]).isBetween(0.75 - 1e-12, 0.75 + 1e-12);
        assertThat(shares[2]).isZero();
    }
}
