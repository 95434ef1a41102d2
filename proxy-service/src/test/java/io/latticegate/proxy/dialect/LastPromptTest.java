package io.latticegate.proxy.dialect;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class LastPromptTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'model':'m','messages':[{'role':'user','content':'ask é'}]}",
                "{'messages':[{'role':'system','content':'s'},{'role':'user','content':'a'},"
                        + "{'role':'assistant','content':'b'},{'content':'ask é','role':'user'}],'model':'m','top_p':1}",
                "{'model':'m','max_tokens':9,'system':[{'type':'text','text':'s'}],"
                        + "'messages':[{'role':'user','content':[{'type':'text','text':'ask é'}]}]}",
                "{'contents':[{'parts':[{'text':'ask é'}]}],'generationConfig':{'temperature':0}}",
                "{'contents':[{'role':'model','parts':[{'text':'b'}]},{'role':'user','parts':[{'text':'ask \\u00e9'}]}]}"
            })
    void findsTheTextOfTheLastMessage(String json) {
        byte[] body = bytes(json);
        LastPrompt last = Objects.requireNonNull(LastPrompt.of(body));
        assertThat(last.text()).isEqualTo("ask é");
        String cut = new String(body, last.from(), last.to() - last.from(), StandardCharsets.UTF_8);
        assertThat(cut).startsWith("\"ask ").endsWith("\"");
        byte[][] around = last.around(body);
        assertThat(new String(around[0], StandardCharsets.UTF_8) + cut + new String(around[1], StandardCharsets.UTF_8))
                .isEqualTo(new String(body, StandardCharsets.UTF_8));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'model':'m','messages':[]}",
                "{'model':'m'}",
                "{'model':'m','messages':'x'}",
                "{'model':'m','messages':[{'role':'assistant','content':'x'}]}",
                "{'model':'m','messages':[{'role':'user','content':'x'}],'contents':[{'parts':[{'text':'y'}]}]}",
                "{'model':'m','messages':[{'role':'user','content':'x'}],'tools':[]}",
                "{'model':'m','messages':[{'role':'user','content':'x'}],'tool_choice':'none'}",
                "{'model':'m','messages':[{'role':'user','content':'x'}],'web_search_options':{}}",
                "{'model':'m','messages':[{'role':'user','content':'x'}],'n':2}",
                "{'model':'m','messages':[{'role':'user','content':[{'type':'text','text':'x'},"
                        + "{'type':'text','text':'y'}]}]}",
                "{'model':'m','messages':[{'role':'user','content':[{'type':'image_url','image_url':{'url':'x'}}]}]}",
                "{'model':'m','messages':[{'role':'user','content':[{'type':'text','text':'x','citations':{}}]}]}",
                "{'model':'m','messages':[{'role':'assistant','content':'x','tool_calls':[]},"
                        + "{'role':'user','content':'x'}]}",
                "{'model':'m','messages':[{'role':'assistant','content':null},{'role':'user','content':'x'}]}",
                "{'contents':[{'parts':[{'text':'x'},{'inlineData':{'data':'AA=='}}]}]}",
                "{'input':'x','model':'m'}"
            })
    void findsNoneWhereThereIsMoreThanText(String json) {
        assertThat(LastPrompt.of(bytes(json))).isNull();
    }

    @Test
    void neverThrows() {
        byte[] body = bytes("{'model':'m','messages':[{'role':'user','content':'ask'}]}");
        for (int length = 0; length < body.length; length++) {
            assertThat(LastPrompt.of(java.util.Arrays.copyOf(body, length))).isNull();
        }
    }

    private static byte[] bytes(String json) {
        return json.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
    }
}
