package io.latticegate.proxy.guard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;

import com.fasterxml.jackson.databind.JsonNode;
import io.latticegate.proxy.dialect.StrictJson;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class AnswerSchemaTest {
    private static AnswerSchema schema(String json) {
        byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
        return StrictJson.parse(bytes) instanceof StrictJson.Parsed.Tree(JsonNode root)
                ? AnswerSchema.of(root)
                : fail("no JSON: " + json);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{}|1|true",
                "{\"type\":\"object\"}|{}|true",
                "{\"type\":\"object\"}|[]|false",
                "{\"type\":[\"string\",\"null\"]}|null|true",
                "{\"type\":\"integer\"}|1.0|true",
                "{\"type\":\"integer\"}|1.5|false",
                "{\"type\":\"STRING\",\"nullable\":true}|null|true",
                "{\"required\":[\"a\"]}|{\"b\":1}|false",
                "{\"properties\":{\"a\":{\"type\":\"string\"}}}|{\"a\":1}|false",
                "{\"properties\":{\"a\":{}},\"additionalProperties\":false}|{\"a\":1,\"b\":2}|false",
                "{\"patternProperties\":{\"^x\":{\"type\":\"number\"}},\"additionalProperties\":false}|{\"x1\":1}|true",
                "{\"enum\":[1,\"a\"]}|\"a\"|true",
                "{\"enum\":[1,\"a\"]}|1.0|true",
                "{\"enum\":[1,\"a\"]}|2|false",
                "{\"const\":{\"a\":[1]}}|{\"a\":[1]}|true",
                "{\"anyOf\":[{\"type\":\"string\"},{\"type\":\"null\"}]}|1|false",
                "{\"oneOf\":[{\"minimum\":0},{\"maximum\":10}]}|5|false",
                "{\"allOf\":[{\"minimum\":0},{\"maximum\":10}]}|5|true",
                "{\"not\":{\"type\":\"string\"}}|\"x\"|false",
                "{\"if\":{\"type\":\"string\"},\"then\":{\"minLength\":2},\"else\":false}|\"x\"|false",
                "{\"items\":{\"type\":\"string\"},\"minItems\":1}|[1]|false",
                "{\"prefixItems\":[{\"type\":\"string\"}],\"items\":false}|[\"a\",1]|false",
                "{\"contains\":{\"const\":1}}|[2,3]|false",
                "{\"uniqueItems\":true}|[1,2,1]|false",
                "{\"pattern\":\"^[a-z]+$\"}|\"ab1\"|false",
                "{\"maxLength\":1}|\"\uD83D\uDE00\"|true",
                "{\"multipleOf\":0.1}|0.3|true",
                "{\"exclusiveMinimum\":1}|1|false",
                "{\"maximum\":5}|1e400|false",
                "{\"propertyNames\":{\"maxLength\":1}}|{\"ab\":1}|false",
                "{\"dependentRequired\":{\"a\":[\"b\"]}}|{\"a\":1}|false",
                "{\"$ref\":\"#/$defs/a\",\"$defs\":{\"a\":{\"type\":\"string\"}}}|1|false",
                "{\"type\":\"object\"}|not json|false",
                "true|1|true",
                "false|1|false"
            })
    void aTextFitsOrNot(String schema, String text, boolean fits) {
        assertThat(schema(schema).fault(text) == null).isEqualTo(fits);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"$ref\":\"https://example.com/schema\"}",
                "{\"$ref\":\"#/nowhere\"}",
                "{\"unevaluatedProperties\":false}",
                "{\"items\":{\"$dynamicRef\":\"#a\"}}",
                "{\"pattern\":\"(?=x)\"}",
                "[]",
                "1"
            })
    void aSchemaThatCannotBeCheckedIsRefused(String schema) {
        assertThatThrownBy(() -> schema(schema)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aReferenceToItselfEnds() {
        assertThat(schema("{\"$ref\":\"#\"}").fault("1")).isNotNull();
    }

    /** Each level asks twice for the next: two to the power of forty steps. */
    @Test
    void anExponentialSchemaEnds() {
        StringBuilder definitions = new StringBuilder();
        for (int i = 0; i < 40; i++) {
            String next = "{\"$ref\":\"#/$defs/d" + (i + 1) + "\"}";
            definitions.append("\"d" + i + "\":{\"allOf\":[" + next + "," + next + "]},");
        }
        String schema = "{\"properties\":{\"a\":{\"$ref\":\"#/$defs/d20\"}},\"$defs\":{" + definitions + "\"d40\":{}}}";
        assertThat(schema(schema).fault("{\"a\":1}")).contains("steps");
    }

    @Test
    void theReasonNamesTheKeywordAndNotTheText() {
        String fault = schema("{\"properties\":{\"a\":{\"maxLength\":3}}}").fault("{\"a\":\"hidden\"}");
        assertThat(fault).contains("maxLength").doesNotContain("hidden");
    }
}
