package io.latticegate.proxy.relay;

import io.latticegate.proxy.dialect.Refusal;
import io.latticegate.proxy.routing.Candidate;
import io.latticegate.proxy.routing.RoutingState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The targets of one request, each under each key that may be used, and which of them is asked next. */
final class TargetOptions {
    private final RoutingState state;
    private final String model;
    private final List<TargetOption> all = new ArrayList<>();

    /** @param model whose strategy decides */
    TargetOptions(RoutingState state, String model) {
        this.state = state;
        this.model = model;
    }

    /** Those of a target are added in a row. */
    void add(TargetOption option) {
        all.add(option);
    }

    int size() {
        return all.size();
    }

    /** Leaves the target of {@code chosen} only, under all of its keys. */
    void keepTargetOf(TargetOption chosen) {
        all.removeIf(option -> !option.isOf(chosen));
    }

    /** Does something with the target of {@code chosen}, under each of its keys. */
    void ofTarget(TargetOption chosen, Consumer<TargetOption> action) {
        all.stream().filter(option -> option.isOf(chosen)).forEach(action);
    }

    void forEach(Consumer<TargetOption> action) {
        all.forEach(action);
    }

    /**
     * That none may be asked for now.
     *
     * @param retryAfterMillis until the first may be asked again, 1 and more
     */
    record Resting(Refusal refusal, long retryAfterMillis) {}

    /** Why nothing is asked although something could be later, or null. */
    @Nullable
    Resting resting(long now) {
        List<TargetOption> resting = all.stream()
                .filter(option -> !option.barred && !isHeldBack(option, now))
                .toList();
        if (resting.isEmpty()) {
            return null;
        }
        long wait = resting.stream()
                .mapToLong(option -> option.waitNanos(now))
                .min()
                .orElse(0);
        Refusal refusal = resting.stream().allMatch(option -> option.limited(now))
                ? new Refusal(
                        429,
                        "provider_rate_limited",
                        "The provider takes no more requests for this model for now",
                        null)
                : new Refusal(
                        503,
                        "provider_unavailable",
                        "What serves this model has failed of late and is left alone for now",
                        null);
        return new Resting(refusal, Math.max(1, Duration.ofNanos(wait).toMillis()));
    }

    /**
     * The one that suits best, or null when none may be asked: under a key of the first source that is not exhausted; not tried yet, not said to be used up or out of reach; then by
     * the model's strategy, each target under a key that is drawn in proportion to the weights.
     */
    @Nullable
    TargetOption choose(long now) {
        if (all.size() == 1) {
            TargetOption only = all.getFirst();
            return only.barred || only.waitNanos(now) > 0 ? null : only;
        }
        List<TargetOption> able = new ArrayList<>();
        for (TargetOption option : all) {
            if (!option.barred && option.waitNanos(now) == 0 && !isHeldBack(option, now)) {
                able.add(option);
            }
        }
        narrow(able, option -> !option.tried);
        narrow(able, option -> option.state().preferable(now) && state.reachable(option.provider()));
        List<TargetOption> oneEach = oneForEachTarget(able);
        if (oneEach.size() < 2) {
            return oneEach.isEmpty() ? null : oneEach.getFirst();
        }
        Candidate chosen = state.strategy(model)
                .choose(oneEach.stream().map(option -> option.candidate).toList(), now);
        return oneEach.stream()
                .filter(option -> option.candidate.index() == chosen.index())
                .findFirst()
                .orElseThrow();
    }

    /** Whether a source before this one's has a key for the target under which something is left, be it refused or failing. */
    private boolean isHeldBack(TargetOption option, long now) {
        if (option.sourceRank > 0) {
            for (TargetOption other : all) {
                if (other.sourceRank < option.sourceRank && other.isOf(option) && !other.exhausted(now)) {
                    return true;
                }
            }
        }
        return false;
    }

    private List<TargetOption> oneForEachTarget(List<TargetOption> able) {
        List<TargetOption> drawn = new ArrayList<>();
        int weights = 0;
        for (TargetOption option : able) {
            boolean sameTarget = !drawn.isEmpty() && drawn.getLast().isOf(option);
            weights = option.keyWeight + (sameTarget ? weights : 0);
            if (!sameTarget) {
                drawn.add(option);
            } else if (state.random().nextInt(weights) < option.keyWeight) {
                drawn.set(drawn.size() - 1, option);
            }
        }
        return drawn;
    }

    /** Leaves those that are {@code better}, unless none is. */
    private static void narrow(List<TargetOption> able, Predicate<TargetOption> better) {
        if (able.stream().anyMatch(better)) {
            able.removeIf(better.negate());
        }
    }
}
