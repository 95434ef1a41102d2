package io.latticegate.proxy.dialect.cohere;

import static io.latticegate.proxy.dialect.Wire.decode;
import static io.latticegate.proxy.dialect.Wire.encode;
import static io.latticegate.proxy.dialect.Wire.failure;
import static io.latticegate.proxy.dialect.Wire.frames;
import static io.latticegate.proxy.dialect.Wire.json;
import static io.latticegate.proxy.dialect.Wire.read;
import static io.latticegate.proxy.dialect.Wire.refused;
import static io.latticegate.proxy.dialect.Wire.terms;
import static io.latticegate.proxy.dialect.Wire.tree;
import static io.latticegate.proxy.dialect.Wire.written;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.latticegate.proxy.chat.Answer;
import io.latticegate.proxy.chat.ChatEvent;
import io.latticegate.proxy.chat.ChatMessage;
import io.latticegate.proxy.chat.ChatMessage.Role;
import io.latticegate.proxy.chat.ChatRequest;
import io.latticegate.proxy.chat.ContentPart;
import io.latticegate.proxy.chat.FinishReason;
import io.latticegate.proxy.chat.ProviderError;
import io.latticegate.proxy.chat.ReasoningRequest;
import io.latticegate.proxy.chat.ResponseFormat;
import io.latticegate.proxy.chat.TokenUsage;
import io.latticegate.proxy.chat.ToolChoice;
import io.latticegate.proxy.dialect.Mutations;
import io.latticegate.proxy.dialect.Refusal;
import io.latticegate.proxy.dialect.RequestReading;
import io.latticegate.proxy.dialect.RequestWriting;
import io.latticegate.proxy.dialect.anthropic.AnthropicMessages;
import io.latticegate.proxy.dialect.openai.OpenAiChat;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Expected shapes: Cohere's API reference for chat, its guides to streaming and tool use, and the types of cohere-ai 8.1. */
class CohereChatTest {
    private static final String STREAM = """
            event: message-start
            data: {"id":"29f1","type":"message-start","delta":{"message":{"role":"assistant","content":[],"tool_plan":"","tool_calls":[],"citations":[]}}}

            event: content-start
            data: {"type":"content-start","index":0,"delta":{"message":{"content":{"type":"thinking","thinking":""}}}}

            event: content-delta
            data: {"type":"content-delta","index":0,"delta":{"message":{"content":{"thinking":"Hm, é😀"}}}}

            event: content-end
            data: {"type":"content-end","index":0}

            event: tool-plan-delta
            data: {"type":"tool-plan-delta","delta":{"message":{"tool_plan":"I will "}}}

            event: tool-plan-delta
            data: {"type":"tool-plan-delta","delta":{"message":{"tool_plan":"look."}}}

            event: tool-call-start
            data: {"type":"tool-call-start","index":0,"delta":{"message":{"tool_calls":{"id":"look_1","type":"function","function":{"name":"look","arguments":""}}}}}

            event: tool-call-delta
            data: {"type":"tool-call-delta","index":0,"delta":{"message":{"tool_calls":{"function":{"arguments":"{\\"x\\":"}}}}}

            event: tool-call-delta
            data: {"type":"tool-call-delta","index":0,"delta":{"message":{"tool_calls":{"function":{"arguments":"1}"}}}}}

            event: tool-call-end
            data: {"type":"tool-call-end","index":0}

            event: tool-call-start
            data: {"type":"tool-call-start","index":1,"delta":{"message":{"tool_calls":{"id":"idle_2","type":"function","function":{"name":"idle","arguments":"{}"}}}}}

            event: tool-call-end
            data: {"type":"tool-call-end","index":1}

            event: citation-start
            data: {"type":"citation-start","index":0,"delta":{"message":{"citations":{"start":0,"end":1,"text":"I"}}}}

            event: message-end
            data: {"type":"message-end","id":"29f1","delta":{"finish_reason":"TOOL_CALL","usage":{"billed_units":{"input_tokens":34,"output_tokens":17},"tokens":{"input_tokens":934,"output_tokens":43},"cached_tokens":8}}}

            """;

