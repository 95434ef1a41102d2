package io.latticegate.e2e.mesh;

import static org.assertj.core.api.Assertions.assertThat;

import io.latticegate.common.value.Allowance;
import io.latticegate.common.value.ServiceRole;
import io.latticegate.e2e.LocalMesh;
import io.latticegate.e2e.ManagedConfig;
import io.latticegate.testing.Await;
import io.vertx.core.json.JsonObject;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A change of the rules is in force on every edge within a second, also when nobody was told, and never by halves. */
@ExtendWith(SharedMesh.class)
class RulesAcrossProxiesTest {
    private static final String OFF = "{\"providers\":{\"openai\":{\"enabled\":false}}}";
    private static final String ON = "{\"providers\":{\"openai\":{\"enabled\":null}}}";
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @AfterEach
    void switchOn(LocalMesh mesh) {
        mesh.heal();
        assertThat(mesh.config().patch(ON).status()).isEqualTo(200);
        awaitEverywhere(mesh, mesh.config().read().version());
    }

    @Test
    void aProviderThatIsSwitchedOffIsRefusedOnEveryNodeWithinASecond(LocalMesh mesh) {
        switchedOff(
                mesh,
                "broadcast",
                () -> assertThat(mesh.config().patch(OFF).status()).isEqualTo(200));
    }

    @Test
    void alsoWithoutTheBroadcast(LocalMesh mesh) {
        switchedOff(mesh, "no broadcast", () -> {
            String document = mesh.config()
                    .read()
                    .json()
                    .getJsonObject("config")
                    .mergeIn(new JsonObject(OFF), true)
                    .encode();
            try (Connection connection = mesh.database();
                    PreparedStatement insert = connection.prepareStatement("INSERT INTO audit.rules_version (version,"
                            + " origin, file_hash, request_id, created_at, document) SELECT version + 1, origin,"
                            + " file_hash, request_id, created_at, ? FROM audit.rules_version ORDER BY version DESC"
                            + " LIMIT 1")) {
                insert.setString(1, document);
                assertThat(insert.executeUpdate()).isEqualTo(1);
            } catch (SQLException fault) {
                throw new AssertionError("the version was not inserted", fault);
            }
        });
    }

    /** Every proxy is asked without pause; none may serve a second after the change. */
    private static void switchedOff(LocalMesh mesh, String how, Runnable change) {
        LocalMesh.Token token = mesh.createToken(Allowance.WITHOUT_LIMIT);
        List<LocalMesh.Node> proxies = mesh.nodes(ServiceRole.PROXY);
        for (int round = 0; round < LocalMesh.rounds(3); round++) {
            assertThat(mesh.config().patch(ON).status()).isEqualTo(200);
            awaitEverywhere(mesh, mesh.config().read().version());
            for (LocalMesh.Node proxy : proxies) {
                assertThat(Client.chat(proxy, token.secret()).status()).isEqualTo(200);
            }

            change.run();
            long changedAt = System.nanoTime();

            List<Callable<Long>> watches = new ArrayList<>();
            for (LocalMesh.Node proxy : proxies) {
                watches.add(() -> {
                    while (true) {
                        long askedAt = System.nanoTime();
                        Client.Reply reply = Client.chat(proxy, token.secret());
                        if (reply.status() == 404) {
                            assertThat(reply.body()).contains("model_not_found");
                            return Math.max(0, askedAt - changedAt);
                        }
                        assertThat(askedAt - changedAt)
                                .as("%s still answers %d", proxy.name(), reply.status())
                                .isLessThan(1_000_000_000L);
                    }
                });
            }
            List<Long> delays = Client.together(watches);
            System.out.printf(
                    "switched off (%s): first 404 per node after %s ms%n",
                    how, delays.stream().map(nanos -> nanos / 1_000_000).toList());
        }
    }

    @Test
    void killingAdminServiceDuringChangesLeavesNothingHalfDone(LocalMesh mesh) {
        LocalMesh.Token token = mesh.createToken(Allowance.WITHOUT_LIMIT);
        LocalMesh.Node admin = mesh.nodes(ServiceRole.ADMIN).getFirst();
        AtomicLong acknowledged = new AtomicLong(mesh.config().read().version());
        AtomicLong failures = new AtomicLong(1);
        Thread changes = Thread.startVirtualThread(() -> changeUntilItDies(mesh, acknowledged, failures));
        long begun = acknowledged.get();
        Await.until(PATIENCE, "some changes", () -> acknowledged.get() > begun + 3);
        admin.kill();
        join(changes);

        for (LocalMesh.Node proxy : mesh.nodes(ServiceRole.PROXY)) {
            assertThat(Client.chat(proxy, token.secret()).status())
                    .as("%s goes on by the last rules", proxy.name())
                    .isEqualTo(200);
        }

        mesh.heal();
        ManagedConfig.Reply now = mesh.config().read();
        long more = now.version() - acknowledged.get();
        System.out.printf(
                "killed after %d changes; %d not acknowledged is in force%n", acknowledged.get() - begun, more);
        assertThat(more).isBetween(0L, 1L);
        assertThat(now.json()
                        .getJsonObject("config")
                        .getJsonObject("routing")
                        .getJsonObject("circuit_breaker")
                        .getLong("failures"))
                .isBetween(failures.get() - 1, failures.get());
        awaitEverywhere(mesh, now.version());
    }

    private static void changeUntilItDies(LocalMesh mesh, AtomicLong acknowledged, AtomicLong failures) {
        try {
            while (true) {
                ManagedConfig.Reply made = mesh.config()
                        .patch("{\"routing\":{\"circuit_breaker\":{\"failures\":" + failures.incrementAndGet() + "}}}");
                if (made.status() != 200) {
                    return;
                }
                acknowledged.set(made.version());
            }
        } catch (UncheckedIOException killed) {
            assertThat(killed).isNotNull();
        }
    }

    private static void awaitEverywhere(LocalMesh mesh, long version) {
        for (LocalMesh.Node proxy : mesh.nodes(ServiceRole.PROXY)) {
            Await.until(
                    PATIENCE,
                    proxy.name() + " to have version " + version,
                    () -> Client.metric(proxy, "gateway_rules_version") == version);
        }
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", interrupted);
        }
    }
}
