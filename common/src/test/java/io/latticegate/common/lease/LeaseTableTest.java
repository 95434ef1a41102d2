package io.latticegate.common.lease;

import static org.assertj.core.api.Assertions.assertThat;

import io.latticegate.common.bus.MeshBus;
import io.latticegate.common.bus.MeshVertx;
import io.latticegate.common.bus.SignedExchange;
import io.latticegate.common.contract.AuthApi;
import io.latticegate.common.contract.AuthApi.LeaseReply;
import io.latticegate.common.crypto.MeshAuthority;
import io.latticegate.common.value.AccessToken;
import io.latticegate.common.value.Allowance;
import io.latticegate.common.value.ServiceRole;
import io.latticegate.common.value.TokenDigest;
import io.vertx.core.Vertx;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class LeaseTableTest {
    private static final Allowance ONE = new Allowance(1, 0, 0);
    private static final SecureRandom RANDOM = new SecureRandom();

    private final Vertx vertx = MeshVertx.standalone();
    private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
    private final MeshBus bus = bus();
    private final AtomicInteger questions = new AtomicInteger();

    @AfterEach
    void close() {
        executor.close();
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    @Test
    void aLeaseThatComesAfterItsTimeIsAskedForOnceMore() {
        serveLeasesValidFor(0, 1_000);

        assertThat(reserve()).isEqualTo("reserved");
        assertThat(questions).hasValue(2);
    }

    @Test
    void leasesThatKeepComingTooLateAreNoLimitThatIsUsedUp() {
        serveLeasesValidFor(0, 0, 1_000);

        assertThat(reserve()).isEqualTo("unavailable");
        assertThat(questions).hasValue(2);
    }

    @Test
    void aBlockThatIsTooSmallIs() {
        bus.serve(AuthApi.LEASE, executor, _ -> new LeaseReply.Granted("l", "t", "p", Allowance.NONE, 1_000));

        assertThat(reserve()).isEqualTo("RATE_LIMIT_EXCEEDED");
    }

    private void serveLeasesValidFor(long... millis) {
        ArrayDeque<Long> valid = new ArrayDeque<>(Arrays.stream(millis).boxed().toList());
        bus.serve(AuthApi.LEASE, executor, _ -> {
            int number = questions.incrementAndGet();
            return new LeaseReply.Granted("l" + number, "t", "p", Allowance.WITHOUT_LIMIT, valid.remove());
        });
    }

    private String reserve() {
        CompletableFuture<String> outcome = new CompletableFuture<>();
        LeaseTable table = new LeaseTable(bus, "node", System::nanoTime, InstantSource.system());
        vertx.runOnContext(_ -> table.reserve(token(), ONE, new LeaseTable.Outcome() {
            @Override
            public void reserved(Reservation reservation) {
                outcome.complete("reserved");
            }

            @Override
            public void refused(AuthApi.Refusal why, @Nullable String tokenId, @Nullable String projectId) {
                outcome.complete(why.name());
            }

            @Override
            public void unavailable() {
                outcome.complete("unavailable");
            }
        }));
        return outcome.join();
    }

    private static TokenDigest token() {
        try (AccessToken token = AccessToken.create(RANDOM)) {
            return token.digest();
        }
    }

    private MeshBus bus() {
        InstantSource clock = InstantSource.system();
        var identity = MeshAuthority.create("test", clock, RANDOM).issue(ServiceRole.AUTH, "auth-0");
        return MeshBus.on(vertx, new SignedExchange(identity, clock, RANDOM));
    }
}
