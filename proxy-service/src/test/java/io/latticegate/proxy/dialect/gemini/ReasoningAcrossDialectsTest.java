package io.latticegate.proxy.dialect.gemini;

import static io.latticegate.proxy.dialect.Wire.decode;
import static io.latticegate.proxy.dialect.Wire.encode;
import static io.latticegate.proxy.dialect.Wire.frames;
import static io.latticegate.proxy.dialect.Wire.json;
import static io.latticegate.proxy.dialect.Wire.read;
import static io.latticegate.proxy.dialect.Wire.terms;
import static io.latticegate.proxy.dialect.Wire.tree;
import static io.latticegate.proxy.dialect.Wire.written;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.latticegate.proxy.chat.Answer;
import io.latticegate.proxy.chat.ChatEvent;
import io.latticegate.proxy.chat.ChatRequest;
import io.latticegate.proxy.chat.FinishReason;
import io.latticegate.proxy.dialect.ClientDialect;
import io.latticegate.proxy.dialect.ProviderDialect;
import io.latticegate.proxy.dialect.RequestWriting;
import io.latticegate.proxy.dialect.anthropic.AnthropicMessages;
import io.latticegate.proxy.dialect.openai.OpenAiChat;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a provider must see again of its own reasoning survives a client of another protocol, and goes to no one else. */
class ReasoningAcrossDialectsTest {
    private final ClientDialect client = GeminiContent.forClient("gemini-3-pro", GeminiContent.Form.EVENTS);
    private final ProviderDialect provider = GeminiContent.forProvider();

    @Test
    void itsSignaturesComeBackThroughAnOpenAiClient() {
        var openAi = new OpenAiChat();
        byte[] stream = encode(openAi, decode(provider, GeminiContentTest.STREAM.getBytes(UTF_8), 5), true);
        JsonNode message = tree(openAi.reply(Answer.of(provider.decodeReply(json("""
                {'candidates':[{'content':{'parts':[{'text':'Think','thought':true},{'text':'I look'},
                  {'functionCall':{'id':'c','name':'look','args':{}},'thoughtSignature':'c2ln'}]},'finishReason':'STOP'}]}"""))), terms(false)))
                .at("/choices/0/message");
        assertThat(new String(stream, UTF_8)).contains("gemini:call:c2ln");
        String next = "{'model':'g','messages':[{'role':'user','content':'x'}," + message
                + ",{'role':'tool','tool_call_id':'c','content':'r'}]}";
        JsonNode sent = tree(written(provider, read(openAi, next).request()).body());
        assertThat(sent.at("/contents/1/parts")).isEqualTo(tree("""
                [{'text':'I look'},{'functionCall':{'id':'c','name':'look','args':{}},'thoughtSignature':'c2ln'}]"""));
    }

    @Test
    void itsSignaturesComeBackThroughAnAnthropicClientAndNeverReachAnthropic() {
        var anthropic = new AnthropicMessages();
        JsonNode message = tree(anthropic.reply(Answer.of(provider.decodeReply(json("""
                {'candidates':[{'content':{'parts':[{'text':'Done','thoughtSignature':'dGV4dA=='}]},'finishReason':'STOP'}]}"""))), terms(false)));
        String next =
                "{'model':'g','max_tokens':9,'messages':[{'role':'user','content':'x'},{'role':'assistant','content':"
                        + message.path("content") + "},{'role':'user','content':'y'}]}";
        ChatRequest request = read(anthropic, next).request();
        assertThat(tree(written(provider, request).body()).at("/contents/1/parts"))
                .isEqualTo(tree("[{'text':'Done','thoughtSignature':'dGV4dA=='}]"));
        RequestWriting.Written toAnthropic = written(anthropic, request);
        assertThat(new String(toAnthropic.body(), UTF_8)).doesNotContain("dGV4dA");
        assertThat(toAnthropic.dropped()).containsExactly("messages[].reasoning_content");
    }

    @Test
    void anthropicsReasoningComesBackThroughAGeminiClientChunkByChunk() {
        var anthropic = new AnthropicMessages();
        List<ChatEvent> events = List.of(
                new ChatEvent.Started("m", "c"),
                new ChatEvent.ReasoningDelta(0, "h"),
                new ChatEvent.ReasoningDelta(0, "m"),
                new ChatEvent.ReasoningSignature(0, "c2ln"),
                new ChatEvent.ReasoningRedacted(1, "ZGF0YQ=="),
                new ChatEvent.TextDelta(2, "Hel"),
                new ChatEvent.TextDelta(2, "lo"),
                new ChatEvent.ToolCallStarted(3, "t", "f"),
                new ChatEvent.ToolCallArguments(3, "{}"),
                new ChatEvent.Finished(FinishReason.TOOL_CALLS));
        List<String> contents = new ArrayList<>();
        contents.add("{'role':'user','parts':[{'text':'x'}]}");
        frames(encode(client, events, true))
                .forEach(frame -> contents.add(frame.at("/candidates/0/content").toString()));
        contents.add("{'role':'user','parts':[{'functionResponse':{'id':'t','name':'f','response':{'output':'r'}}}]}");
        ChatRequest request = read(client, "{'contents':[" + String.join(",", contents) + "]}")
                .request();
        JsonNode sent = tree(written(anthropic, request.withModel("c")).body());
        assertThat(sent.at("/messages/1/content")).isEqualTo(tree("""
                [{'type':'thinking','thinking':'hm','signature':'c2ln'},{'type':'redacted_thinking','data':'ZGF0YQ=='},
                 {'type':'text','text':'Hello'},{'type':'tool_use','id':'t','name':'f','input':{}}]"""));
    }

    @Test
    void aSignatureOfGeminisOwnIsNotTakenForACarriedOne() {
        assertThat(CarriedReasoning.read("", "c2ln")).isNull();
        assertThat(CarriedReasoning.read("", "not base64!")).isNull();
        assertThat(GeminiSignature.ofMarked("c2ln")).isNull();
        assertThat(GeminiSignature.ofMarked(new GeminiSignature(GeminiSignature.Place.TEXT, "c2ln").marked()))
                .isEqualTo(new GeminiSignature(GeminiSignature.Place.TEXT, "c2ln"));
    }
}
