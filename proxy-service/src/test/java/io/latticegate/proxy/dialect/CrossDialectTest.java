package io.latticegate.proxy.dialect;

import static io.latticegate.proxy.dialect.Wire.decode;
import static io.latticegate.proxy.dialect.Wire.encode;
import static io.latticegate.proxy.dialect.Wire.json;
import static io.latticegate.proxy.dialect.Wire.read;
import static io.latticegate.proxy.dialect.Wire.terms;
import static io.latticegate.proxy.dialect.Wire.tree;
import static io.latticegate.proxy.dialect.Wire.written;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.latticegate.proxy.chat.Answer;
import io.latticegate.proxy.chat.ChatEvent;
import io.latticegate.proxy.chat.FinishReason;
import io.latticegate.proxy.chat.TokenUsage;
import io.latticegate.proxy.dialect.anthropic.AnthropicMessages;
import io.latticegate.proxy.dialect.openai.OpenAiChat;
import java.util.List;
import org.junit.jupiter.api.Test;

class CrossDialectTest {
    private final OpenAiChat openAi = new OpenAiChat();
    private final AnthropicMessages anthropic = new AnthropicMessages();

    private static final List<ChatEvent> ANSWER = List.of(
            new ChatEvent.Started("msg_1", "m"),
            new ChatEvent.TextDelta(0, "Looking "),
            new ChatEvent.TextDelta(0, "é😀"),
            new ChatEvent.ToolCallStarted(1, "call_a", "look"),
            new ChatEvent.ToolCallArguments(1, "{\"x\":"),
            new ChatEvent.ToolCallArguments(1, "[1]}"),
            new ChatEvent.ToolCallStarted(2, "call_b", "look"),
            new ChatEvent.ToolCallArguments(2, "{}"),
            new ChatEvent.Finished(FinishReason.TOOL_CALLS),
            new ChatEvent.UsageReported(new TokenUsage(120, 30, 100, 10, 6, 0, 0)));

    @Test
    void carriesAnOpenAiRequestToAnthropic() {
        RequestReading.Read read = read(openAi, """
                {'model':'claude','messages':[{'role':'system','content':'Be brief.'},
                  {'role':'user','content':[{'type':'text','text':'See'},
                     {'type':'image_url','image_url':{'url':'data:image/png;base64,AAAA','detail':'high'}}]},
                  {'role':'assistant','tool_calls':[{'id':'c1','type':'function','function':{'name':'f','arguments':'{\\"a\\":1}'}}]},
                  {'role':'tool','tool_call_id':'c1','content':'42'}],
                 'tools':[{'type':'function','function':{'name':'f','parameters':{'type':'object'}}}],
                 'tool_choice':{'type':'function','function':{'name':'f'}},'parallel_tool_calls':false,
                 'temperature':1.5,'seed':1,'stop':'END','user':'u','stream':true,'reasoning_effort':'minimal',
                 'response_format':{'type':'json_schema','json_schema':{'name':'n','schema':{'type':'object'}}}}""");
        RequestWriting.Written sent = written(anthropic, read.request());
        assertThat(tree(sent.body())).isEqualTo(tree("""
                {'model':'claude','max_tokens':4096,'system':'Be brief.','messages':[
                  {'role':'user','content':[{'type':'text','text':'See'},
                     {'type':'image','source':{'type':'base64','media_type':'image/png','data':'AAAA'}}]},
                  {'role':'assistant','content':[{'type':'tool_use','id':'c1','name':'f','input':{'a':1}}]},
                  {'role':'user','content':[{'type':'tool_result','tool_use_id':'c1','content':'42'}]}],
                 'tools':[{'name':'f','input_schema':{'type':'object'}}],
                 'tool_choice':{'type':'tool','name':'f','disable_parallel_tool_use':true},
                 'temperature':1.0,'stop_sequences':['END'],'stream':true,'metadata':{'user_id':'u'},
                 'output_config':{'effort':'low','format':{'type':'json_schema','schema':{'type':'object'}}}}"""));
        assertThat(sent.dropped())
                .containsExactlyInAnyOrder("temperature", "seed", "messages[].content[].image_url.detail");
    }