    private static final List<ChatEvent> EVENTS = List.of(
            new ChatEvent.Started("29f1", ""),
            new ChatEvent.ReasoningDelta(0, "Hm, é😀"),
            new ChatEvent.TextDelta(1, "I will "),
            new ChatEvent.TextDelta(1, "look."),
            new ChatEvent.ToolCallStarted(2, "look_1", "look"),
            new ChatEvent.ToolCallArguments(2, "{\"x\":"),
            new ChatEvent.ToolCallArguments(2, "1}"),
            new ChatEvent.ToolCallStarted(3, "idle_2", "idle"),
            new ChatEvent.ToolCallArguments(3, "{}"),
            new ChatEvent.UsageReported(new TokenUsage(34, 17, 8, 0, 0, 0, 0)),
            new ChatEvent.Finished(FinishReason.TOOL_CALLS));

    private static final String REPLY = """
            {'id':'c14c','message':{'role':'assistant','content':[{'type':'thinking','thinking':'Hm'},
              {'type':'text','text':'Done.'}],'citations':[{'start':0,'end':4,'text':'Done'}]},'finish_reason':'MAX_TOKENS',
             'usage':{'billed_units':{'input_tokens':5,'output_tokens':418},'tokens':{'input_tokens':71,'output_tokens':420}}}""";

    private final CohereChat dialect = new CohereChat();

    @Nested
    class Requests {
        @Test
        void readEveryField() {
            RequestReading.Read reading = read(dialect, """
                    {'model':'command','stream':true,'messages':[{'role':'system','content':'Be brief.'},
                       {'role':'user','content':[{'type':'text','text':'See'},
                          {'type':'image_url','image_url':{'url':'data:image/png;base64,AAAA','detail':'low'}}]},
                       {'role':'assistant','tool_plan':'I look.','tool_calls':[{'id':'c1','type':'function',
                          'function':{'name':'f','arguments':'{\\"a\\":1}'}}],'citations':[]},
                       {'role':'tool','tool_call_id':'c1','content':[{'type':'document',
                          'document':{'id':'d','data':{'temp':20}}}]},
                       {'role':'system','content':'Briefer.'}],
                     'tools':[{'type':'function','function':{'name':'f','description':'d','parameters':{'type':'object'}}}],
                     'strict_tools':true,'tool_choice':'REQUIRED','max_tokens':9,'stop_sequences':['END'],
                     'temperature':0.3,'seed':7,'frequency_penalty':0.5,'presence_penalty':0.25,'k':0,'p':0.75,
                     'response_format':{'type':'json_object','json_schema':{'type':'object'}},
                     'thinking':{'type':'enabled','token_budget':1024},
                     'safety_mode':'STRICT','citation_options':{'mode':'FAST'},'priority':1}""");
            ChatRequest request = reading.request();

            assertThat(request.model()).isEqualTo("command");
            assertThat(request.system()).containsExactly("Be brief.");
            assertThat(request.messages())
                    .containsExactly(
                            new ChatMessage(
                                    Role.USER,
                                    List.of(
                                            new ContentPart.Text("See"),
                                            new ContentPart.Image(
                                                    new ContentPart.Source.Base64("image/png", "AAAA"), "low"))),
                            new ChatMessage(
                                    Role.ASSISTANT,
                                    List.of(
                                            new ContentPart.Text("I look."),
                                            new ContentPart.ToolUse("c1", "f", "{\"a\":1}"))),
                            new ChatMessage(
                                    Role.USER,
                                    List.of(new ContentPart.ToolResult(
                                            "c1", List.of(new ContentPart.Text("{\"temp\":20}")), false))),
                            new ChatMessage(Role.SYSTEM, List.of(new ContentPart.Text("Briefer."))));
            assertThat(request.tools()).singleElement().satisfies(tool -> {
                assertThat(tool.name()).isEqualTo("f");
                assertThat(tool.strict()).isTrue();
            });
            assertThat(request.toolChoice()).isEqualTo(new ToolChoice.Required());
            assertThat(request.sampling().topP()).isEqualTo(0.75);
            assertThat(request.sampling().topK()).as("0 is no limit").isNull();
            assertThat(request.sampling().seed()).isEqualTo(7);
            assertThat(request.stop()).containsExactly("END");
            assertThat(request.maxOutputTokens()).isEqualTo(9);
            assertThat(request.stream()).isTrue();
            assertThat(request.responseFormat()).isInstanceOf(ResponseFormat.JsonSchema.class);
            assertThat(request.reasoning()).isEqualTo(new ReasoningRequest(null, 1024L, ReasoningRequest.Mode.ENABLED));
            assertThat(reading.dropped())
                    .containsExactlyInAnyOrder(
                            "messages[].citations",
                            "messages[].content[].document.id",
                            "safety_mode",
                            "citation_options",
                            "priority");
        }

