package io.latticegate.client.sidecar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class AttributeFilterTest {
    private static ObjectNode json(String text) {
        return Json.request(text.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'type':'eq','key':'lang','value':'en'}                                              | true",
                "{'type':'eq','key':'lang','value':'de'}                                              | false",
                "{'type':'eq','key':'year','value':2024.0}                                            | true",
                "{'type':'eq','key':'missing','value':'en'}                                           | false",
                "{'type':'ne','key':'missing','value':'en'}                                           | true",
                "{'type':'gt','key':'year','value':2023}                                              | true",
                "{'type':'gt','key':'year','value':2024}                                              | false",
                "{'type':'gte','key':'year','value':2024}                                             | true",
                "{'type':'lt','key':'year','value':2024}                                              | false",
                "{'type':'lte','key':'year','value':2024}                                             | true",
                "{'type':'gt','key':'lang','value':1}                                                 | false",
                "{'type':'in','key':'lang','value':['de','en']}                                       | true",
                "{'type':'nin','key':'lang','value':['de','fr']}                                      | true",
                "{'type':'eq','key':'draft','value':true}                                             | false",
                "{'type':'and','filters':[{'type':'eq','key':'lang','value':'en'},"
                        + "{'type':'gt','key':'year','value':2030}]}                                  | false",
                "{'type':'or','filters':[{'type':'eq','key':'lang','value':'de'},"
                        + "{'type':'and','filters':[{'type':'lt','key':'year','value':2030}]}]}       | true"
            })
    void passesWhatItSays(String filter, boolean passes) {
        ObjectNode attributes = json("{'lang':'en','year':2024,'draft':false}");
        assertThat(AttributeFilter.of(json(filter)).test(attributes)).isEqualTo(passes);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{'type':'like','key':'a','value':'b'}",
                "{'type':'eq','key':7,'value':'b'}",
                "{'type':'eq','key':'a'}",
                "{'type':'eq','key':'a','value':{}}",
                "{'type':'gt','key':'a','value':'b'}",
                "{'type':'in','key':'a','value':'b'}",
                "{'type':'and','filters':[]}",
                "{'type':'and'}"
            })
    void refusesWhatSaysNothing(String filter) {
        assertThatThrownBy(() -> AttributeFilter.of(json(filter))).isInstanceOf(RefusedCall.class);
    }

    @org.junit.jupiter.api.Test
    void refusesFiltersWithoutEnd() {
        String deep = "{'type':'and','filters':[".repeat(9) + "{'type':'eq','key':'a','value':1}" + "]}".repeat(9);
        assertThatThrownBy(() -> AttributeFilter.of(json(deep))).hasMessageContaining("deeper than 8");
    }
}
