package io.latticegate.auth.wallet.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.latticegate.auth.servers.StoreKind;
import io.latticegate.auth.wallet.InProcessWalletState;
import io.latticegate.auth.wallet.NonceRule;
import io.latticegate.auth.wallet.NonceWindow;
import io.latticegate.auth.wallet.RateLimit;
import io.latticegate.auth.wallet.TimeTolerance;
import io.latticegate.auth.wallet.WalletState;
import io.latticegate.auth.wallet.WalletState.Verdict;
import io.latticegate.auth.wallet.WalletStateLimits;
import io.latticegate.common.crypto.Hash32;
import io.latticegate.common.store.Database;
import io.latticegate.common.store.redis.RedisLocation;
import io.latticegate.common.store.redis.RedisScripts;
import io.latticegate.common.value.WalletAddress;
import io.latticegate.common.wallet.WalletAction;
import io.latticegate.testing.FakeTime;
import io.latticegate.testing.RedisServer;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RedisWalletStateTest {
    private static final WalletAddress ALICE = wallet('a');
    private static final WalletAddress BOB = wallet('b');
    private static final WalletAction CHAT = WalletAction.LLM_REQUEST;
    private static final RateLimit WIDE = new RateLimit(1_000, Duration.ofMinutes(1));

    /** Longer than a busy machine makes a healthy Redis wait. */
    private static final Duration PATIENT = Duration.ofSeconds(3);

    @TempDir
    Path directory;

    private final Vertx vertx = Vertx.vertx();
    private final List<AutoCloseable> opened = new ArrayList<>();
    private RedisServer server;
    private Database database;

    @BeforeEach
    void start() {
        server = keep(RedisServer.start());
        database = keep(StoreKind.SQLITE.open(directory));
    }

    @AfterEach
    void stop() throws Exception {
        for (AutoCloseable one : opened.reversed()) {
            one.close();
        }
        vertx.close().await();
    }

    @Test
    void admitsOneOfFiftyThatUseTheSameNonceAtOnceOverThreeConnections() throws Exception {
        List<RedisWalletState> nodes =
                List.of(state(limits(WIDE, false)), state(limits(WIDE, false)), state(limits(WIDE, false)));
        List<Callable<Verdict>> uses = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            RedisWalletState node = nodes.get(i % 3);
            uses.add(() -> node.consumeNonce(CHAT, ALICE, 1_700_000_000_000L));
        }
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Verdict> verdicts =
                    threads.invokeAll(uses).stream().map(Future::resultNow).toList();
            assertThat(verdicts).filteredOn(Verdict.Consumed.class::isInstance).hasSize(1);
            assertThat(verdicts)
                    .filteredOn(new Verdict.NonceUsed(1_700_000_000_001L)::equals)
                    .hasSize(49);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void agreesWithTheWindowInMemoryOnAnySequenceOfNonces(boolean strict) {
        WalletStateLimits limits = limits(WIDE, strict);
        WalletState inRedis = state(limits);
        WalletState inMemory = new InProcessWalletState(limits, System::nanoTime);
        long seed = System.nanoTime();
        var random = new SplittableRandom(seed);
        for (int i = 0; i < 900; i++) {
            long nonce = switch (random.nextInt(4)) {
                case 0 -> random.nextLong(80);
                case 1 -> i;
                case 2 -> random.nextLong(i, i + 200);
                default -> random.nextInt(300) == 0 ? NonceWindow.MAX - random.nextInt(3) : i * 3L;
            };
            assertThat(inRedis.consumeNonce(CHAT, ALICE, nonce))
                    .as("seed %d, step %d, nonce %d", seed, i, nonce)
                    .isEqualTo(inMemory.consumeNonce(CHAT, ALICE, nonce));
            if (i % 50 == 0) {
                assertThat(inRedis.expectedNonce(ALICE)).isEqualTo(inMemory.expectedNonce(ALICE));
            }
        }
    }

    @Test
    void refusesTheEleventhRequestOfAWalletInAMinute() {
        RedisWalletState state = state(WalletStateLimits.defaults());
        for (int nonce = 1; nonce <= 10; nonce++) {
            assertThat(state.consumeNonce(CHAT, ALICE, nonce)).isEqualTo(new Verdict.Consumed());
        }
        assertThat(state.consumeNonce(CHAT, ALICE, 11))
                .isInstanceOfSatisfying(
                        Verdict.RateExceeded.class,
                        over -> assertThat(over.retryAfter())
                                .isBetween(Duration.ofSeconds(30), Duration.ofSeconds(60)));
        assertThat(state.consumeNonce(CHAT, BOB, 11)).isEqualTo(new Verdict.Consumed());
        assertThat(state.consumeNonce(WalletAction.VAULT_DELETE, ALICE, 11)).isEqualTo(new Verdict.Consumed());
    }

    @Test
    void neverAdmitsMoreThanTheLimitInAnyPeriod() {
        RedisWalletState state = state(limits(new RateLimit(3, Duration.ofSeconds(1)), false));
        List<Long> admitted = new ArrayList<>();
        for (long nonce = 1; admitted.size() < 9; nonce++) {
            long asked = System.nanoTime();
            if (state.consumeNonce(CHAT, ALICE, nonce) instanceof Verdict.Consumed) {
                admitted.add(asked);
            }
        }
        for (int i = 3; i < admitted.size(); i++) {
            // The server counts whole milliseconds, and an answer takes a moment more than the question.
            assertThat(Duration.ofNanos(admitted.get(i) - admitted.get(i - 3)).toMillis())
                    .isGreaterThan(900);
        }
    }

    @Test
    void takesNoRateSlotForAReplay() {
        RedisWalletState state = state(limits(new RateLimit(2, Duration.ofMinutes(1)), false));
        state.consumeNonce(CHAT, ALICE, 1);
        for (int i = 0; i < 5; i++) {
            assertThat(state.consumeNonce(CHAT, ALICE, 1)).isEqualTo(new Verdict.NonceUsed(2));
        }
        assertThat(state.consumeNonce(CHAT, ALICE, 2)).isEqualTo(new Verdict.Consumed());
    }

    @Test
    void takesADigestOnce() {
        RedisWalletState state = state(WalletStateLimits.defaults());
        Hash32 digest = Hash32.of(new byte[32], 0);
        Duration keepFor = Duration.ofSeconds(300);
        assertThat(state.consumeDigest(WalletAction.VAULT_STORE, ALICE, digest, keepFor))
                .isEqualTo(new Verdict.Consumed());
        assertThat(state.consumeDigest(WalletAction.VAULT_STORE, ALICE, digest, keepFor))
                .isEqualTo(new Verdict.DigestUsed());
    }

    @Test
    void remembersWhatIsUsedForAnHourAndTheRateForAPeriod() {
        RedisWalletState state = state(WalletStateLimits.defaults());
        for (int i = 0; i < 2; i++) {
            state.consumeNonce(CHAT, ALICE, i);
        }
        RedisScripts redis = redis();
        assertThat(ttl(redis, "nonces")).isBetween(3_590L, 3_600L);
        assertThat(ttl(redis, "rate:requests")).isBetween(50L, 60L);
    }

    @Test
    void neverTakesANonceTwiceThoughTheStateIsFlushed() {
        RedisWalletState state = state(WalletStateLimits.defaults());
        long signedAt = Instant.now().getEpochSecond();
        assertThat(state.consumeNonce(CHAT, ALICE, 5, signedAt)).isEqualTo(new Verdict.Consumed());
        RedisScripts.await(redis().send(Request.cmd(Command.FLUSHALL)));
        assertThat(state.consumeNonce(CHAT, ALICE, 5, signedAt))
                .isInstanceOfSatisfying(
                        Verdict.Unavailable.class,
                        lost -> assertThat(lost.retryAfter())
                                .isBetween(Duration.ofSeconds(350), Duration.ofSeconds(362)));
        RedisWalletState another = state(WalletStateLimits.defaults());
        assertThat(another.consumeNonce(CHAT, ALICE, 5, signedAt + 300)).isInstanceOf(Verdict.Unavailable.class);
        assertThat(another.consumeNonce(CHAT, ALICE, 6, signedAt + 363)).isEqualTo(new Verdict.Consumed());
        assertThat(state.consumeNonce(CHAT, ALICE, 6, signedAt + 363)).isEqualTo(new Verdict.NonceUsed(7));
    }

    @Test
    void admitsNothingWhileRedisIsGoneAndGuardsWhenItReturns() {
        RedisWalletState state = state(WalletStateLimits.defaults());
        long signedAt = Instant.now().getEpochSecond();
        state.consumeNonce(CHAT, ALICE, 5, signedAt);
        server.kill();
        assertThat(state.consumeNonce(CHAT, ALICE, 6, signedAt))
                .isEqualTo(new Verdict.Unavailable(Duration.ofSeconds(1)));
        server.restart();
        Verdict returned = eventually(
                () -> state.consumeNonce(CHAT, ALICE, 5, signedAt),
                verdict -> verdict instanceof Verdict.Unavailable gone
                        && gone.retryAfter().toSeconds() <= 1);
        assertThat(returned).isInstanceOf(Verdict.Unavailable.class);
        assertThat(state.consumeNonce(CHAT, ALICE, 6, signedAt + 380)).isEqualTo(new Verdict.Consumed());
    }

    @Test
    void answersInTimeWhileRedisIsStoppedAndGoesOnAfterwards() {
        RedisScripts redis = keep(new RedisScripts(vertx, RedisLocation.plain(server.url())));
        RedisWalletState state = state(WalletStateLimits.defaults(), InstantSource.system(), redis);
        state.consumeNonce(CHAT, ALICE, 1);
        server.pause();
        long start = System.nanoTime();
        assertThat(state.consumeNonce(CHAT, ALICE, 2)).isInstanceOf(Verdict.Unavailable.class);
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofMillis(900));
        server.resume();
        assertThat(eventually(() -> state.consumeNonce(CHAT, ALICE, 3), Verdict.Unavailable.class::isInstance))
                .isEqualTo(new Verdict.Consumed());
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void trustsARestartedRedisOnlyIfToldThatItKeepsEverything(boolean survivesRestarts) {
        server.command("CONFIG SET appendfsync always");
        RedisScripts redis = keep(new RedisScripts(vertx, RedisLocation.plain(server.url()), PATIENT));
        var epoch = new StateEpoch(
                database, redis, InstantSource.system(), TimeTolerance.DEFAULT.future(), survivesRestarts);
        var state = new RedisWalletState(
                redis, epoch, WalletStateLimits.defaults(), TimeTolerance.DEFAULT, InstantSource.system());
        long signedAt = Instant.now().getEpochSecond();
        state.consumeNonce(CHAT, ALICE, 1, signedAt);
        server.kill();
        server.restart();
        Verdict replayed = eventually(
                () -> state.consumeNonce(CHAT, ALICE, 1, signedAt),
                verdict -> verdict instanceof Verdict.Unavailable gone
                        && gone.retryAfter().toSeconds() <= 1);
        assertThat(replayed).isInstanceOf(survivesRestarts ? Verdict.NonceUsed.class : Verdict.Unavailable.class);
        assertThat(state.consumeNonce(CHAT, ALICE, 2, signedAt))
                .isInstanceOf(survivesRestarts ? Verdict.Consumed.class : Verdict.Unavailable.class);
    }

    @Test
    void changesNothingWhileTheClocksAreApart() {
        var time = new FakeTime(Instant.now().plusMillis(31_500));
        RedisWalletState skewed = state(WalletStateLimits.defaults(), time);
        RedisWalletState sound = state(WalletStateLimits.defaults());
        assertThat(skewed.consumeNonce(CHAT, ALICE, 1)).isInstanceOf(Verdict.Unavailable.class);
        assertThat(sound.consumeNonce(CHAT, ALICE, 1)).isEqualTo(new Verdict.Consumed());
    }

    private static Verdict eventually(Supplier<Verdict> attempt, Predicate<Verdict> notYet) {
        Instant deadline = Instant.now().plusSeconds(10);
        Verdict verdict = attempt.get();
        while (notYet.test(verdict)) {
            assertThat(Instant.now()).as("recovered in time").isBefore(deadline);
            Thread.onSpinWait();
            verdict = attempt.get();
        }
        return verdict;
    }

    private RedisWalletState state(WalletStateLimits limits) {
        return state(limits, InstantSource.system());
    }

    private RedisWalletState state(WalletStateLimits limits, InstantSource clock) {
        return state(limits, clock, redis());
    }

    private RedisWalletState state(WalletStateLimits limits, InstantSource clock, RedisScripts redis) {
        var epoch = new StateEpoch(database, redis, clock, TimeTolerance.DEFAULT.future(), false);
        return new RedisWalletState(redis, epoch, limits, TimeTolerance.DEFAULT, clock);
    }

    private static WalletStateLimits limits(RateLimit rate, boolean strict) {
        return new WalletStateLimits(
                rate,
                new NonceRule(64, strict),
                Duration.ofHours(1),
                TimeTolerance.DEFAULT.replayHorizon(),
                100_000,
                100_000);
    }

    private RedisScripts redis() {
        return keep(new RedisScripts(vertx, RedisLocation.plain(server.url()), PATIENT));
    }

    private static long ttl(RedisScripts redis, String what) {
        String key = "latticegate:wallet:" + ALICE + ":" + what;
        return RedisScripts.integers(
                        RedisScripts.await(redis.send(Request.cmd(Command.TTL).arg(key))))
                .getFirst();
    }

    private static WalletAddress wallet(char digit) {
        return new WalletAddress("0x" + String.valueOf(digit).repeat(40));
    }

    private <T extends AutoCloseable> T keep(T one) {
        opened.add(one);
        return one;
    }
}