        @ParameterizedTest
        @CsvSource(
                delimiter = '|',
                quoteCharacter = '"',
                value = {
                    "'messages':[] | messages",
                    "'messages':[{'role':'user'}] | messages[0].content",
                    "'messages':[{'role':'bot','content':'x'}] | messages[0].role",
                    "'messages':[{'role':'tool','content':'x'}] | messages[0].tool_call_id",
                    "'messages':[{'role':'user','content':[{'type':'audio'}]}] | messages[0].content[0].type",
                    "'messages':[{'role':'user','content':[{'type':'image_url','image_url':{'url':'x'}}]}]"
                            + " | messages[0].content[0].image_url.url",
                    "'messages':[{'role':'user','content':'x'}],'documents':['d'] | documents",
                    "'messages':[{'role':'user','content':'x'}],'logprobs':true | logprobs",
                    "'messages':[{'role':'user','content':'x'}],'tool_choice':'f' | tool_choice",
                    "'messages':[{'role':'user','content':'x'}],'thinking':{'type':'maybe'} | thinking.type",
                    "'messages':[{'role':'user','content':'x'}],'response_format':{'type':'xml'} | response_format.type",
                    "'messages':[{'role':'user','content':'x'}],'tools':[{'type':'web'}] | tools[0].type",
                    "'messages':[{'role':'user','content':'x'}],'max_tokens':-1 | max_tokens"
                })
        void areRefusedWithTheFieldThatIsWrong(String fields, String param) {
            assertThat(refused(dialect, "{'model':'m'," + fields + "}").param()).isEqualTo(param);
        }

        @Test
        void neverThrowForMutatedBodies() {
            byte[] body = json(
                    "{'model':'m','messages':[{'role':'assistant','content':[{'type':'thinking','thinking':'a'}],"
                            + "'tool_calls':[{'id':'c','type':'function','function':{'name':'f','arguments':'{}'}}]},"
                            + "{'role':'tool','tool_call_id':'c','content':[{'type':'document','document':{'data':{}}}]}],"
                            + "'tools':[{'type':'function','function':{'name':'f','parameters':{}}}],'k':3,'thinking':{'type':'enabled'}}");
            Mutations.run(20_000, List.of(body), dialect::read);
        }
    }

    @Nested
    class Answers {
        @Test
        void ofAStreamAreReadHoweverTheBytesArrive() {
            for (long seed = 1; seed <= 50; seed++) {
                assertThat(decode(dialect, STREAM.getBytes(UTF_8), seed)).isEqualTo(EVENTS);
            }
        }

        @Test
        void areReadWhole() {
            assertThat(dialect.decodeReply(json(REPLY)))
                    .containsExactly(
                            new ChatEvent.Started("c14c", ""),
                            new ChatEvent.ReasoningDelta(0, "Hm"),
                            new ChatEvent.TextDelta(1, "Done."),
                            new ChatEvent.Finished(FinishReason.LENGTH),
                            new ChatEvent.UsageReported(TokenUsage.of(5, 418)));
        }

        @Test
        void countTokensWhereNothingIsBilled() {
            List<ChatEvent> events = dialect.decodeReply(
                    json("{'message':{'content':[]},'usage':{'tokens':{'input_tokens':3,'output_tokens':4}}}"));

            assertThat(events).contains(new ChatEvent.UsageReported(TokenUsage.of(3, 4)));
        }

        @Test
        void thatAreCutFail() {
            String cut = STREAM.substring(0, STREAM.indexOf("event: message-end"));
            assertThat(failure(decode(dialect, cut.getBytes(UTF_8), 1)).code()).isEqualTo("provider_stream_cut");
        }

        @ParameterizedTest
        @CsvSource({"ERROR, OUTAGE", "TIMEOUT, TIMEOUT"})
        void thatTheProviderFailedFail(String reason, ProviderError.Kind kind) {
            String end = "data: {\"type\":\"message-end\",\"delta\":{\"error\":\"gone wrong\",\"finish_reason\":\""
                    + reason + "\"}}\n\n";

            ProviderError inStream = failure(decode(dialect, end.getBytes(UTF_8), 1));
            ProviderError whole = failure(
                    dialect.decodeReply(json("{'finish_reason':'" + reason + "','message':{'role':'assistant'}}")));

            assertThat(inStream.kind()).isEqualTo(kind);
            assertThat(inStream.message()).isEqualTo("gone wrong");
            assertThat(whole.kind()).isEqualTo(kind);
        }