    @Test
    void carriesAnAnthropicRequestToOpenAi() {
        RequestReading.Read read = read(anthropic, """
                {'model':'gpt','max_tokens':50,'system':'Be brief.','messages':[
                  {'role':'user','content':'Hi'},
                  {'role':'assistant','content':[{'type':'thinking','thinking':'t','signature':'s'},
                     {'type':'text','text':'I look'},{'type':'tool_use','id':'t1','name':'f','input':{'a':1}}]},
                  {'role':'user','content':[{'type':'tool_result','tool_use_id':'t1','is_error':true,'content':[
                      {'type':'text','text':'see'},{'type':'image','source':{'type':'url','url':'https://e.org/i.png'}}]},
                     {'type':'text','text':'Go on'}]}],
                 'tools':[{'name':'f','input_schema':{'type':'object'}}],'tool_choice':{'type':'any'},
                 'top_k':5,'thinking':{'type':'enabled','budget_tokens':1024},'metadata':{'user_id':'u'}}""");
        RequestWriting.Written sent = written(openAi, read.request());
        assertThat(tree(sent.body())).isEqualTo(tree("""
                {'model':'gpt','messages':[{'role':'system','content':'Be brief.'},{'role':'user','content':'Hi'},
                  {'role':'assistant','content':'I look','tool_calls':[{'id':'t1','type':'function',
                     'function':{'name':'f','arguments':'{\\"a\\":1}'}}]},
                  {'role':'tool','tool_call_id':'t1','content':'see'},
                  {'role':'user','content':[{'type':'image_url','image_url':{'url':'https://e.org/i.png'}},
                     {'type':'text','text':'Go on'}]}],
                 'tools':[{'type':'function','function':{'name':'f','parameters':{'type':'object'}}}],
                 'tool_choice':'required','max_completion_tokens':50,'reasoning_effort':'low','user':'u'}"""));
        assertThat(sent.dropped())
                .containsExactlyInAnyOrder("messages[].reasoning", "messages[].content[].is_error", "top_k");
    }

    @Test
    void carriesAStreamThroughBothProtocolsAndBack() {
        byte[] asAnthropic = encode(anthropic, decode(openAi, encode(openAi, ANSWER, true), 1), true);
        List<ChatEvent> back = decode(openAi, encode(openAi, decode(anthropic, asAnthropic, 2), true), 3);
        assertThat(Answer.of(back))
                .usingRecursiveComparison()
                .ignoringFields("model")
                .isEqualTo(Answer.of(ANSWER));
    }

    @Test
    void carriesACompleteAnswerThroughBothProtocolsAndBack() {
        Answer answer = Answer.of(ANSWER);
        Answer viaAnthropic = Answer.of(anthropic.decodeReply(anthropic.reply(answer, terms(false))));
        Answer back = Answer.of(openAi.decodeReply(openAi.reply(viaAnthropic, terms(false))));
        assertThat(back).usingRecursiveComparison().ignoringFields("model").isEqualTo(answer);
    }

    @Test
    void countsTheSameTokensInEachProtocolsArithmetic() {
        JsonNode openAiUsage =
                tree(openAi.reply(Answer.of(ANSWER), terms(false))).path("usage");
        JsonNode anthropicUsage =
                tree(anthropic.reply(Answer.of(ANSWER), terms(false))).path("usage");
        assertThat(openAiUsage.path("prompt_tokens").asInt()).isEqualTo(120);
        assertThat(openAiUsage.path("total_tokens").asInt()).isEqualTo(150);
        assertThat(anthropicUsage).isEqualTo(tree("""
                {'input_tokens':10,'cache_creation_input_tokens':10,'cache_read_input_tokens':100,'output_tokens':30,
                 'output_tokens_details':{'thinking_tokens':6}}"""));
    }

    @Test
    void bringsSignedReasoningBackToWhereItCameFrom() {
        byte[] reply = json("""
                {'id':'m','type':'message','model':'c','content':[{'type':'thinking','thinking':'hm','signature':'s'},
                 {'type':'redacted_thinking','data':'d'},{'type':'tool_use','id':'t','name':'f','input':{}}],
                 'stop_reason':'tool_use','usage':{'input_tokens':1,'output_tokens':1}}""");
        JsonNode message = tree(openAi.reply(Answer.of(anthropic.decodeReply(reply)), terms(false)))
                .at("/choices/0/message");
        assertThat(message.path("reasoning_content").asText()).isEqualTo("hm");
        String next = "{'model':'c','messages':[{'role':'user','content':'x'},"
                + message.toString()
                + ",{'role':'tool','tool_call_id':'t','content':'r'}]}";
        JsonNode sent = tree(written(anthropic, read(openAi, next).request()).body());
        assertThat(sent.at("/messages/1/content")).isEqualTo(tree("""
                [{'type':'thinking','thinking':'hm','signature':'s'},{'type':'redacted_thinking','data':'d'},
                 {'type':'tool_use','id':'t','name':'f','input':{}}]"""));
    }

    @Test
    void refusesAJsonModeThatTheProviderDoesNotHave() {
        var request = read(openAi, """
                {'model':'c','messages':[{'role':'user','content':'x'}],'response_format':{'type':'json_object'}}""").request();
        assertThat(anthropic.write(request)).isInstanceOfSatisfying(RequestWriting.Refused.class, refused -> {
            assertThat(refused.refusal().param()).isEqualTo("response_format");
            assertThat(refused.refusal().code()).isEqualTo("unsupported_parameter");
        });
    }

    @Test
    void refusesArgumentsThatAreNoObjectAndSaysWhere() {
        var request = read(openAi, """
                {'model':'c','messages':[{'role':'user','content':'x'},{'role':'assistant','tool_calls':[
                 {'id':'a','type':'function','function':{'name':'f','arguments':'oops'}}]}]}""").request();
        assertThat(anthropic.write(request))
                .isInstanceOfSatisfying(
                        RequestWriting.Refused.class,
                        refused -> assertThat(refused.refusal().message()).contains("messages[1]"));
    }
}
