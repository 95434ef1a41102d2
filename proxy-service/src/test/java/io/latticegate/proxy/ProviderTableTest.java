package io.latticegate.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.latticegate.common.config.ConfigLoader;
import io.latticegate.common.config.LatticegateConfig;
import io.latticegate.proxy.provider.Provider;
import io.latticegate.proxy.relay.Rules;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A provider that is configured as before keeps its connections; every other one begins anew. */
class ProviderTableTest {
    private final Vertx vertx = Vertx.vertx();

    @AfterEach
    void close() {
        vertx.close().await();
    }

    private static LatticegateConfig config(String yaml) {
        return ConfigLoader.in(Path.of("/nonexistent")).yaml(yaml).load().config();
    }

    private Map<String, Provider> providers(long version, String yaml, Map<String, Provider> open) {
        Rules rules = ProviderTable.rules(vertx, config(yaml), version, open);
        Map<String, Provider> byName = new LinkedHashMap<>();
        rules.routing().providers().forEach(provider -> byName.put(provider.name(), provider));
        return byName;
    }

    @Test
    void onlyWhatChangedIsOpenedAnew() {
        Map<String, Provider> first = providers(
                1,
                "providers: { same: { base_url: 'https://a.example' }, other: { base_url: 'https://b.example' } }",
                Map.of());
        Map<String, Provider> second = providers(
                2,
                "providers: { same: { base_url: 'https://a.example', allowed_endpoints: [/v1/x] },"
                        + " other: { base_url: 'https://b.example', timeout: 5s }, new: { base_url: 'https://c.example' } }",
                first);

        assertThat(second.get("same")).isSameAs(first.get("same"));
        assertThat(second.get("openai")).isSameAs(first.get("openai"));
        assertThat(second.get("other")).isNotNull().isNotSameAs(first.get("other"));
        assertThat(second).containsKey("new");
    }

    @Test
    void aProviderThatIsOffIsNotThere() {
        assertThat(providers(1, "providers: { openai: { enabled: false } }", Map.of()))
                .doesNotContainKey("openai")
                .containsKey("anthropic");
    }
}
