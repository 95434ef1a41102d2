package io.latticegate.common.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Examples and rules of W3C Trace Context, section 3.2. */
class TraceContextTest {
    private static final String EXAMPLE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    @Test
    void readsTheExampleOfTheRecommendation() {
        assertThat(TraceContext.parse(EXAMPLE))
                .isEqualTo(new TraceContext("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7", true));
        assertThat(TraceContext.parse("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00"))
                .isEqualTo(new TraceContext("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7", false));
    }

    @Test
    void writesWhatItReads() {
        TraceContext read = TraceContext.parse(EXAMPLE);
        assertThat(read).isNotNull().extracting(TraceContext::header).isEqualTo(EXAMPLE);
        assertThat(read)
                .extracting(TraceContext::unsampled)
                .extracting(TraceContext::header)
                .isEqualTo("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00");
    }

    @Test
    void keepsOnlyTheFlagThatItKnows() {
        assertThat(TraceContext.parse("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-ff"))
                .extracting(TraceContext::header)
                .isEqualTo(EXAMPLE);
    }

    @Test
    void readsTheKnownFieldsOfALaterVersion() {
        String later = "cc" + EXAMPLE.substring(2);
        assertThat(TraceContext.parse(later)).isEqualTo(TraceContext.parse(EXAMPLE));
        assertThat(TraceContext.parse(later + "-what-the-future-brings")).isEqualTo(TraceContext.parse(EXAMPLE));
        assertThat(TraceContext.parse(later + ".what")).isNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "00",
                "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
                "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
                "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
                "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
                "00-4bf92f3577b34da6a3ce929d0e0e473g-00f067aa0ba902b7-01",
                "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0",
                "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0x",
                "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
                "00_4bf92f3577b34da6a3ce929d0e0e4736_00f067aa0ba902b7_01",
                "0g-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
                " 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0"
            })
    void beginsANewTraceWhereTheHeaderIsMalformed(String header) {
        assertThat(TraceContext.parse(header)).isNull();
    }

    @Test
    void readsOneLineAndNoMore() {
        assertThat(TraceContext.read(List.of())).isNull();
        assertThat(TraceContext.read(List.of(EXAMPLE))).isNotNull();
        assertThat(TraceContext.read(List.of(EXAMPLE, EXAMPLE))).isNull();
        assertThat(TraceContext.parse("cc" + EXAMPLE.substring(2) + "-" + "x".repeat(1_000)))
                .isNull();
    }

    @Test
    void cannotBeMadeOfAnythingElse() {
        assertThatThrownBy(() -> new TraceContext("a", "00f067aa0ba902b7", true))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new TraceContext("4bf92f3577b34da6a3ce929d0e0e4736\r", "00f067aa0ba902b7", true))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
