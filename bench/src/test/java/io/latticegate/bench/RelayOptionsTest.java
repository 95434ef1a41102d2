package io.latticegate.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class RelayOptionsTest {
    @Test
    void measuresFiveRoundsOfAllArmsUnlessToldOtherwise() {
        RelayOptions options = RelayOptions.parse(List.of());

        assertThat(options.rounds()).isEqualTo(5);
        assertThat(options.arms()).containsExactly("direct", "bare", "nginx", "unlimited", "governed");
        assertThat(options.written()).isTrue();
    }

    @Test
    void alwaysMeasuresDirectAndKeepsTheOrderOfTurns() {
        RelayOptions options =
                RelayOptions.parse(List.of("--arms", "governed,bare", "--rounds", "7", "--seconds", "2"));

        assertThat(options.arms()).containsExactly("direct", "bare", "governed");
        assertThat(options.rounds()).isEqualTo(7);
        assertThat(options.window()).isEqualTo(Duration.ofSeconds(2));
    }

    @Test
    void aQuickRunWritesNoFile() {
        assertThat(RelayOptions.parse(List.of("--quick")).written()).isFalse();
    }

    @Test
    void refusesWhatItDoesNotKnowAndNamesWhatItDoes() {
        assertThatThrownBy(() -> RelayOptions.parse(List.of("--arms", "envoy"))).hasMessageContaining("governed");
        assertThatThrownBy(() -> RelayOptions.parse(List.of("--rounds", "0"))).hasMessageContaining("1 to 100");
        assertThatThrownBy(() -> RelayOptions.parse(List.of("--rounds"))).hasMessageContaining("needs a value");
        assertThatThrownBy(() -> RelayOptions.parse(List.of("--fast"))).hasMessageContaining("--fast");
    }
}