        @Test
        void thatAreNoneFail() {
            assertThat(failure(dialect.decodeReply(json("{'message':'too many tokens'}")))
                            .message())
                    .isEqualTo("too many tokens");
            assertThat(failure(dialect.decodeReply(json("{'text':'v1'}"))).code())
                    .isEqualTo("provider_protocol_error");
            assertThat(failure(decode(dialect, "data: nonsense\n\n".getBytes(UTF_8), 1))
                            .code())
                    .isEqualTo("provider_protocol_error");
        }

        @Test
        void neverThrowForMutatedBytes() {
            Mutations.run(20_000, List.of(STREAM.getBytes(UTF_8)), bytes -> decode(dialect, bytes, 1));
            Mutations.run(20_000, List.of(json(REPLY)), dialect::decodeReply);
        }

        @Test
        void areWrittenAsTheyAreRead() {
            Answer answer = Answer.of(EVENTS);
            assertThat(Answer.of(decode(dialect, encode(dialect, EVENTS, true), 3)))
                    .isEqualTo(withId(answer));
            assertThat(Answer.of(dialect.decodeReply(dialect.reply(answer, terms(true)))))
                    .isEqualTo(withId(answer));
        }

        private static Answer withId(Answer answer) {
            return new Answer("29f1", "", answer.content(), answer.finish(), null, answer.usage(), null);
        }

        @Test
        void areStreamedWithOneOpenItemAndCallsUnderTheirOwnNumbers() {
            List<JsonNode> frames = frames(encode(
                    dialect,
                    List.of(
                            new ChatEvent.Started("m", "x"),
                            new ChatEvent.ReasoningDelta(0, "hm"),
                            new ChatEvent.ReasoningSignature(0, "sig"),
                            new ChatEvent.TextDelta(1, "Go"),
                            new ChatEvent.ToolCallStarted(2, "a", "f"),
                            new ChatEvent.ToolCallStarted(3, "b", "g"),
                            new ChatEvent.ToolCallArguments(3, "{}"),
                            new ChatEvent.ToolCallArguments(2, "{\"x\":"),
                            new ChatEvent.ToolCallArguments(2, "1}"),
                            new ChatEvent.Finished(FinishReason.TOOL_CALLS)),
                    true));

            assertThat(frames.stream()
                            .map(frame -> frame.path("type").asText()
                                    + (frame.has("index")
                                            ? " " + frame.path("index").asInt()
                                            : "")))
                    .containsExactly(
                            "message-start",
                            "content-start 0",
                            "content-delta 0",
                            "content-delta 0",
                            "content-end 0",
                            "content-start 1",
                            "content-delta 1",
                            "content-end 1",
                            "tool-call-start 0",
                            "tool-call-start 1",
                            "tool-call-delta 1",
                            "tool-call-end 1",
                            "tool-call-delta 0",
                            "tool-call-delta 0",
                            "tool-call-end 0",
                            "message-end");
            assertThat(frames.get(3).at("/delta/message/content/signature").asText())
                    .isEqualTo("sig");
            assertThat(frames.getLast().at("/delta/finish_reason").asText()).isEqualTo("TOOL_CALL");
        }

        @Test
        void thatBreakOffEndWithAnErrorAndNothingAfterIt() {
            var encoder = dialect.startStream(terms(true));
            encoder.encode(new ChatEvent.TextDelta(0, "Hal"));
            JsonNode end = frames(encoder.encode(new ChatEvent.Failed(ProviderError.of(
                            ProviderError.Kind.OUTAGE, "provider_stream_cut", "The provider's answer broke off"))))
                    .getFirst();

            assertThat(end).isEqualTo(tree("""
                    {'type':'message-end','delta':{'error':'The provider\\u0027s answer broke off',
                     'code':'provider_stream_cut','finish_reason':'ERROR'}}"""));
            assertThat(encoder.encode(new ChatEvent.TextDelta(0, "f"))).isEmpty();
            assertThat(encoder.finish()).isEmpty();
        }
    }

    @Test
    void saysARefusalInItsOwnForm() {
        var reply = dialect.refusal(Refusal.invalid("messages", "messages is required"), "req-1");

        assertThat(reply.status()).isEqualTo(400);
        assertThat(tree(reply.body())).isEqualTo(tree("""
                {'id':'req-1','message':'messages is required','code':'invalid_request','param':'messages'}"""));
    }

