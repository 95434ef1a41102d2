package io.latticegate.common.service;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MetricsPageTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "*/*|PROMETHEUS",
                "text/plain|PROMETHEUS",
                "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8|PROMETHEUS",
                "application/openmetrics-text|OPEN_METRICS",
                "application/openmetrics-text;version=1.0.0;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,"
                        + "text/plain;version=0.0.4;q=0.2,*/*;q=0.1|OPEN_METRICS",
                "application/openmetrics-text;q=0.1,text/plain;q=0.9|PROMETHEUS",
                "application/openmetrics-text;q=0|PROMETHEUS",
                "application/json|JSON",
                "Application/JSON, text/plain;q=0.5|JSON",
                "application/json;q=0.5, */*|PROMETHEUS",
                "application/json;q=2|PROMETHEUS",
                "application/json;q=abc|PROMETHEUS",
                ",;q=,|PROMETHEUS"
            })
    void isGivenInTheFormThatIsPreferred(String accept, MetricsPage.Form form) {
        assertThat(MetricsPage.formOf(accept)).isEqualTo(form);
    }

    @Test
    void isPrometheusTextWhereNothingIsSaidOrTooMuch() {
        assertThat(MetricsPage.formOf(null)).isEqualTo(MetricsPage.Form.PROMETHEUS);
        assertThat(MetricsPage.formOf("application/json," + "x".repeat(5_000))).isEqualTo(MetricsPage.Form.PROMETHEUS);
    }
}
