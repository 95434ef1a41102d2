package io.latticegate.proxy.routing;

import static org.assertj.core.api.Assertions.assertThat;

import io.latticegate.proxy.chat.ProviderError;
import io.latticegate.proxy.chat.ProviderError.Kind;
import java.time.Duration;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RoutingStateTest {
    private static final long SECOND = 1_000_000_000L;
    private static final long COOLDOWN = 30 * SECOND;

    private final AtomicLong now = new AtomicLong(SECOND);
    private final RoutingState routing = new RoutingState(
            new TargetState.Breaker(1, COOLDOWN), new RetryBudget(0.1), true, RoundRobin::new, now::get, new Random(1));
    private final TargetState target = routing.states().of("openai", "k1", "gpt", SECOND);
    private final TargetState credential = routing.states().credential("openai", "k1");

    private void failed(Kind kind, Duration asked, boolean counts, boolean credentialAtFault) {
        TargetState.Use use = Objects.requireNonNull(target.tryUse(now.get()));
        routing.failed(
                ProviderError.of(kind, "code", "message"), target, credential, use, asked, counts, credentialAtFault);
        use.close();
    }

    private boolean available() {
        return target.available(now.get()) && credential.available(now.get());
    }

    @ParameterizedTest
    @EnumSource(names = {"OVERLOAD", "OUTAGE", "TIMEOUT"})
    void whatTheProviderFailsAtOpensTheBreaker(Kind kind) {
        failed(kind, Duration.ZERO, true, true);

        assertThat(target.position(now.get())).isEqualTo(TargetState.Position.OPEN);
        assertThat(credential.available(now.get())).isTrue();
    }

    @Test
    void aSecondAttemptOfOneRequestDoesNotCountAgain() {
        failed(Kind.OUTAGE, Duration.ZERO, false, true);

        assertThat(available()).isTrue();
    }

    @ParameterizedTest
    @EnumSource(names = {"CLIENT_FAULT", "NOT_FOUND"})
    void aFaultOfTheClientSaysThatTheTargetWorks(Kind kind) {
        failed(Kind.OUTAGE, Duration.ZERO, true, true);
        now.addAndGet(COOLDOWN);
        failed(kind, Duration.ZERO, true, true);

        assertThat(target.position(now.get())).isEqualTo(TargetState.Position.CLOSED);
    }

    @Test
    void aRefusedCredentialRestsWithAllItsModels() {
        failed(Kind.AUTH, Duration.ZERO, true, true);

        assertThat(credential.waitNanos(now.get())).isEqualTo(COOLDOWN);
        assertThat(routing.states().credential("openai", "k2").available(now.get()))
                .isTrue();
    }

    @ParameterizedTest
    @EnumSource(names = {"AUTH", "PERMISSION"})
    void aClientThatNamesAnotherAccountParksNothing(Kind kind) {
        failed(kind, Duration.ZERO, true, false);

        assertThat(available()).isTrue();
    }

    @Test
    void anEmptyAccountRestsForAsLongAsIsAsked() {
        failed(Kind.QUOTA, Duration.ofMinutes(10), true, true);

        assertThat(credential.waitNanos(now.get())).isEqualTo(600 * SECOND);
    }

    @Test
    void aRateLimitParksTheTargetUntilItsEnd() {
        failed(Kind.RATE, Duration.ofSeconds(7), true, true);

        assertThat(target.waitNanos(now.get())).isEqualTo(7 * SECOND);
        assertThat(target.limited(now.get())).isTrue();
        assertThat(routing.states().of("openai", "k1", "other", now.get()).available(now.get()))
                .isTrue();
    }

    @Test
    void aRateLimitWithoutAnEndMakesTheTargetLessPreferred() {
        failed(Kind.RATE, Duration.ZERO, true, true);

        assertThat(available()).isTrue();
        assertThat(target.preferable(now.get())).isFalse();
    }

    @Test
    void statesThatSayNothingMakeRoom() {
        failed(Kind.OUTAGE, Duration.ZERO, true, true);
        for (int i = 0; i < 3 * TargetStates.KEPT_MAX; i++) {
            routing.states().of("openai", "k1", "model-" + i, now.addAndGet(SECOND / 1_000));
        }

        assertThat(routing.states().size()).isLessThanOrEqualTo(TargetStates.KEPT_MAX + 1);
        assertThat(routing.states().of("openai", "k1", "gpt", now.get())).isSameAs(target);
    }

    @Test
    void aProviderThatAnswersIsReachable() {
        routing.checked("openai", new ProviderReach(ProviderReach.Result.UNREACHABLE, SECOND, 0));
        assertThat(routing.reachable("openai")).isFalse();

        routing.answered("openai");

        assertThat(routing.reachable("openai")).isTrue();
        assertThat(routing.reachable("anthropic")).isTrue();
    }

    @Test
    void otherSettingsKeepWhatIsKnownOfTargets() {
        failed(Kind.OUTAGE, Duration.ZERO, true, true);
        routing.checked("openai", new ProviderReach(ProviderReach.Result.UNREACHABLE, SECOND, 0));
        routing.reconfigure(new TargetState.Breaker(3, 2 * SECOND), new RetryBudget(0), false, LeastUsed::new);

        assertThat(target.position(now.get())).isEqualTo(TargetState.Position.OPEN);
        assertThat(routing.states().of("openai", "k1", "gpt", now.get())).isSameAs(target);
        assertThat(routing.reachable("openai")).isFalse();
        assertThat(routing.failover()).isFalse();
        assertThat(routing.retries().withdraw(now.get())).isFalse();
        assertThat(routing.strategy("gpt")).isInstanceOf(LeastUsed.class);

        now.addAndGet(COOLDOWN);
        failed(Kind.OUTAGE, Duration.ZERO, true, true);
        now.addAndGet(2 * SECOND);
        assertThat(target.position(now.get()))
                .as("the next failure goes by the new cooldown")
                .isEqualTo(TargetState.Position.HALF_OPEN);
    }

    @Test
    void onlyProvidersThatAreGoneAreForgotten() {
        failed(Kind.OUTAGE, Duration.ZERO, true, true);
        TargetState other = routing.states().of("gone", "k2", "m", SECOND);
        routing.checked("gone", new ProviderReach(ProviderReach.Result.UNREACHABLE, SECOND, 0));

        routing.forgetAllBut("openai"::equals);

        assertThat(routing.states().of("openai", "k1", "gpt", now.get())).isSameAs(target);
        assertThat(routing.states().of("gone", "k2", "m", now.get())).isNotSameAs(other);
        assertThat(routing.reachable("gone")).isTrue();
    }
}
