package io.latticegate.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

final class ScriptTest {
    @Test
    void readsDirectivesBehindTheModelsName() {
        Script script = Script.ofModel("gpt-4o+latency=200ms+cut=3+chunks=2+nousage");

        assertThat(script.latency()).isEqualTo(Duration.ofMillis(200));
        assertThat(script.fault()).isEqualTo(Script.Fault.CUT);
        assertThat(script.faultAfter()).isEqualTo(3);
        assertThat(script.piecesMin()).isEqualTo(4);
        assertThat(script.usageOmitted()).isTrue();
        assertThat(Script.ofModel("gpt-4o")).isEqualTo(Script.PLAIN);
    }

    @Test
    void refusesWhatItDoesNotUnderstand() {
        for (String bad : new String[] {
            "latency=5", "latency=2h", "status=99", "big=1GiB", "cut=1+stall=1", "fixed=1", "status", "gap=1s+gap=2s"
        }) {
            assertThatThrownBy(() -> Script.of(bad)).as(bad).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void timePassesOnlyWhenToldAndTheWallClockJumpsAlone() {
        FakeTime time = new FakeTime(Instant.EPOCH);
        time.advance(Duration.ofSeconds(3));
        time.jumpWallClock(Duration.ofHours(-1));

        assertThat(time.nanos()).isEqualTo(3_000_000_000L);
        assertThat(time.instant()).isEqualTo(Instant.ofEpochSecond(3 - 3600));
        assertThatThrownBy(() -> time.advance(Duration.ofNanos(-1))).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void countsRunsOfNonWhitespaceAsTokens() {
        assertThat(FakeProvider.tokens("")).isZero();
        assertThat(FakeProvider.tokens("  a  bc\td\n")).isEqualTo(3);
    }
}
