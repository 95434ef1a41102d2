package io.latticegate.common.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class SettingsTableTest {
    @Test
    void documentationIsWhatTheRecordsPrint() throws IOException {
        Path page = Path.of(System.getProperty("latticegate.root", ".."), "docs", "configuration.md");
        assertThat(page)
                .as("regenerate with io.latticegate.common.config.SettingsTable")
                .hasContent(SettingsTable.markdown());
        assertThat(Files.size(page)).isPositive();
    }
}
