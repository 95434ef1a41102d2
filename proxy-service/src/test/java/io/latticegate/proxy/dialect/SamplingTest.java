package io.latticegate.proxy.dialect;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class SamplingTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
                    {} | false
                    {"temperature":0} | false
                    {"temperature":0.0} | false
                    {"temperature":null} | false
                    {"temperature":0.1} | true
                    {"temperature":1} | true
                    {"messages":[{"temperature":1}],"model":"m"} | false
                    {"messages":[{"a":{}}],"temperature":1,"model":"m"} | true
                    {"generationConfig":{"temperature":0},"contents":[]} | false
                    {"generationConfig":{"topP":1,"temperature":0.5},"contents":[]} | true
                    {"generation_config":{"temperature":0.5}} | true
                    {"generationConfig":{"stop":["x"]},"temperature":2} | true
                    {"generationConfig":[],"temperature":2} | true
                    {"tools":{"generationConfig":{"temperature":1}}} | false
                    {"temperature":1 | true
                    """)
    void varietyIsAskedForByATemperatureAboveZero(String body, boolean asked) {
        assertThat(Sampling.asksForVariety(body.getBytes(StandardCharsets.UTF_8)))
                .isEqualTo(asked);
    }
}
