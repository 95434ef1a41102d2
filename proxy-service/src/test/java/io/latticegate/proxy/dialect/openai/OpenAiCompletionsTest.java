package io.latticegate.proxy.dialect.openai;

import static io.latticegate.proxy.dialect.Wire.encode;
import static io.latticegate.proxy.dialect.Wire.frames;
import static io.latticegate.proxy.dialect.Wire.read;
import static io.latticegate.proxy.dialect.Wire.refused;
import static io.latticegate.proxy.dialect.Wire.terms;
import static io.latticegate.proxy.dialect.Wire.tree;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.latticegate.proxy.chat.Answer;
import io.latticegate.proxy.chat.ChatEvent;
import io.latticegate.proxy.chat.ChatMessage;
import io.latticegate.proxy.chat.ChatRequest;
import io.latticegate.proxy.chat.ContentPart;
import io.latticegate.proxy.chat.FinishReason;
import io.latticegate.proxy.chat.TokenUsage;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OpenAiCompletionsTest {
    private static final List<ChatEvent> EVENTS = List.of(
            new ChatEvent.Started("msg_1", "claude"),
            new ChatEvent.TextDelta(0, "Hel"),
            new ChatEvent.TextDelta(0, "lo"),
            new ChatEvent.Finished(FinishReason.LENGTH),
            new ChatEvent.UsageReported(TokenUsage.of(5, 2)));

    private final OpenAiCompletions dialect = new OpenAiCompletions();

    @Test
    void makesThePromptOneUserMessage() {
        ChatRequest request = read(dialect, "{'model':'m','prompt':['Say hi'],'temperature':0,'stop':'.','n':1}")
                .request();
        assertThat(request.messages())
                .containsExactly(new ChatMessage(ChatMessage.Role.USER, List.of(new ContentPart.Text("Say hi"))));
        assertThat(request.maxOutputTokens()).isEqualTo(16);
        assertThat(request.stop()).containsExactly(".");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "'prompt':['a','b'] | prompt",
                "'prompt':[1,2] | prompt",
                "'x':1 | prompt",
                "'prompt':'a','n':2 | n",
                "'prompt':'a','best_of':3 | best_of",
                "'prompt':'a','echo':true | echo",
                "'prompt':'a','suffix':'z' | suffix",
                "'prompt':'a','logprobs':0 | logprobs",
            })
    void refusesWhatAChatModelCannotDo(String fields, String param) {
        assertThat(refused(dialect, "{'model':'m'," + fields + "}").param()).isEqualTo(param);
    }

    @Test
    void streamsTextCompletions() {
        List<JsonNode> frames = frames(encode(dialect, EVENTS, true));
        assertThat(frames.getFirst()).isEqualTo(tree("""
                {'id':'msg_1','object':'text_completion','created':1760000000,'model':'alias',
                 'choices':[{'text':'Hel','index':0,'logprobs':null,'finish_reason':null}],'usage':null}"""));
        assertThat(frames.get(2).at("/choices/0/finish_reason").asText()).isEqualTo("length");
        assertThat(frames.get(3).at("/usage/total_tokens").asInt()).isEqualTo(7);
        assertThat(frames.getLast().asText()).isEqualTo("[DONE]");
    }

    @Test
    void writesACompleteTextCompletion() {
        JsonNode reply = tree(dialect.reply(Answer.of(EVENTS), terms(false)));
        assertThat(reply.path("choices"))
                .isEqualTo(tree("[{'text':'Hello','index':0,'logprobs':null,'finish_reason':'length'}]"));
        assertThat(reply.path("object").asText()).isEqualTo("text_completion");
    }
}