    @Nested
    class Across {
        private final OpenAiChat openAi = new OpenAiChat();
        private final AnthropicMessages anthropic = new AnthropicMessages();

        @Test
        void carriesAnOpenAiRequestToCohere() {
            RequestReading.Read read = read(openAi, """
                    {'model':'command','messages':[{'role':'system','content':'Be brief.'},
                      {'role':'user','content':[{'type':'text','text':'See'},
                         {'type':'image_url','image_url':{'url':'https://e.org/i.png','detail':'high'}}]},
                      {'role':'assistant','content':'I look','tool_calls':[{'id':'c1','type':'function',
                         'function':{'name':'f','arguments':'{}'}}]},
                      {'role':'tool','tool_call_id':'c1','content':'42'}],
                     'tools':[{'type':'function','function':{'name':'f','parameters':{'type':'object'},'strict':true}},
                       {'type':'function','function':{'name':'g','parameters':{'type':'object'}}}],
                     'tool_choice':{'type':'function','function':{'name':'f'}},'parallel_tool_calls':false,
                     'temperature':0.5,'top_p':1,'top_k':5,'frequency_penalty':-1,'seed':1,'stop':'END','user':'u',
                     'max_tokens':8,'stream':true,'reasoning_effort':'low',
                     'response_format':{'type':'json_schema','json_schema':{'name':'n','schema':{'type':'object'}}}}""");
            RequestWriting.Written sent = written(dialect, read.request());

            assertThat(tree(sent.body())).isEqualTo(tree("""
                    {'model':'command','stream':true,'messages':[{'role':'system','content':'Be brief.'},
                      {'role':'user','content':[{'type':'text','text':'See'},
                         {'type':'image_url','image_url':{'url':'https://e.org/i.png','detail':'high'}}]},
                      {'role':'assistant','tool_plan':'I look','tool_calls':[{'id':'c1','type':'function',
                         'function':{'name':'f','arguments':'{}'}}]},
                      {'role':'tool','tool_call_id':'c1','content':'42'}],
                     'tools':[{'type':'function','function':{'name':'f','parameters':{'type':'object'}}}],
                     'strict_tools':true,'tool_choice':'REQUIRED','temperature':0.5,'p':0.99,'frequency_penalty':0.0,
                     'k':5,'seed':1,'stop_sequences':['END'],'max_tokens':8,
                     'response_format':{'type':'json_object','json_schema':{'type':'object'}},
                     'thinking':{'type':'enabled'}}"""));
            assertThat(sent.dropped())
                    .containsExactlyInAnyOrder("user", "parallel_tool_calls", "top_p", "frequency_penalty");
        }

        @Test
        void carriesAnAnthropicRequestToCohere() {
            RequestReading.Read read = read(anthropic, """
                    {'model':'command','max_tokens':50,'messages':[{'role':'user','content':'Hi'},
                      {'role':'assistant','content':[{'type':'thinking','thinking':'t','signature':'s'},
                         {'type':'tool_use','id':'t1','name':'f','input':{'a':1}}]},
                      {'role':'user','content':[{'type':'tool_result','tool_use_id':'t1','is_error':true,'content':[
                          {'type':'text','text':'see'},{'type':'image','source':{'type':'url','url':'https://e.org/i.png'}}]}]}],
                     'tools':[{'name':'f','input_schema':{'type':'object'}}],'tool_choice':{'type':'none'},
                     'thinking':{'type':'enabled','budget_tokens':1024}}""");
            RequestWriting.Written sent = written(dialect, read.request());

            assertThat(tree(sent.body())).isEqualTo(tree("""
                    {'model':'command','stream':false,'messages':[{'role':'user','content':'Hi'},
                      {'role':'assistant','tool_calls':[{'id':'t1','type':'function',
                         'function':{'name':'f','arguments':'{\\"a\\":1}'}}]},
                      {'role':'tool','tool_call_id':'t1','content':'see'},
                      {'role':'user','content':[{'type':'image_url','image_url':{'url':'https://e.org/i.png'}}]}],
                     'tools':[{'type':'function','function':{'name':'f','parameters':{'type':'object'}}}],
                     'tool_choice':'NONE','max_tokens':50,'thinking':{'type':'enabled','token_budget':1024}}"""));
            assertThat(sent.dropped())
                    .containsExactlyInAnyOrder("messages[].reasoning_content", "messages[].content[].is_error");
        }

