package io.latticegate.proxy.dialect.openai;

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
import io.latticegate.proxy.chat.ChatRequest;
import io.latticegate.proxy.chat.ContentPart;
import io.latticegate.proxy.chat.FinishReason;
import io.latticegate.proxy.chat.ProviderError;
import io.latticegate.proxy.chat.ReasoningRequest;
import io.latticegate.proxy.chat.ResponseFormat;
import io.latticegate.proxy.chat.TokenUsage;
import io.latticegate.proxy.chat.ToolChoice;
import io.latticegate.proxy.dialect.Mutations;
import io.latticegate.proxy.dialect.RequestReading;
import io.latticegate.proxy.dialect.Wire;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OpenAiChatTest {

    static final String REQUEST = """
            {'model':'alias','messages':[
              {'role':'system','content':'Be brief.'},
              {'role':'developer','content':[{'type':'text','text':'Use tools.'}]},
              {'role':'user','name':'bob','content':[
                 {'type':'text','text':'What is this?'},
                 {'type':'image_url','image_url':{'url':'data:image/png;base64,iVBORw0K','detail':'low'}},
                 {'type':'image_url','image_url':{'url':'https://example.org/a.jpg'}}]},
              {'role':'assistant','content':null,'reasoning_content':'hm','tool_calls':[
                 {'id':'call_1','type':'function','function':{'name':'look','arguments':'{\\'x\\':1}'}},
                 {'id':'call_2','type':'function','function':{'name':'look','arguments':''}}]},
              {'role':'tool','tool_call_id':'call_1','content':'a cat'},
              {'role':'tool','tool_call_id':'call_2','content':[{'type':'text','text':'a dog'}]},
              {'role':'user','content':'Thanks'}],
             'tools':[{'type':'function','function':{'name':'look','description':'Looks','strict':true,
                 'parameters':{'type':'object','properties':{'x':{'type':'integer'}}}}},
                 {'type':'function','function':{'name':'idle'}}],
             'tool_choice':'required','parallel_tool_calls':false,
             'temperature':0.7,'top_p':0.9,'frequency_penalty':0.5,'presence_penalty':-0.5,'seed':42,
             'stop':['END','STOP'],'max_tokens':10,'max_completion_tokens':300,'stream':true,
             'stream_options':{'include_usage':true},'reasoning_effort':'high','user':'u-1',
             'metadata':{'team':'blue'},'logit_bias':{'50256':-100},'service_tier':'auto',
             'response_format':{'type':'json_schema','json_schema':{'name':'pet','schema':{'type':'object'},'strict':true}},
             'x-unknown\\r\\nfield':1}""";

    static final String STREAM = """
            data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"gpt-5.2","choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}],"usage":null}

            data: {"id":"chatcmpl-1","model":"gpt-5.2","choices":[{"index":0,"delta":{"content":"Let me "},"finish_reason":null}]}

            data: {"id":"chatcmpl-1","model":"gpt-5.2","choices":[{"index":0,"delta":{"content":"look é€"},"finish_reason":null}]}

            data: {"id":"chatcmpl-1","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"call_a","type":"function","function":{"name":"look","arguments":""}}]},"finish_reason":null}]}

            data: {"id":"chatcmpl-1","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{\\"x\\""}}]},"finish_reason":null}]}

            data: {"id":"chatcmpl-1","choices":[{"index":0,"delta":{"tool_calls":[{"index":1,"id":"call_b","type":"function","function":{"name":"idle","arguments":"{}"}}]},"finish_reason":null}]}

            data: {"id":"chatcmpl-1","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":":1}"}}]},"finish_reason":null}]}

            data: {"id":"chatcmpl-1","choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]}

            data: {"id":"chatcmpl-1","choices":[],"usage":{"prompt_tokens":9,"completion_tokens":12,"total_tokens":21,"prompt_tokens_details":{"cached_tokens":4},"completion_tokens_details":{"reasoning_tokens":5}}}

            data: [DONE]

            """;

    static final List<ChatEvent> EVENTS = List.of(
            new ChatEvent.Started("chatcmpl-1", "gpt-5.2"),
            new ChatEvent.TextDelta(0, "Let me "),
            new ChatEvent.TextDelta(0, "look é€"),
            new ChatEvent.ToolCallStarted(1, "call_a", "look"),
            new ChatEvent.ToolCallArguments(1, "{\"x\""),
            new ChatEvent.ToolCallStarted(2, "call_b", "idle"),
            new ChatEvent.ToolCallArguments(2, "{}"),
            new ChatEvent.ToolCallArguments(1, ":1}"),
            new ChatEvent.Finished(FinishReason.TOOL_CALLS),
            new ChatEvent.UsageReported(new TokenUsage(9, 12, 4, 0, 5, 0, 0)));

    private final OpenAiChat dialect = new OpenAiChat();

    @Test
    void readsARequestAndReportsWhatItCannotCarry() {
        RequestReading.Read read = read(dialect, REQUEST);
        ChatRequest request = read.request();
        assertThat(request.system()).containsExactly("Be brief.", "Use tools.");
        assertThat(request.messages()).hasSize(5);
        assertThat(request.messages().getFirst())
                .isEqualTo(new ChatMessage(
                        ChatMessage.Role.USER,
                        List.of(
                                new ContentPart.Text("What is this?"),
                                new ContentPart.Image(new ContentPart.Source.Base64("image/png", "iVBORw0K"), "low"),
                                new ContentPart.Image(new ContentPart.Source.Url("https://example.org/a.jpg"), null))));
        assertThat(request.messages().get(1).content())
                .containsExactly(
                        new ContentPart.Reasoning("hm", null, null),
                        new ContentPart.ToolUse("call_1", "look", "{\"x\":1}"),
                        new ContentPart.ToolUse("call_2", "look", ""));
        assertThat(request.messages().get(3).content())
                .containsExactly(new ContentPart.ToolResult("call_2", List.of(new ContentPart.Text("a dog")), false));
        assertThat(request.tools()).extracting(tool -> tool.name()).containsExactly("look", "idle");
        assertThat(request.tools().get(1).parameters()).isEqualTo(tree("{'type':'object','properties':{}}"));
        assertThat(request.toolChoice()).isEqualTo(new ToolChoice.Required());
        assertThat(request.parallelToolCalls()).isFalse();
        assertThat(request.sampling().temperature()).isEqualTo(0.7);
        assertThat(request.sampling().seed()).isEqualTo(42);
        assertThat(request.stop()).containsExactly("END", "STOP");
        assertThat(request.maxOutputTokens()).isEqualTo(300);
        assertThat(request.stream()).isTrue();
        assertThat(request.includeUsage()).isTrue();
        assertThat(request.reasoning()).isEqualTo(new ReasoningRequest(ReasoningRequest.Effort.HIGH, null, null));
        assertThat(request.user()).isEqualTo("u-1");
        assertThat(request.metadata()).isEqualTo(Map.of("team", "blue"));
        assertThat(request.responseFormat())
                .isEqualTo(new ResponseFormat.JsonSchema("pet", null, tree("{'type':'object'}"), true));
        assertThat(read.dropped())
                .containsExactlyInAnyOrder("messages[].name", "logit_bias", "service_tier", "x-unknown__field");
    }

    @Test
    void writesWhatItHasRead() {
        ChatRequest request = read(dialect, REQUEST).request();
        byte[] body = written(dialect, request.withModel("gpt-5.2")).body();
        JsonNode sent = tree(body);
        assertThat(sent.path("model").asText()).isEqualTo("gpt-5.2");
        assertThat(sent.path("max_completion_tokens").asInt()).isEqualTo(300);
        assertThat(sent.has("max_tokens")).isFalse();
        assertThat(sent.path("stream_options")).isEqualTo(tree("{'include_usage':true}"));
        var again = (RequestReading.Read) dialect.read(body);
        assertThat(again.dropped()).isEmpty();
        assertThat(again.request().tools()).isEqualTo(request.tools());
        assertThat(again.request().sampling()).isEqualTo(request.sampling());
        assertThat(again.request().responseFormat()).isEqualTo(request.responseFormat());
        assertThat(again.request().messages().getFirst())
                .isEqualTo(request.messages().getFirst());
        var compatible = new OpenAiChat(OpenAiChat.LimitField.MAX_TOKENS);
        assertThat(tree(written(compatible, request).body()).path("max_tokens").asInt())
                .isEqualTo(300);
    }

    @Test
    void asksForUsageInEveryStream() {
        ChatRequest request = read(dialect, "{'model':'m','messages':[{'role':'user','content':'x'}],'stream':true}")
                .request();
        assertThat(request.includeUsage()).isFalse();
        assertThat(tree(written(dialect, request).body())
                        .at("/stream_options/include_usage")
                        .asBoolean())
                .isTrue();
    }

    @Test
    void keepsOnlyTheAllowedTools() {
        ChatRequest request = read(dialect, """
                {'model':'m','messages':[{'role':'user','content':'x'}],
                 'tools':[{'type':'function','function':{'name':'a'}},{'type':'function','function':{'name':'b'}}],
                 'tool_choice':{'type':'allowed_tools','allowed_tools':{'mode':'required',
                    'tools':[{'type':'function','function':{'name':'b'}}]}}}""").request();
        assertThat(request.tools()).extracting(tool -> tool.name()).containsExactly("b");
        assertThat(request.toolChoice()).isEqualTo(new ToolChoice.Required());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "'n':2 | n",
                "'logprobs':true | logprobs",
                "'functions':[] | functions",
                "'modalities':['text','audio'] | modalities",
                "'tools':[{'type':'custom','custom':{'name':'x'}}] | tools[0].type",
                "'tool_choice':{'type':'custom','custom':{'name':'x'}} | tool_choice",
                "'web_search_options':{} | web_search_options",
            })
    void refusesWhatWouldChangeTheMeaningAndNamesIt(String field, String param) {
        var refusal = refused(dialect, "{'model':'m','messages':[{'role':'user','content':'x'}]," + field + "}");
        assertThat(refusal.param()).isEqualTo(param);
        assertThat(refusal.code()).isEqualTo("unsupported_parameter");
        assertThat(refusal.status()).isEqualTo(400);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'messages':[{'role':'user','content':'x'}]} | model",
                "{'model':'m'} | messages",
                "{'model':'m','messages':[]} | messages",
                "{'model':'m','messages':['x']} | messages[0]",
                "{'model':'m','messages':[{'role':'user'}]} | messages[0].content",
                "{'model':'m','messages':[{'role':'user','content':[{'type':'text'}]}]} | messages[0].content[0].text",
                "{'model':'m','messages':[{'role':'user','content':[{'type':'image_url','image_url':{'url':'file:///etc/passwd'}}]}]} | messages[0].content[0].image_url.url",
                "{'model':'m','messages':[{'role':'tool','content':'x'}]} | messages[0].tool_call_id",
                "{'model':'m','messages':[{'role':'user','content':'x'}],'temperature':'hot'} | temperature",
                "{'model':'m','messages':[{'role':'user','content':'x'}],'max_tokens':-1} | max_tokens",
                "{'model':'m','messages':[{'role':'user','content':'x'}],'tool_choice':'some'} | tool_choice",
            })
    void saysWhichFieldIsWrong(String body, String param) {
        assertThat(refused(dialect, body).param()).isEqualTo(param);
        assertThat(refused(dialect, body).message()).contains(param);
    }

    @Test
    void decodesAStreamHoweverItIsSplit() {
        for (long seed = 0; seed < 200; seed++) {
            assertThat(decode(dialect, STREAM.getBytes(UTF_8), seed))
                    .as("seed " + seed)
                    .isEqualTo(EVENTS);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"data: [DONE]\n\n", "data: [DO", ": end\n\n"})
    void neverTakesACutStreamForAnEnding(String tail) {
        String body = STREAM.substring(0, STREAM.indexOf("data: [DONE]")) + tail;
        List<ChatEvent> events = decode(dialect, body.getBytes(UTF_8), 1);
        if (tail.equals("data: [DONE]\n\n")) {
            assertThat(events).isEqualTo(EVENTS);
        } else {
            assertThat(failure(events).code()).isEqualTo("provider_stream_cut");
        }
    }

    @Test
    void failsOnAnEventThatIsNoJson() {
        assertThat(failure(decode(dialect, "data: {\"id\"\n\ndata: [DONE]\n\n".getBytes(UTF_8), 1))
                        .code())
                .isEqualTo("provider_protocol_error");
        assertThat(failure(decode(dialect, "<html>502</html>".getBytes(UTF_8), 1))
                        .code())
                .isEqualTo("provider_stream_cut");
    }

    @Test
    void handsOnAnErrorInsideAStreamAndNothingAfterIt() {
        byte[] stream = """
                data: {"error":{"message":"Rate limit","type":"requests","code":"rate_limit_exceeded"}}

                data: [DONE]

                """.getBytes(UTF_8);
        List<ChatEvent> events = decode(dialect, stream, 1);
        assertThat(events).hasSize(1);
        assertThat(failure(events).kind()).isEqualTo(ProviderError.Kind.RATE);
    }

    @Test
    void followsToolCallsOfProvidersThatSendNoIndex() {
        byte[] stream = """
                data: {"choices":[{"delta":{"tool_calls":[{"id":"a","function":{"name":"f","arguments":"{}"}}]}}]}

                data: {"choices":[{"delta":{"tool_calls":[{"id":"b","function":{"name":"g","arguments":"{"}}]}}]}

                data: {"choices":[{"delta":{"tool_calls":[{"function":{"arguments":"}"}}]},"finish_reason":"tool_calls"}]}

                data: [DONE]

                """.getBytes(UTF_8);
        Answer answer = Answer.of(decode(dialect, stream, 3));
        assertThat(answer.content())
                .containsExactly(new ContentPart.ToolUse("a", "f", "{}"), new ContentPart.ToolUse("b", "g", "{}"));
    }

    @Test
    void streamsRoleFirstThenDeltasFinishUsageAndDone() {
        List<JsonNode> frames = frames(encode(dialect, EVENTS, true));
        assertThat(frames.getFirst()).isEqualTo(tree("""
                {'id':'chatcmpl-1','object':'chat.completion.chunk','created':1760000000,'model':'alias',
                 'choices':[{'index':0,'delta':{'role':'assistant','content':''},'logprobs':null,'finish_reason':null}],
                 'usage':null}"""));
        assertThat(frames.get(1).at("/choices/0/delta")).isEqualTo(tree("{'content':'Let me '}"));
        assertThat(frames.get(3).at("/choices/0/delta/tool_calls/0"))
                .isEqualTo(
                        tree("{'index':0,'id':'call_a','type':'function','function':{'name':'look','arguments':''}}"));
        assertThat(frames.get(5).at("/choices/0/delta/tool_calls/0/index").asInt())
                .isEqualTo(1);
        assertThat(frames.get(8).at("/choices/0/finish_reason").asText()).isEqualTo("tool_calls");
        JsonNode last = frames.get(9);
        assertThat(last.path("choices")).isEmpty();
        assertThat(last.path("usage")).isEqualTo(tree("""
                {'prompt_tokens':9,'completion_tokens':12,'total_tokens':21,
                 'prompt_tokens_details':{'cached_tokens':4,'audio_tokens':0},
                 'completion_tokens_details':{'reasoning_tokens':5,'audio_tokens':0}}"""));
        assertThat(frames.get(10).asText()).isEqualTo("[DONE]");
        assertThat(frames).hasSize(11);
    }

    @Test
    void streamsSignedReasoningAsAWholeBlockAfterItsText() {
        var encoder = dialect.startStream(terms(false));
        List<JsonNode> frames = frames(encoder.encode(List.of(
                new ChatEvent.ReasoningDelta(0, "a"),
                new ChatEvent.ReasoningDelta(0, "b"),
                new ChatEvent.ReasoningSignature(0, "s"),
                new ChatEvent.ReasoningRedacted(1, "r"))));
        assertThat(frames.get(1).at("/choices/0/delta")).isEqualTo(tree("{'reasoning_content':'a'}"));
        assertThat(frames.get(3).at("/choices/0/delta"))
                .isEqualTo(tree("{'thinking_blocks':[{'type':'thinking','thinking':'ab','signature':'s'}]}"));
        assertThat(frames.get(4).at("/choices/0/delta"))
                .isEqualTo(tree("{'thinking_blocks':[{'type':'redacted_thinking','data':'r'}]}"));
    }

    @Test
    void sendsNoUsageToAClientThatDidNotAsk() {
        assertThat(new String(encode(dialect, EVENTS, false), UTF_8))
                .doesNotContain("usage")
                .endsWith("data: [DONE]\n\n");
    }

    @Test
    void decodesWhatItEncodes() {
        assertThat(decode(dialect, encode(dialect, EVENTS, true), 5))
                .usingRecursiveComparison()
                .isEqualTo(withModel("alias"));
    }

    private static List<ChatEvent> withModel(String model) {
        var events = new java.util.ArrayList<>(EVENTS);
        events.set(0, new ChatEvent.Started("chatcmpl-1", model));
        return events;
    }

    @Test
    void endsAFailedStreamWithAnErrorAndWithoutDone() {
        var encoder = dialect.startStream(terms(true));
        String text = new String(encoder.encode(EVENTS.subList(0, 3)), UTF_8)
                + new String(
                        encoder.encode(new ChatEvent.Failed(ProviderError.of(
                                ProviderError.Kind.TIMEOUT, "provider_stalled", "The provider stalled"))),
                        UTF_8)
                + new String(encoder.finish(), UTF_8);
        assertThat(text).doesNotContain("[DONE]");
        assertThat(frames(text.getBytes(UTF_8)).getLast())
                .isEqualTo(
                        tree(
                                "{'error':{'message':'The provider stalled','type':'server_error','param':null,'code':'provider_stalled'}}"));
        assertThat(encoder.encode(new ChatEvent.TextDelta(0, "late"))).isEmpty();
    }

    @Test
    void keepsHalfASurrogatePairThatAProviderSplit() {
        var encoder = dialect.startStream(terms(false));
        List<JsonNode> frames = frames(
                encoder.encode(List.of(new ChatEvent.TextDelta(0, "\uD83D"), new ChatEvent.TextDelta(0, "\uDE00"))));
        assertThat(frames.get(1).at("/choices/0/delta/content").asText()
                        + frames.get(2).at("/choices/0/delta/content").asText())
                .isEqualTo("😀");
    }

    @Test
    void readsAndWritesACompleteReply() {
        byte[] reply = json("""
                {'id':'chatcmpl-9','object':'chat.completion','created':1,'model':'gpt-5.2','choices':[{'index':0,
                 'message':{'role':'assistant','content':'Hello','refusal':null,'annotations':[]},'logprobs':null,
                 'finish_reason':'length'}],'usage':{'prompt_tokens':3,'completion_tokens':4,'total_tokens':7}}""");
        Answer answer = Answer.of(dialect.decodeReply(reply));
        assertThat(answer.text()).isEqualTo("Hello");
        assertThat(answer.finish()).isEqualTo(FinishReason.LENGTH);
        assertThat(answer.usage()).isEqualTo(TokenUsage.of(3, 4));
        JsonNode out = tree(dialect.reply(answer, terms(false)));
        assertThat(out.at("/choices/0/message"))
                .isEqualTo(tree("{'role':'assistant','content':'Hello','refusal':null}"));
        assertThat(out.at("/choices/0/finish_reason").asText()).isEqualTo("length");
        assertThat(out.path("object").asText()).isEqualTo("chat.completion");
        assertThat(out.at("/usage/total_tokens").asInt()).isEqualTo(7);
    }

    @Test
    void failsAReplyThatIsNone() {
        for (String body : List.of("", "x", "[]", "{}", "{'choices':[]}", "{'choices':[{'message':null}]}")) {
            assertThat(failure(dialect.decodeReply(json(body))).code()).as(body).isEqualTo("provider_protocol_error");
        }
        assertThat(failure(dialect.decodeReply(json("{'error':'overloaded'}"))).message())
                .isEqualTo("overloaded");
    }

    @ParameterizedTest
    @CsvSource({
        "401, invalid_api_key, AUTH, 502",
        "403, '', PERMISSION, 502",
        "404, model_not_found, NOT_FOUND, 404",
        "429, rate_limit_exceeded, RATE, 429",
        "429, insufficient_quota, QUOTA, 503",
        "400, '', CLIENT_FAULT, 400",
        "413, '', CLIENT_FAULT, 413",
        "422, '', CLIENT_FAULT, 422",
        "500, server_error, OUTAGE, 502",
        "503, '', OVERLOAD, 503",
        "529, overloaded_error, OVERLOAD, 503",
        "504, '', TIMEOUT, 504",
        "302, '', OUTAGE, 502",
    })
    void mapsProviderErrorsSoThatTheirFaultsAreNotTheClients(
            int status, String code, ProviderError.Kind kind, int ours) {
        byte[] body = json("{'error':{'message':'Incorrect API key provided: sk-proj-abcdefgh1234','type':'t','code':"
                + (code.isEmpty() ? "null" : "'" + code + "'") + "}}");
        ProviderError error = dialect.decodeError(status, body);
        assertThat(error.kind()).isEqualTo(kind);
        assertThat(error.surfaceStatus()).isEqualTo(ours);
        assertThat(error.message()).doesNotContain("abcdefgh");
        var reply = dialect.error(error, "req-1");
        assertThat(reply.status()).isEqualTo(ours);
        assertThat(tree(reply.body()).path("error").fieldNames())
                .toIterable()
                .containsExactly("message", "type", "param", "code");
    }

    @Test
    void readsAnErrorBodyThatIsNoJson() {
        ProviderError error = dialect.decodeError(502, "<html>bad gateway</html>".getBytes(UTF_8));
        assertThat(error.kind()).isEqualTo(ProviderError.Kind.OUTAGE);
        assertThat(error.message()).isEqualTo("The provider answered with status 502");
    }

    @Test
    void survivesDamageInEveryReader() {
        List<byte[]> requests = List.of(json(REQUEST));
        Mutations.run(20_000, requests, body -> {
            if (dialect.read(body) instanceof RequestReading.Read read) {
                assertThat(tree(written(dialect, read.request()).body()).isObject())
                        .isTrue();
            }
        });
        Mutations.run(20_000, List.of(STREAM.getBytes(UTF_8)), stream -> {
            List<ChatEvent> events = decode(dialect, stream, stream.length);
            frames(encode(dialect, events, true));
        });
        Mutations.run(
                20_000,
                List.of(dialect.reply(Answer.of(EVENTS), terms(true))),
                body -> tree(dialect.reply(Answer.of(dialect.decodeReply(body)), Wire.terms(false))));
    }
}
