package io.latticegate.proxy.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Expected paths: Azure OpenAI's REST reference. */
class AzurePathsTest {
    private final AzurePaths dated = new AzurePaths("2024-10-21");

    @ParameterizedTest
    @CsvSource({
        "v1, /v1/chat/completions, /openai/v1/chat/completions",
        "v1, /v1/files?purpose=batch, /openai/v1/files?purpose=batch",
        "preview, /v1/chat/completions, /openai/v1/chat/completions?api-version=preview",
        "2024-10-21, /v1/chat/completions, /openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21",
        "2024-10-21, /v1/embeddings, /openai/deployments/gpt-4o/embeddings?api-version=2024-10-21",
        "2024-10-21, /v1/images/edits, /openai/deployments/gpt-4o/images/edits?api-version=2024-10-21",
        "2025-04-01-preview, /v1/responses, /openai/responses?api-version=2025-04-01-preview",
        "2024-10-21, /v1/files?limit=3, /openai/files?limit=3&api-version=2024-10-21"
    })
    void callsStandWhereTheVersionHasThem(String version, String path, String at) {
        assertThat(new AzurePaths(version).at(path, "gpt-4o")).isEqualTo(at);
    }

    @Test
    void noClientChoosesTheVersion() {
        assertThat(dated.at("/v1/files?api-version=2020-01-01&limit=3&API-VERSION=x", null))
                .isEqualTo("/openai/files?limit=3&api-version=2024-10-21");
    }

    @ParameterizedTest
    @ValueSource(strings = {"..", ".", "a/b", "a%2Fb", "a?b", "a b", "", "-x"})
    void aNameThatIsNoneNeverReachesAPath(String model) {
        assertThat(dated.fault("/v1/chat/completions", model))
                .isNotNull()
                .satisfies(fault -> assertThat(fault.param()).isEqualTo("model"));
        assertThatIllegalArgumentException().isThrownBy(() -> dated.at("/v1/chat/completions", model));
    }

    @Test
    void aNameCountsOnlyWhereItStandsInThePath() {
        assertThat(dated.fault("/v1/chat/completions", null)).isNotNull();
        assertThat(dated.fault("/v1/chat/completions", "gpt-4.1_mini")).isNull();
        assertThat(dated.fault("/v1/files", null)).isNull();
        assertThat(new AzurePaths("v1").fault("/v1/chat/completions", "a/b")).isNull();
    }
}
