package io.latticegate.proxy.fhe;

import static org.assertj.core.api.Assertions.assertThat;

import io.latticegate.common.config.HostPort;
import io.vertx.core.net.SocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FhePodsTest {
    private static final int PLACEMENTS = 2_000;

    private static FhePods pods(int count) {
        List<HostPort> names = new ArrayList<>();
        for (int i = 1; i <= count; i++) {
            names.add(new HostPort("127.0.0." + i, 8090));
        }
        FhePods pods = new FhePods(names);
        pods.resolve();
        return pods;
    }

    @Test
    void placementsAreSpreadEvenlyAndEveryPodIsRanked() {
        FhePods pods = pods(5);
        Map<SocketAddress, Integer> first = new HashMap<>();
        for (int i = 0; i < PLACEMENTS; i++) {
            List<SocketAddress> ranked = pods.ranked("indexes/" + i);
            assertThat(ranked).hasSize(5).doesNotHaveDuplicates();
            first.merge(ranked.getFirst(), 1, Integer::sum);
        }
        assertThat(first.values()).hasSize(5).allMatch(count -> count > 300 && count < 500);
    }

    @Test
    void onlyPlacementsOfThePodThatLeftMove() {
        FhePods five = pods(5);
        FhePods four = pods(4);
        SocketAddress gone = SocketAddress.inetSocketAddress(8090, "127.0.0.5");
        long moved = IntStream.range(0, PLACEMENTS)
                .filter(i -> {
                    List<SocketAddress> before = five.ranked("sessions/" + i);
                    SocketAddress after = four.ranked("sessions/" + i).getFirst();
                    SocketAddress expected = before.getFirst().equals(gone) ? before.get(1) : before.getFirst();
                    assertThat(after).isEqualTo(expected);
                    return !after.equals(before.getFirst());
                })
                .count();
        assertThat(moved).isBetween(300L, 500L);
    }

    @Test
    void namesWithoutAnAddressStandForNoPod() {
        FhePods pods = new FhePods(List.of(new HostPort("no-such-host.invalid", 8090)));
        pods.resolve();
        assertThat(pods.ranked("indexes/a")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "/v1/fhe/sessions/s1/keys/relin, sessions/s1",
        "/v1/fhe/sessions/s1, sessions/s1",
        "/v1/fhe/indexes/owner~name/search, indexes/owner~name",
        "/v1/fhe/heads/h/infer, heads/h",
        "/v1/fhe/jobs/j, Bearer t",
        "/v1/fhe/sessions, Bearer t",
        "/v1/fhe/status, Bearer t",
    })
    void requestsArePlacedByWhatAPodKeeps(String path, String placement) {
        assertThat(FhePaths.owns(path)).isTrue();
        assertThat(FhePaths.placement(path, "Bearer t")).isEqualTo(placement);
    }

    @ParameterizedTest
    @CsvSource({
        "/v1/fhe, false",
        "/v1/fhex/a, false",
        "/v1/params, true",
        "/v1/params/x, false",
        "/v1/encrypt, true",
        "/v1/privacy/budget, true",
        "/v1/models, false",
        "/v1/chat/completions, false"
    })
    void otherPathsAreNotTaken(String path, boolean owned) {
        assertThat(FhePaths.owns(path)).isEqualTo(owned);
    }
}
