package io.latticegate.admin.manage;

import static org.assertj.core.api.Assertions.assertThat;

import io.latticegate.common.contract.OpsApi;
import io.latticegate.common.contract.OpsApi.ProviderStatus;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OperationCallsTest {
    @TempDir
    private Path directory;

    private AdminStack stack;

    @BeforeEach
    void start() {
        stack = new AdminStack(directory);
    }

    @AfterEach
    void stop() {
        stack.close();
    }

    @Test
    void showsAProviderAsEveryProxySeesIt() {
        stack.nodes.proxy(FakeNodes.FIRST, FakeNodes.openai(ProviderStatus.HEALTHY, 3, 0, 0));
        stack.nodes.proxy(FakeNodes.SECOND, FakeNodes.openai(ProviderStatus.DEGRADED, 1, 0, 1));

        JsonObject openai = provider("openai");

        assertThat(openai.getString("kind")).isEqualTo("openai");
        assertThat(openai.getString("base_url")).startsWith("https://");
        assertThat(openai.getBoolean("enabled")).isTrue();
        JsonArray nodes = openai.getJsonArray("nodes");
        assertThat(nodes).hasSize(2);
        JsonObject first = nodes.getJsonObject(0);
        assertThat(first.getString("node")).isEqualTo(FakeNodes.FIRST);
        assertThat(first.getString("status")).isEqualTo("healthy");
        assertThat(first.getString("breaker")).isEqualTo("closed");
        assertThat(first.getDouble("error_rate")).isEqualTo(0.25);
        assertThat(first.getLong("latency_ms")).isEqualTo(120);
        assertThat(first.getString("last_check")).isEqualTo("1970-01-01T00:00:01Z");
        assertThat(nodes.getJsonObject(1).getString("breaker")).isEqualTo("half_open");
        assertThat(nodes.getJsonObject(1).getJsonObject("breakers"))
                .isEqualTo(new JsonObject().put("closed", 1).put("open", 0).put("half_open", 1));
        assertThat(provider("anthropic").getJsonArray("nodes").getJsonObject(0).getString("status"))
                .isEqualTo("unknown");
    }

    @Test
    void aNodeThatFallsSilentIsShownAsNotReachableWithWhatItSaidLast() {
        stack.nodes.proxy(FakeNodes.FIRST, FakeNodes.openai(ProviderStatus.HEALTHY, 3, 0, 0));
        stack.nodes.proxy(FakeNodes.SECOND, FakeNodes.openai(ProviderStatus.DOWN, 0, 2, 0));
        assertThat(reachable()).containsExactly(true, true);

        stack.nodes.leave(FakeNodes.SECOND);

        assertThat(reachable()).containsExactly(true, false);
        JsonObject silent = provider("openai").getJsonArray("nodes").getJsonObject(1);
        assertThat(silent.getString("status")).isEqualTo("unknown");
        assertThat(silent.getValue("breaker")).isNull();
    }

    @Test
    void listsServicesWithVersionAndReadiness() {
        stack.nodes.vault(FakeNodes.FIRST, "k1", "k2");
        JsonArray nodes = stack.get("/manage/nodes").object().getJsonArray("nodes");
        assertThat(nodes.stream().map(node -> ((JsonObject) node).getString("service")))
                .containsExactlyInAnyOrder("vault-service", "admin-service");
        JsonObject vault = nodes.stream()
                .map(JsonObject.class::cast)
                .filter(node -> node.getString("service").equals("vault-service"))
                .findFirst()
                .orElseThrow();
        assertThat(vault.getJsonArray("keks")).containsExactly("k1", "k2");
        assertThat(vault.getBoolean("ready")).isTrue();
        assertThat(vault.getValue("config_version")).isNull();
    }

    @Test
    void showsCachesAndEncryptedComputePerNode() {
        stack.nodes.proxy(FakeNodes.FIRST, FakeNodes.openai(ProviderStatus.HEALTHY, 3, 0, 0));
        stack.nodes.compute(FakeNodes.SECOND, new OpsApi.Compute(5L, null, 6, 2, "cpu", 100, 1_000));
        JsonObject cache = only("/manage/cache");
        assertThat(cache.getLong("entries")).isEqualTo(3);
        assertThat(cache.getLong("hits")).isEqualTo(11);
        assertThat(cache.getString("backend")).isEqualTo("memory");
        JsonObject compute = only("/manage/fhe");
        assertThat(compute.getLong("sessions")).isEqualTo(5);
        assertThat(compute.getValue("indexes")).isNull();
        assertThat(compute.getLong("queue")).isEqualTo(6);
        assertThat(compute.getString("accelerator")).isEqualTo("cpu");
    }

    @Test
    void unknownParametersAndBodiesAreRefused() {
        for (String path : List.of("nodes", "providers", "cache", "fhe", "models", "limits", "vault", "logging")) {
            assertThat(stack.get("/manage/" + path + "?only=ready").status()).isEqualTo(400);
        }
    }

    private JsonObject only(String path) {
        JsonArray nodes = stack.get(path).object().getJsonArray("nodes");
        assertThat(nodes).hasSize(1);
        return nodes.getJsonObject(0);
    }

    private List<Boolean> reachable() {
        return stack.get("/manage/nodes").object().getJsonArray("nodes").stream()
                .map(JsonObject.class::cast)
                .filter(node -> node.getString("service").equals("proxy-service"))
                .map(node -> node.getBoolean("reachable"))
                .toList();
    }

    private JsonObject provider(String name) {
        return stack.get("/manage/providers").object().getJsonArray("providers").stream()
                .map(JsonObject.class::cast)
                .filter(provider -> provider.getString("name").equals(name))
                .findFirst()
                .orElseThrow();
    }
}
