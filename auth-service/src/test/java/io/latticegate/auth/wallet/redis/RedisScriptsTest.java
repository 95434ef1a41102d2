package io.latticegate.auth.wallet.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.latticegate.common.store.StoreFault;
import io.latticegate.common.store.redis.RedisLocation;
import io.latticegate.common.store.redis.RedisScript;
import io.latticegate.common.store.redis.RedisScripts;
import io.latticegate.testing.RedisServer;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RedisScriptsTest {
    private static final RedisScript COUNT = RedisScript.of("return redis.call('INCR', KEYS[1])");

    private final Vertx vertx = Vertx.vertx();
    private RedisServer server;
    private RedisScripts redis;

    @BeforeEach
    void start() {
        server = RedisServer.start();
        redis = new RedisScripts(vertx, RedisLocation.plain(server.url()));
    }

    @AfterEach
    void stop() {
        redis.close();
        server.close();
        vertx.close().await();
    }

    @Test
    void runsAScriptThatTheServerForgot() {
        assertThat(count()).isEqualTo(1);
        RedisScripts.await(redis.send(Request.cmd(Command.SCRIPT).arg("FLUSH")));
        assertThat(count()).isEqualTo(2);
    }

    @Test
    void carriesThousandsOfCommandsAtOnceOverOneConnection() {
        redis.close();
        redis = new RedisScripts(vertx, RedisLocation.plain(server.url()), Duration.ofSeconds(10));
        List<Future<@Nullable Response>> running =
                IntStream.range(0, 4_000).mapToObj(_ -> run()).toList();
        RedisScripts.await(Future.all(running).mapEmpty());
        assertThat(count()).isEqualTo(4_001);
        assertThat(connectedClients()).isEqualTo(1);
    }

    @Test
    void failsAtOnceWhileTheServerIsGoneAndWorksAgainByItself() {
        count();
        server.kill();
        assertThatThrownBy(this::count).isInstanceOf(StoreFault.Unavailable.class);
        assertThatThrownBy(this::count).isInstanceOf(StoreFault.Unavailable.class);
        assertThat(millisOfFailure()).isLessThan(300);
        server.restart();
        assertThat(eventualCount()).isGreaterThanOrEqualTo(2);
    }

    @Test
    void failsInTimeWhileTheServerIsStoppedAndLeavesNoConnectionBehind() {
        count();
        server.pause();
        for (int i = 0; i < 3; i++) {
            assertThat(millisOfFailure()).isLessThan(900);
        }
        server.resume();
        eventualCount();
        assertThat(connectedClients()).isEqualTo(1);
    }

    @Test
    void reportsAnErrorOfTheScriptAndKeepsTheConnection() {
        RedisScript wrong = RedisScript.of("return redis.call('LPUSH', KEYS[1], 'x')");
        count();
        String before = String.valueOf(
                RedisScripts.await(redis.send(Request.cmd(Command.CLIENT).arg("ID"))));
        assertThatThrownBy(() -> RedisScripts.await(redis.run(wrong, List.of("counter"), List.of())))
                .isInstanceOf(StoreFault.Failed.class)
                .hasMessageContaining("WRONGTYPE");
        assertThat(RedisScripts.await(redis.send(Request.cmd(Command.CLIENT).arg("ID"))))
                .hasToString(before);
    }

    @Test
    void tellsAnotherRunIdAfterARestart() {
        String before = RedisScripts.await(redis.runId());
        server.kill();
        server.restart();
        eventualCount();
        assertThat(RedisScripts.await(redis.runId())).hasSize(40).isNotEqualTo(before);
    }

    @Test
    void failsAfterItIsClosed() {
        count();
        redis.close();
        assertThatThrownBy(this::count).isInstanceOf(StoreFault.Unavailable.class);
    }

    private Future<@Nullable Response> run() {
        return redis.run(COUNT, List.of("counter"), List.of());
    }

    private long count() {
        return RedisScripts.integers(RedisScripts.await(run())).getFirst();
    }

    private long eventualCount() {
        Instant deadline = Instant.now().plusSeconds(10);
        while (true) {
            try {
                return count();
            } catch (StoreFault.Unavailable gone) {
                assertThat(Instant.now()).as("recovered in time").isBefore(deadline);
                Thread.onSpinWait();
            }
        }
    }

    private long millisOfFailure() {
        long start = System.nanoTime();
        assertThatThrownBy(this::count).isInstanceOf(StoreFault.Unavailable.class);
        return Duration.ofNanos(System.nanoTime() - start).toMillis();
    }

    private long connectedClients() {
        return String.valueOf(RedisScripts.await(
                        redis.send(Request.cmd(Command.CLIENT).arg("LIST"))))
                .lines()
                .filter(line -> line.startsWith("id="))
                .count();
    }
}
