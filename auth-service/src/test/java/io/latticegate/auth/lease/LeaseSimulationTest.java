package io.latticegate.auth.lease;

import static io.latticegate.common.value.Allowance.UNLIMITED;
import static org.assertj.core.api.Assertions.assertThat;

import io.latticegate.auth.servers.StoreKind;
import io.latticegate.auth.token.TokenPepper;
import io.latticegate.auth.token.TokenRegistry;
import io.latticegate.common.contract.AuthApi;
import io.latticegate.common.contract.AuthApi.LeaseReply.Granted;
import io.latticegate.common.contract.AuthApi.LeaseRequest;
import io.latticegate.common.contract.AuthApi.LeaseUse;
import io.latticegate.common.contract.AuthApi.ProjectReply;
import io.latticegate.common.contract.AuthApi.Settlement;
import io.latticegate.common.store.Database;
import io.latticegate.common.value.AccessToken;
import io.latticegate.common.value.Allowance;
import io.latticegate.common.value.Secret;
import io.latticegate.common.value.TokenDigest;
import io.latticegate.testing.FakeTime;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.ResultSet;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Three edges lease, spend, give back, settle (also twice, also too late), end and crash in a random order while sweeps run. After
 * every step no more is spent and reserved than the limit; what the edges really spent is never above it; and when all
 * has ended nothing is reserved any more.
 */
class LeaseSimulationTest {
    private static final int STEPS = 150;

    @TempDir
    Path directory;

    private final SecureRandom secure = new SecureRandom();
    private final TokenPepper pepper = new TokenPepper(Secret.owning(secure.generateSeed(32)));

    @ParameterizedTest
    @CsvSource({"SQLITE, 40", "POSTGRESQL, 12"})
    void neverOverspendsAndNeverLeaks(StoreKind store, int schedules) throws Exception {
        long seed = System.nanoTime();
        try (Database database = store.open(directory)) {
            for (int i = 0; i < schedules; i++) {
                new Schedule(database, seed + i).run();
            }
        }
    }

    /** A lease as its edge knows it. */
    private static final class Held {
        private final String edge;
        private final Granted lease;
        private long spentRequests;
        private long spentTokens;

        private Allowance block;

        Held(String edge, Granted lease) {
            this.edge = edge;
            this.lease = lease;
            this.block = lease.block();
        }

        /** What is left for requests to come. */
        Allowance kept() {
            return block.minus(spent());
        }

        void giveBack(SplittableRandom random) {
            long requests = random.nextLong(spentRequests, Math.max(spentRequests, block.requests()) + 1);
            long tokens = block.tokens() == UNLIMITED ? UNLIMITED : random.nextLong(spentTokens, block.tokens() + 1);
            block = new Allowance(requests, tokens, UNLIMITED);
        }

        Allowance spent() {
            return new Allowance(spentRequests, spentTokens, 3 * spentRequests);
        }
    }

    private final class Schedule {
        private final Database database;
        private final long seed;
        private final SplittableRandom random;
        private final FakeTime time = new FakeTime();
        private final LeaseLedger ledger;
        private final Allowance limits;
        private final TokenDigest token;
        private final String tokenId;
        private final List<Held> held = new ArrayList<>();
        private long admittedRequests;
        private long admittedTokens;

        Schedule(Database database, long seed) {
            this.database = database;
            this.seed = seed;
            this.random = new SplittableRandom(seed);
            this.ledger = new LeaseLedger(database, pepper, time, LeaseTerms.DEFAULT);
            this.limits = new Allowance(
                    random.nextInt(1, 1 << random.nextInt(1, 12)),
                    random.nextBoolean() ? UNLIMITED : random.nextInt(1, 1 << random.nextInt(1, 20)),
                    UNLIMITED);
            var registry = new TokenRegistry(database, pepper, time, secure, _ -> {});
            var project = (ProjectReply.Found) registry.createProject(new AuthApi.CreateProject("simulated"));
            try (AccessToken fresh = AccessToken.create(secure)) {
                token = fresh.digest();
                var created = (AuthApi.TokenReply.Found) registry.createToken(
                        new AuthApi.CreateToken(project.project().id(), token, fresh.obfuscated(), 525_600, limits));
                tokenId = created.token().id();
            }
        }

        void run() throws Exception {
            for (int step = 0; step < STEPS; step++) {
                step();
                check();
            }
            while (!held.isEmpty()) {
                end(held.removeLast());
            }
            time.advance(Duration.ofHours(2));
            ledger.sweep();
            check();
            assertThat(counters("reserved")).as("seed %d", seed).isEqualTo(Allowance.NONE);
            assertThat(counters("spent").requests()).as("seed %d", seed).isGreaterThanOrEqualTo(admittedRequests);
        }

        private void step() {
            switch (random.nextInt(10)) {
                case 0, 1, 2 -> ask("edge-" + random.nextInt(3));
                case 3, 4, 5 -> held.forEach(this::spend);
                case 6 -> held.forEach(one -> settle(one, false));
                case 7 -> {
                    if (!held.isEmpty()) {
                        end(held.remove(random.nextInt(held.size())));
                    }
                }
                case 8 -> {
                    String crashed = "edge-" + random.nextInt(3);
                    held.removeIf(one -> one.edge.equals(crashed));
                }
                default -> {
                    time.advance(Duration.ofMillis(random.nextInt(9_000)));
                    ledger.sweep();
                }
            }
        }

        private void ask(String edge) {
            long waiting = random.nextInt(1, 8);
            var wanted = new Allowance(waiting, waiting * random.nextInt(1, 200), 0);
            if (ledger.grant(new LeaseRequest(edge, token, wanted)) instanceof Granted lease) {
                held.add(new Held(edge, lease));
            }
        }

        private void spend(Held one) {
            if (one.block.requests() > one.spentRequests) {
                long tokens = Math.min(one.block.tokens() - one.spentTokens, random.nextInt(300));
                one.spentRequests++;
                one.spentTokens += tokens;
                admittedRequests++;
                admittedTokens += tokens;
            }
        }

        private void settle(Held one, boolean ended) {
            if (random.nextInt(4) == 0) {
                one.giveBack(random);
            }
            var use = new LeaseUse(one.lease.leaseId(), one.spent(), one.kept(), time.millis(), ended);
            ledger.settle(new Settlement(one.edge, List.of(use)));
        }

        private void end(Held one) {
            settle(one, true);
            if (random.nextBoolean()) {
                settle(one, random.nextBoolean());
            }
        }

        private void check() throws Exception {
            Allowance taken = counters("spent").plus(counters("reserved"));
            assertThat(taken.requests()).as("seed %d", seed).isLessThanOrEqualTo(limits.requests());
            assertThat(admittedRequests).as("seed %d", seed).isLessThanOrEqualTo(limits.requests());
            if (limits.tokens() != UNLIMITED) {
                assertThat(taken.tokens()).as("seed %d", seed).isLessThanOrEqualTo(limits.tokens());
                assertThat(admittedTokens).as("seed %d", seed).isLessThanOrEqualTo(limits.tokens());
            }
        }

        private Allowance counters(String kind) {
            String columns = String.join(", ", kind + "_requests", kind + "_tokens", kind + "_micro_usd");
            return database.read(connection -> {
                try (var select = connection.prepareStatement("SELECT " + columns + " FROM tokens WHERE id = ?")) {
                    select.setString(1, tokenId);
                    try (ResultSet row = select.executeQuery()) {
                        assertThat(row.next()).isTrue();
                        return new Allowance(row.getLong(1), row.getLong(2), row.getLong(3));
                    }
                }
            });
        }
    }
}
