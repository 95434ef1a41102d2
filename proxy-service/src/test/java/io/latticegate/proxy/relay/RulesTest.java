package io.latticegate.proxy.relay;

import static org.assertj.core.api.Assertions.assertThat;

import io.latticegate.proxy.edge.Cors;
import io.latticegate.proxy.provider.Routing;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Rules live until the last request that began under them has ended, and learn it once. */
class RulesTest {
    private final AtomicInteger unused = new AtomicInteger();
    private final Rules rules = new Rules(
            1,
            new Routing(List.of(), Map.of(), Map.of()),
            new PriceList(),
            Map.of(),
            Map.of(),
            new Cors(List.of(), Duration.ZERO));

    @Test
    void withoutRequestsTheyAreUnusedAtOnce() {
        rules.enter();
        rules.leave();
        rules.retire(unused::incrementAndGet);
        assertThat(unused).hasValue(1);
    }

    @Test
    void theLastRequestThatEndsMakesThemUnused() {
        rules.enter();
        rules.enter();
        rules.retire(unused::incrementAndGet);
        rules.leave();
        assertThat(unused).hasValue(0);
        rules.leave();
        assertThat(unused).hasValue(1);
    }

    @Test
    void anIdleMomentBeforeTheyAreReplacedMeansNothing() {
        rules.enter();
        rules.leave();
        rules.enter();
        assertThat(unused).hasValue(0);
        rules.retire(unused::incrementAndGet);
        rules.leave();
        assertThat(unused).hasValue(1);
    }

    @Test
    void aNodeThatKnowsNoneServesNothing() {
        assertThat(Rules.unknown().known()).isFalse();
        assertThat(Rules.unknown().routing().providers()).isEmpty();
        assertThat(Rules.unknown().upstream("openai")).isNull();
        assertThat(rules.known()).isTrue();
    }
}
