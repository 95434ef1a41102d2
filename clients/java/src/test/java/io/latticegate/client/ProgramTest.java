package io.latticegate.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.latticegate.client.Program.Value;
import io.latticegate.fhe.core.preset.Preset;
import org.junit.jupiter.api.Test;

final class ProgramTest {
    @Test
    void saysWhatTheContractSays() {
        Program.Builder builder = Program.of(Preset.S13);
        Value x = builder.input();
        Value y = builder.input();
        Value product = builder.rescale(builder.relinearise(builder.multiply(x, y)));
        Program program = builder.output(builder.rotate(product, 1)).build();

        assertThat(program.request("j").toString())
                .isEqualTo("{\"steps\":[{\"op\":\"multiply\",\"a\":0,\"b\":1},{\"op\":\"relinearise\",\"a\":2},"
                        + "{\"op\":\"rescale\",\"a\":3},{\"op\":\"rotate\",\"a\":4,\"by\":1}],\"outputs\":[5],"
                        + "\"compression\":\"none\",\"job\":\"j\"}");
        assertThat(program.needs().relinearisation()).isTrue();
        assertThat(program.needs().elements()).containsExactly(3);
        assertThat(product.level()).isZero();
        assertThat(product.scale()).isEqualTo(0x1p80 / Preset.S13.parameters().prime(1));
        assertThat(product.polynomials()).isEqualTo(2);
    }

    @Test
    void refusesWhatTheServiceWouldRefuse() {
        Program.Builder builder = Program.of(Preset.S13);
        Value x = builder.input();
        Value square = builder.square(x);
        Value lower = builder.lower(x, 0);

        assertThatThrownBy(builder::input).hasMessageContaining("inputs first");
        assertThatThrownBy(() -> builder.rotate(square, 1)).hasMessageContaining("relinearised first");
        assertThatThrownBy(() -> builder.multiply(square, x)).hasMessageContaining("relinearised first");
        assertThatThrownBy(() -> builder.add(x, lower)).hasMessageContaining("levels 1 and 0");
        assertThatThrownBy(() -> builder.add(x, square)).hasMessageContaining("scales");
        assertThatThrownBy(() -> builder.rescale(lower)).hasMessageContaining("level 0");
        assertThatThrownBy(() -> builder.relinearise(x)).hasMessageContaining("nothing to relinearise");
        assertThatThrownBy(() -> builder.rotate(x, 4096)).hasMessageContaining("rotation by 4096");
        assertThatThrownBy(() -> builder.multiply(lower, lower)).hasMessageContaining("scale 2^80");
        assertThatThrownBy(() -> Program.of(Preset.S13).output(x)).hasMessageContaining("another program");
        assertThatThrownBy(builder::build).hasMessageContaining("no output");
    }

    @Test
    void hasNoMoreStepsThanTheServiceTakes() {
        Program.Builder builder = Program.of(Preset.S13);
        Value value = builder.input();
        for (int i = 0; i < Program.STEPS_MAX; i++) {
            value = builder.negate(value);
        }
        Value last = value;
        assertThatThrownBy(() -> builder.negate(last)).hasMessageContaining("64 steps");
    }
}
