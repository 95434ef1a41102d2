package io.latticegate.common.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.latticegate.common.config.LoggingConfig.Level;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DebugPatternsTest {
    @TempDir
    private Path directory;

    @Test
    void namesStandForLoggersOfThisProductOnly() {
        assertThat(DebugPatterns.loggers("gateway:router")).containsExactly("io.latticegate.proxy.routing");
        assertThat(DebugPatterns.loggers("*")).containsExactly("io.latticegate");
        assertThat(DebugPatterns.loggers("gateway:*")).containsExactly("io.latticegate");
        assertThatThrownBy(() -> DebugPatterns.loggers("gateway:nothing")).hasMessageContaining("gateway:cache, ");
    }

    @Test
    void aDashLeavesOut() {
        assertThat(DebugPatterns.levels(List.of("-gateway:cache", "gateway:*")))
                .isEqualTo(Map.of("io.latticegate", Level.DEBUG, "io.latticegate.proxy.cache", Level.INFO));
    }

    @Test
    void theVariableTakesPatternsOrAFlag() {
        assertThat(logging("gateway:router, gateway:cache").levels())
                .isEqualTo(
                        Map.of("io.latticegate.proxy.routing", Level.DEBUG, "io.latticegate.proxy.cache", Level.DEBUG));
        assertThat(logging("*").level()).isEqualTo(Level.INFO);
        assertThat(logging("*").levels()).isEqualTo(Map.of("io.latticegate", Level.DEBUG));
        assertThat(logging("true").level()).isEqualTo(Level.DEBUG);
        assertThat(logging("express:*,gateway:vault").levels()).isEqualTo(Map.of("io.latticegate.vault", Level.DEBUG));
        assertThatThrownBy(() -> logging("gateway:nothing"))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("DEBUG");
    }

    @Test
    void aLevelOfOnesOwnGoesBeforeAPattern() {
        LoggingConfig both =
                load("logging: { debug: [ 'gateway:router' ], components: { io.latticegate.proxy.routing: warn } }");
        assertThat(both.levels()).isEqualTo(Map.of("io.latticegate.proxy.routing", Level.WARN));
    }

    @Test
    void aFileIsNeededAndAbsolute() {
        assertThat(load("logging: { output: file, file: /var/log/latticegate.log }")
                        .file())
                .isEqualTo(Path.of("/var/log/latticegate.log"));
        assertThatThrownBy(() -> load("logging: { output: file }")).hasMessageContaining("logging.file");
        assertThatThrownBy(() -> load("logging: { file: latticegate.log }")).hasMessageContaining("absolute");
        assertThatThrownBy(() -> load("logging: { debug: [ 'gateway:nothing' ] }"))
                .hasMessageContaining("logging.debug");
    }

    private LoggingConfig logging(String debug) {
        return ConfigLoader.in(directory)
                .environment(Map.of("DEBUG", debug))
                .load()
                .config()
                .logging();
    }

    private LoggingConfig load(String yaml) {
        return ConfigLoader.in(directory).yaml(yaml).load().config().logging();
    }
}
