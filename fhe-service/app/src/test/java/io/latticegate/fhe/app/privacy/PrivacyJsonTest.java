package io.latticegate.fhe.app.privacy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.latticegate.common.config.PrivacyConfig;
import io.latticegate.fhe.core.privacy.PrivacyTerms;
import io.latticegate.fhe.core.privacy.PrivacyTerms.Composition;
import io.vertx.core.json.JsonObject;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PrivacyJsonTest {
    private static final PrivacyConfig DEFAULTS = new PrivacyConfig(
            new BigDecimal("0.1"), new BigDecimal("10"), new BigDecimal("0.00001"), PrivacyConfig.Composition.SUM);

    @Test
    void whatAnIndexLeavesOutIsAsConfigured() {
        assertThat(PrivacyJson.terms(new JsonObject(), DEFAULTS))
                .isEqualTo(new PrivacyTerms(100_000, 10_000_000, 1e-5, Composition.SUM));
        assertThat(PrivacyJson.terms(
                        new JsonObject("{\"epsilon_per_query\":0.3,\"delta\":1e-6,\"composition\":\"zcdp\"}"),
                        DEFAULTS))
                .isEqualTo(new PrivacyTerms(300_000, 10_000_000, 1e-6, Composition.ZCDP));
        assertThat(PrivacyJson.appliesToOwner(new JsonObject())).isFalse();
        assertThat(PrivacyJson.appliesToOwner(new JsonObject("{\"apply_to_owner\":true}")))
                .isTrue();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '\0', textBlock = """
            {"epsilon":1}                       | unknown member
            {"epsilon_per_query":"1"}           | privacy.epsilon_per_query must be a number
            {"epsilon_per_query":0.0000001}     | more than six decimal places
            {"epsilon_per_query":0}             | epsilon_per_query is 0.0; allowed are 0.001 to 1000.0
            {"epsilon_per_query":-1}            | allowed are 0.001 to 1000.0
            {"epsilon_budget":1e308}            | must be a number of ordinary size
            {"epsilon_per_query":20}            | allowed is at least one epsilon_per_query
            {"delta":0.5}                       | delta is 0.5
            {"delta":0}                         | delta is 0.0
            {"composition":"renyi"}             | privacy.composition must be "sum" or "zcdp"
            {"composition":1}                   | privacy.composition must be "sum" or "zcdp"
            """)
    void refusesWhatIsNoTerms(String options, String why) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PrivacyJson.terms(new JsonObject(options), DEFAULTS))
                .withMessageContaining(why);
    }

    @Test
    void refusesATruthValueThatIsNone() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PrivacyJson.appliesToOwner(new JsonObject("{\"apply_to_owner\":1}")));
    }

    @Test
    void budgetsReadAsTheContractSays() {
        PrivacyTerms terms = new PrivacyTerms(100_000, 10_000_000, 1e-5, Composition.SUM);
        PrivacyBudget budget = new PrivacyBudget(
                "reader", "owner~name", 1, terms, terms.budget(), terms.cost(), 300_000, 3, Instant.EPOCH);
        assertThat(PrivacyJson.budgets(List.of(budget))).isEqualTo(new JsonObject("""
                        {"budgets":[{"index":"owner~name","generation":1,"epsilon_per_query":0.1,"epsilon_budget":10.0,
                        "epsilon_spent":0.3,"delta":1e-5,"composition":"sum","queries":3,"remaining_queries":97}]}"""));
    }
}