        @Test
        void carriesACohereRequestToAnthropic() {
            RequestReading.Read read = read(dialect, """
                    {'model':'claude','max_tokens':5,'messages':[{'role':'user','content':'x'},
                      {'role':'assistant','tool_plan':'I look.','tool_calls':[
                        {'id':'a','type':'function','function':{'name':'f','arguments':'{}'}},
                        {'id':'b','type':'function','function':{'name':'f','arguments':'{}'}}]},
                      {'role':'tool','tool_call_id':'a','content':'1'},{'role':'tool','tool_call_id':'b','content':'2'}],
                     'tools':[{'type':'function','function':{'name':'f','parameters':{'type':'object'}}}]}""");

            assertThat(tree(written(anthropic, read.request()).body())).isEqualTo(tree("""
                    {'model':'claude','max_tokens':5,'messages':[{'role':'user','content':'x'},
                      {'role':'assistant','content':[{'type':'text','text':'I look.'},
                        {'type':'tool_use','id':'a','name':'f','input':{}},{'type':'tool_use','id':'b','name':'f','input':{}}]},
                      {'role':'user','content':[{'type':'tool_result','tool_use_id':'a','content':'1'},
                        {'type':'tool_result','tool_use_id':'b','content':'2'}]}],
                     'tools':[{'name':'f','input_schema':{'type':'object'}}]}"""));
        }

        @Test
        void carriesAStreamThroughAllProtocolsAndBack() {
            byte[] asOpenAi = encode(openAi, EVENTS, true);
            byte[] asCohere = encode(dialect, decode(openAi, asOpenAi, 1), true);
            byte[] asAnthropic = encode(anthropic, decode(dialect, asCohere, 2), true);

            assertThat(Answer.of(decode(anthropic, asAnthropic, 3)))
                    .usingRecursiveComparison()
                    .ignoringFields("model")
                    .isEqualTo(Answer.of(EVENTS));
        }

        @Test
        void bringsSignedReasoningBackToWhereItCameFrom() {
            byte[] reply = json("""
                    {'id':'m','type':'message','model':'c','content':[{'type':'thinking','thinking':'hm','signature':'s'},
                     {'type':'redacted_thinking','data':'d'},{'type':'tool_use','id':'t','name':'f','input':{}}],
                     'stop_reason':'tool_use','usage':{'input_tokens':1,'output_tokens':1}}""");
            JsonNode message = tree(dialect.reply(Answer.of(anthropic.decodeReply(reply)), terms(false)))
                    .path("message");
            String next = "{'model':'c','max_tokens':9,'messages':[{'role':'user','content':'x'}," + message
                    + ",{'role':'tool','tool_call_id':'t','content':'r'}]}";

            JsonNode sent =
                    tree(written(anthropic, read(dialect, next).request()).body());
            assertThat(sent.at("/messages/1/content")).isEqualTo(tree("""
                    [{'type':'thinking','thinking':'hm','signature':'s'},{'type':'redacted_thinking','data':'d'},
                     {'type':'tool_use','id':'t','name':'f','input':{}}]"""));
        }

        @Test
        void bringsUnsignedThinkingBack() {
            ChatRequest request = read(dialect, """
                    {'model':'c','messages':[{'role':'user','content':'x'},{'role':'assistant','content':[
                      {'type':'thinking','thinking':'hm'},{'type':'text','text':'y'}]},{'role':'user','content':'z'}]}""").request();

            assertThat(tree(written(dialect, request).body()).at("/messages/1/content"))
                    .isEqualTo(tree("[{'type':'thinking','thinking':'hm'},{'type':'text','text':'y'}]"));
        }

        @Test
        void refusesAForcedToolThatIsNone() {
            ChatRequest request = read(openAi, """
                    {'model':'c','messages':[{'role':'user','content':'x'}],
                     'tools':[{'type':'function','function':{'name':'f'}}],
                     'tool_choice':{'type':'function','function':{'name':'g'}}}""").request();

            assertThat(dialect.write(request))
                    .isInstanceOfSatisfying(
                            RequestWriting.Refused.class,
                            refused -> assertThat(refused.refusal().param()).isEqualTo("tool_choice"));
        }

        @Test
        void namesWhatWasDroppedAsItsOwnClientsKnowIt() {
            assertThat(dialect.fieldOf("top_k")).isEqualTo("k");
            assertThat(dialect.fieldOf("stop")).isEqualTo("stop_sequences");
            assertThat(dialect.fieldOf("seed")).isEqualTo("seed");
        }
    }
}
