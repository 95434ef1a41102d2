package io.latticegate.auth.wallet.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.latticegate.auth.servers.StoreKind;
import io.latticegate.auth.wallet.redis.StateEpoch.Epoch;
import io.latticegate.common.store.Database;
import io.latticegate.common.store.StoreFault;
import io.latticegate.common.store.StoreLocation;
import io.latticegate.common.store.redis.RedisLocation;
import io.latticegate.common.store.redis.RedisScripts;
import io.latticegate.testing.RedisServer;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class StateEpochTest {
    private static final Duration FUTURE = Duration.ofSeconds(300);

    @TempDir
    Path directory;

    private final Vertx vertx = Vertx.vertx();
    private final List<AutoCloseable> opened = new ArrayList<>();

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable one : opened.reversed()) {
            one.close();
        }
        vertx.close().await();
    }

    @Test
    void beginsWithoutAGuardAndIsSharedByInstances() {
        RedisScripts redis = redis(server());
        Database database = keep(StoreKind.SQLITE.open(directory));
        Epoch first = epoch(database, redis).current();
        assertThat(first.guardUntil()).isZero();
        assertThat(epoch(database, redis).current()).isEqualTo(first);
    }

    @ParameterizedTest
    @EnumSource(StoreKind.class)
    void hasOneWinnerWhenManyNoticeALossAtOnce(StoreKind store) throws Exception {
        RedisServer server = server();
        StoreLocation location = store.empty(directory);
        List<StateEpoch> instances = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            instances.add(epoch(keep(Database.open("auth", location)), redis(server)));
        }
        Epoch before = instances.getFirst().current();
        assertThat(instances).allSatisfy(one -> assertThat(one.current()).isEqualTo(before));
        flush(server);
        long lostAt = System.currentTimeMillis();
        List<Callable<Epoch>> renewals = instances.stream()
                .map(one -> (Callable<Epoch>) () -> one.renew(before))
                .toList();
        try (var threads = Executors.newCachedThreadPool()) {
            List<Epoch> after = threads.invokeAll(renewals).stream()
                    .map(Future::resultNow)
                    .distinct()
                    .toList();
            assertThat(after).hasSize(1);
            assertThat(after.getFirst().id()).isNotEqualTo(before.id());
            assertThat(after.getFirst().guardUntil())
                    .isBetween(lostAt + 360_000 - 1_000, System.currentTimeMillis() + 360_000);
        }
    }

    @Test
    void beginsAnotherEpochWhenRedisHoldsAnIdThatSqlDoesNotKnow() {
        RedisScripts redis = redis(server());
        Database database = keep(StoreKind.SQLITE.open(directory));
        StateEpoch instance = epoch(database, redis);
        Epoch before = instance.current();
        RedisScripts.await(
                redis.send(Request.cmd(Command.SET).arg(StateEpoch.KEY).arg("of-a-crashed-instance")));
        assertThat(instance.renew(before).guardUntil()).isPositive();
        Epoch after = instance.current();
        assertThat(epoch(database, redis).current()).isEqualTo(after);
    }

    @Test
    void keepsTheEpochOverAFaultThatLostNothing() {
        RedisScripts redis = redis(server());
        StateEpoch instance = epoch(keep(StoreKind.SQLITE.open(directory)), redis);
        Epoch before = instance.current();
        assertThat(instance.renew(before)).isEqualTo(before);
    }

    @Test
    void refusesARedisThatDropsKeys() {
        RedisServer server = server();
        server.command("CONFIG SET maxmemory 50mb");
        server.command("CONFIG SET maxmemory-policy volatile-lru");
        StateEpoch instance = epoch(keep(StoreKind.SQLITE.open(directory)), redis(server));
        assertThatThrownBy(instance::current)
                .isInstanceOf(StoreFault.Failed.class)
                .hasMessageContaining("noeviction");
    }

    @Test
    void guardsUpToAndIncludingItsLastSecond() {
        Epoch epoch = new Epoch("x", 0, 1_000_999);
        assertThat(epoch.retryAfter(990)).isEqualTo(Duration.ofSeconds(11));
        assertThat(epoch.retryAfter(1_000)).isEqualTo(Duration.ofSeconds(1));
        assertThat(epoch.retryAfter(1_001)).isZero();
        assertThat(new Epoch("x", 0, 0).retryAfter(1)).isZero();
    }

    private StateEpoch epoch(Database database, RedisScripts redis) {
        return new StateEpoch(database, redis, InstantSource.system(), FUTURE, false);
    }

    private RedisServer server() {
        return keep(RedisServer.start());
    }

    private RedisScripts redis(RedisServer server) {
        return keep(new RedisScripts(vertx, RedisLocation.plain(server.url()), Duration.ofSeconds(3)));
    }

    private void flush(RedisServer server) {
        RedisScripts.await(redis(server).send(Request.cmd(Command.FLUSHALL)));
    }

    private <T extends AutoCloseable> T keep(T one) {
        opened.add(one);
        return one;
    }
}
