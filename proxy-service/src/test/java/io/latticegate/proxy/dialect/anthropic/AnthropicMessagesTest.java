package io.latticegate.proxy.dialect.anthropic;

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
import io.latticegate.proxy.chat.TokenUsage;
import io.latticegate.proxy.chat.ToolChoice;
import io.latticegate.proxy.dialect.Mutations;
import io.latticegate.proxy.dialect.Refusal;
import io.latticegate.proxy.dialect.RequestReading;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AnthropicMessagesTest {

    static final String REQUEST = """
            {'model':'claude-opus-5-5','max_tokens':2048,
             'system':[{'type':'text','text':'Be brief.','cache_control':{'type':'ephemeral'}},{'type':'text','text':'Really.'}],
             'messages':[
              {'role':'user','content':[{'type':'text','text':'See'},
                 {'type':'image','source':{'type':'base64','media_type':'image/png','data':'iVBOR'}},
                 {'type':'image','source':{'type':'url','url':'https://example.org/a.png'}}]},
              {'role':'assistant','content':[
                 {'type':'thinking','thinking':'hm','signature':'c2ln'},
                 {'type':'redacted_thinking','data':'ZW5j'},
                 {'type':'tool_use','id':'toolu_1','name':'look','input':{'x':1}},
                 {'type':'tool_use','id':'toolu_2','name':'look','input':{}}]},
              {'role':'user','content':[
                 {'type':'tool_result','tool_use_id':'toolu_1','content':'a cat'},
                 {'type':'tool_result','tool_use_id':'toolu_2','is_error':true,'content':[{'type':'text','text':'failed'}]},
                 {'type':'text','text':'Go on'}]}],
             'tools':[{'name':'look','description':'Looks','input_schema':{'type':'object'},'strict':true,'defer_loading':false}],
             'tool_choice':{'type':'tool','name':'look','disable_parallel_tool_use':true},
             'temperature':0.5,'top_p':0.9,'top_k':40,'stop_sequences':['END'],'stream':true,
             'metadata':{'user_id':'u-1'},'thinking':{'type':'enabled','budget_tokens':4096},
             'output_config':{'effort':'high','format':{'type':'json_schema','schema':{'type':'object'}}},
             'service_tier':'auto'}""";

    static final String STREAM = """
            event: message_start
            data: {"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","content":[],"model":"claude-opus-5-5","stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":25,"cache_read_input_tokens":100,"output_tokens":1}}}

            event: content_block_start
            data: {"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"","signature":""}}

            event: ping
            data: {"type":"ping"}

            event: content_block_delta
            data: {"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"Think"}}

            event: content_block_delta
            data: {"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"c2ln"}}

            event: content_block_stop
            data: {"type":"content_block_stop","index":0}

            event: content_block_start
            data: {"type":"content_block_start","index":1,"content_block":{"type":"text","text":""}}

            event: content_block_delta
            data: {"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":"Let me look"}}

            event: content_block_stop
            data: {"type":"content_block_stop","index":1}

            event: content_block_start
            data: {"type":"content_block_start","index":2,"content_block":{"type":"tool_use","id":"toolu_1","name":"look","input":{}}}

            event: content_block_delta
            data: {"type":"content_block_delta","index":2,"delta":{"type":"input_json_delta","partial_json":""}}

            event: content_block_delta
            data: {"type":"content_block_delta","index":2,"delta":{"type":"input_json_delta","partial_json":"{\\"x\\": 1}"}}

            event: content_block_stop
            data: {"type":"content_block_stop","index":2}

            event: content_block_start
            data: {"type":"content_block_start","index":3,"content_block":{"type":"tool_use","id":"toolu_2","name":"idle","input":{}}}

            event: content_block_delta
            data: {"type":"content_block_delta","index":3,"delta":{"type":"input_json_delta","partial_json":"{}"}}

            event: content_block_stop
            data: {"type":"content_block_stop","index":3}

            event: message_delta
            data: {"type":"message_delta","delta":{"stop_reason":"tool_use","stop_sequence":null},"usage":{"output_tokens":89}}

            event: message_stop
            data: {"type":"message_stop"}

            """;

    static final List<ChatEvent> EVENTS = List.of(
            new ChatEvent.Started("msg_1", "claude-opus-5-5"),
            new ChatEvent.UsageReported(new TokenUsage(125, 1, 100, 0, 0, 0, 0)),
            new ChatEvent.ReasoningDelta(0, "Think"),
            new ChatEvent.ReasoningSignature(0, "c2ln"),
            new ChatEvent.TextDelta(1, "Let me look"),
            new ChatEvent.ToolCallStarted(2, "toolu_1", "look"),
            new ChatEvent.ToolCallArguments(2, "{\"x\": 1}"),
            new ChatEvent.ToolCallStarted(3, "toolu_2", "idle"),
            new ChatEvent.ToolCallArguments(3, "{}"),
            new ChatEvent.Finished(FinishReason.TOOL_CALLS),
            new ChatEvent.UsageReported(new TokenUsage(125, 89, 100, 0, 0, 0, 0)));

    private final AnthropicMessages dialect = new AnthropicMessages();

    @Test
    void readsARequestAndReportsWhatItCannotCarry() {
        RequestReading.Read read = read(dialect, REQUEST);
        ChatRequest request = read.request();
        assertThat(request.system()).containsExactly("Be brief.", "Really.");
        assertThat(request.messages().get(1).content())
                .containsExactly(
                        new ContentPart.Reasoning("hm", "c2ln", null),
                        new ContentPart.Reasoning("", null, "ZW5j"),
                        new ContentPart.ToolUse("toolu_1", "look", "{\"x\":1}"),
                        new ContentPart.ToolUse("toolu_2", "look", "{}"));
        assertThat(request.messages().get(2).content())
                .containsExactly(
                        new ContentPart.ToolResult("toolu_1", List.of(new ContentPart.Text("a cat")), false),
                        new ContentPart.ToolResult("toolu_2", List.of(new ContentPart.Text("failed")), true),
                        new ContentPart.Text("Go on"));
        assertThat(request.toolChoice()).isEqualTo(new ToolChoice.Named("look"));
        assertThat(request.parallelToolCalls()).isFalse();
        assertThat(request.reasoning())
                .isEqualTo(new ReasoningRequest(ReasoningRequest.Effort.HIGH, 4096L, ReasoningRequest.Mode.ENABLED));
        assertThat(request.user()).isEqualTo("u-1");
        assertThat(read.dropped())
                .containsExactlyInAnyOrder("system[].cache_control", "tools[].defer_loading", "service_tier");
    }

    @Test
    void writesWhatItHasRead() {
        ChatRequest request = read(dialect, REQUEST).request();
        byte[] body = written(dialect, request).body();
        var again = (RequestReading.Read) dialect.read(body);
        assertThat(again.dropped()).isEmpty();
        assertThat(again.request())
                .usingRecursiveComparison()
                .ignoringFields("system", "sampling")
                .isEqualTo(request);
        assertThat(again.request().system()).containsExactly("Be brief.\n\nReally.");
    }

    @Test
    void fillsInTheLimitThatTheProtocolDemands() {
        var prompt = ChatRequest.ofPrompt("m", "Hi", io.latticegate.proxy.chat.Sampling.DEFAULTS, null);
        assertThat(tree(written(dialect, prompt).body()))
                .isEqualTo(tree("{'model':'m','max_tokens':4096,'messages':[{'role':'user','content':'Hi'}]}"));
        var configured = new AnthropicMessages(AnthropicMessages.Version.V2026_10_21, 99);
        assertThat(tree(written(configured, prompt).body()).path("max_tokens").asInt())
                .isEqualTo(99);
    }

    @Test
    void dropsSamplingThatTheNewVersionAnswersWith400() {
        ChatRequest request = read(dialect, REQUEST).request();
        var latest = new AnthropicMessages(AnthropicMessages.Version.V2026_10_21, 99);
        var sent = written(latest, request);
        assertThat(sent.dropped()).containsExactly("temperature", "top_p", "top_k");
        assertThat(tree(sent.body()).has("temperature")).isFalse();
        assertThat(latest.version().header()).isEqualTo("2026-10-21");
    }

    @Test
    void dropsSamplingOnlyWhereTheModelThinks() {
        ChatRequest request = read(dialect, REQUEST).request();
        assertThat(written(dialect, request).dropped()).containsExactly("temperature", "top_p", "top_k");
        var unthinking =
                read(dialect, REQUEST.replace("{'type':'enabled','budget_tokens':4096}", "{'type':'disabled'}"));
        var sent = written(dialect, unthinking.request());
        assertThat(sent.dropped()).isEmpty();
        assertThat(tree(sent.body()).path("temperature").asDouble()).isEqualTo(0.5);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'model':'m','messages':[{'role':'user','content':'x'}]} | max_tokens | invalid_request",
                "{'model':'m','max_tokens':1,'messages':[]} | messages | invalid_request",
                "{'model':'m','max_tokens':1,'messages':[{'role':'tool','content':'x'}]} | messages[0].role | invalid_request",
                "{'model':'m','max_tokens':1,'messages':[{'role':'user','content':[{'type':'search_result','source':'x'}]}]} | messages[0].content[0].type | unsupported_parameter",
                "{'model':'m','max_tokens':1,'messages':[{'role':'user','content':'x'}],'tools':[{'type':'web_search_20250305','name':'w'}]} | tools[0].type | unsupported_parameter",
                "{'model':'m','max_tokens':1,'messages':[{'role':'user','content':'x'}],'container':'c'} | container | unsupported_parameter",
                "{'model':'m','max_tokens':1,'messages':[{'role':'user','content':'x'}],'thinking':{'type':'deep'}} | thinking.type | invalid_request",
            })
    void saysWhichFieldIsWrong(String body, String param, String code) {
        Refusal refusal = refused(dialect, body);
        assertThat(refusal.param()).isEqualTo(param);
        assertThat(refusal.code()).isEqualTo(code);
    }

    @Test
    void decodesAStreamHoweverItIsSplit() {
        for (long seed = 0; seed < 200; seed++) {
            assertThat(decode(dialect, STREAM.getBytes(UTF_8), seed))
                    .as("seed " + seed)
                    .isEqualTo(EVENTS);
        }
    }

    @Test
    void neverTakesACutStreamForAnEnding() {
        byte[] stream = STREAM.getBytes(UTF_8);
        for (int length = 0; length < stream.length - 2; length += 7) {
            var events = decode(dialect, java.util.Arrays.copyOf(stream, length), length);
            assertThat(failure(events).code()).as("cut at " + length).isEqualTo("provider_stream_cut");
        }
    }

    @Test
    void handsOnAnErrorInsideAStream() {
        byte[] stream =
                "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}}\n\n"
                        .getBytes(UTF_8);
        ProviderError error = failure(decode(dialect, stream, 1));
        assertThat(error.kind()).isEqualTo(ProviderError.Kind.OVERLOAD);
        assertThat(error.message()).isEqualTo("Overloaded");
    }

    @Test
    void takesInputThatStandsInTheBlocksStart() {
        byte[] stream = """
                data: {"type":"message_start","message":{"id":"m","model":"c"}}

                data: {"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"t","name":"f","input":{"a":1}}}

                data: {"type":"content_block_stop","index":0}

                data: {"type":"message_stop"}

                """.getBytes(UTF_8);
        assertThat(Answer.of(decode(dialect, stream, 1)).content())
                .containsExactly(new ContentPart.ToolUse("t", "f", "{\"a\":1}"));
    }

    @Test
    void decodesWhatItEncodes() {
        Answer before = Answer.of(EVENTS);
        Answer after = Answer.of(decode(dialect, encode(dialect, EVENTS, false), 9));
        assertThat(after).usingRecursiveComparison().ignoringFields("model").isEqualTo(before);
        assertThat(after.model()).isEqualTo("alias");
    }

    @Test
    void opensAndClosesOneBlockAtATimeInOrder() {
        assertSequentialBlocks(encode(dialect, EVENTS, false));
        List<JsonNode> frames = frames(encode(dialect, EVENTS, false));
        assertThat(frames.getFirst().path("type").asText()).isEqualTo("message_start");
        assertThat(frames.get(frames.size() - 2)).isEqualTo(tree("""
                {'type':'message_delta','delta':{'stop_reason':'tool_use','stop_sequence':null},
                 'usage':{'input_tokens':25,'cache_creation_input_tokens':0,'cache_read_input_tokens':100,'output_tokens':89}}"""));
        assertThat(frames.getLast()).isEqualTo(tree("{'type':'message_stop'}"));
    }

    @Test
    void untanglesInterleavedCalls() {
        List<ChatEvent> tangled = List.of(
                new ChatEvent.Started("c", "m"),
                new ChatEvent.ToolCallStarted(0, "a", "f"),
                new ChatEvent.ToolCallArguments(0, "{\"k\":\"}"),
                new ChatEvent.ToolCallStarted(1, "b", "g"),
                new ChatEvent.ToolCallArguments(1, "{\"l\":"),
                new ChatEvent.ToolCallStarted(2, "c", "h"),
                new ChatEvent.ToolCallArguments(2, "{}"),
                new ChatEvent.ToolCallArguments(0, "\\\"\"}"),
                new ChatEvent.ToolCallArguments(1, "2}"),
                new ChatEvent.TextDelta(3, "done"),
                new ChatEvent.Finished(FinishReason.TOOL_CALLS));
        byte[] stream = encode(dialect, tangled, false);
        assertSequentialBlocks(stream);
        assertThat(Answer.of(decode(dialect, stream, 4)).content())
                .containsExactly(
                        new ContentPart.ToolUse("a", "f", "{\"k\":\"}\\\"\"}"),
                        new ContentPart.ToolUse("b", "g", "{\"l\":2}"),
                        new ContentPart.ToolUse("c", "h", "{}"),
                        new ContentPart.Text("done"));
    }

    @Test
    void endsAFailedStreamWithAnErrorEvent() {
        var encoder = dialect.startStream(terms(false));
        String text = new String(encoder.encode(EVENTS.subList(0, 6)), UTF_8)
                + new String(
                        encoder.encode(
                                new ChatEvent.Failed(ProviderError.ofStatus(529, "overloaded_error", "Overloaded"))),
                        UTF_8)
                + new String(encoder.finish(), UTF_8);
        assertThat(text).doesNotContain("message_stop").doesNotContain("message_delta");
        assertThat(frames(text.getBytes(UTF_8)).getLast()).isEqualTo(tree("""
                {'type':'error','error':{'type':'overloaded_error','message':'Overloaded',
                 'details':{'error_code':'overloaded_error'}},'request_id':null}"""));
    }

    @Test
    void readsAndWritesACompleteReply() {
        byte[] reply = json("""
                {'id':'msg_2','type':'message','role':'assistant','model':'claude','content':[
                  {'type':'thinking','thinking':'hm','signature':'s'},{'type':'redacted_thinking','data':'d'},
                  {'type':'text','text':'Hi'},{'type':'server_tool_use','id':'x','name':'web_search','input':{}},
                  {'type':'tool_use','id':'t','name':'f','input':{'a':[1]}}],
                 'stop_reason':'stop_sequence','stop_sequence':'END',
                 'usage':{'input_tokens':3,'cache_creation_input_tokens':20,'cache_read_input_tokens':100,'output_tokens':7}}""");
        Answer answer = Answer.of(dialect.decodeReply(reply));
        assertThat(answer.usage()).isEqualTo(new TokenUsage(123, 7, 100, 20, 0, 0, 0));
        JsonNode out = tree(dialect.reply(answer, terms(false)));
        assertThat(out.path("content")).isEqualTo(tree("""
                [{'type':'thinking','thinking':'hm','signature':'s'},{'type':'redacted_thinking','data':'d'},
                 {'type':'text','text':'Hi','citations':null},{'type':'tool_use','id':'t','name':'f','input':{'a':[1]}}]"""));
        assertThat(out.path("stop_sequence").asText()).isEqualTo("END");
        assertThat(out.path("usage"))
                .isEqualTo(
                        tree(
                                "{'input_tokens':3,'cache_creation_input_tokens':20,'cache_read_input_tokens':100,'output_tokens':7}"));
    }

    @ParameterizedTest
    @CsvSource({
        "400, invalid_request",
        "401, unauthorized",
        "403, forbidden",
        "404, not_found",
        "413, too_large",
        "429, limited",
        "500, bug",
        "503, unavailable",
        "504, timeout",
    })
    void writesOurRefusalsInItsOwnForm(int status, String code) {
        var reply = dialect.refusal(new Refusal(status, code, "No.", null), "req_7");
        assertThat(reply.status()).isEqualTo(status);
        JsonNode body = tree(reply.body());
        assertThat(body.path("type").asText()).isEqualTo("error");
        assertThat(body.path("request_id").asText()).isEqualTo("req_7");
        assertThat(body.at("/error/details/error_code").asText()).isEqualTo(code);
        assertThat(body.at("/error/type").asText()).endsWith(status == 413 ? "too_large" : "_error");
    }

    @Test
    void survivesDamageInEveryReader() {
        Mutations.run(20_000, List.of(json(REQUEST)), body -> {
            if (dialect.read(body) instanceof RequestReading.Read read) {
                dialect.write(read.request());
            }
        });
        Mutations.run(20_000, List.of(STREAM.getBytes(UTF_8)), stream -> {
            List<ChatEvent> events = decode(dialect, stream, stream.length);
            frames(encode(dialect, events, true));
        });
        Mutations.run(
                20_000,
                List.of(dialect.reply(Answer.of(EVENTS), terms(true))),
                body -> tree(dialect.reply(Answer.of(dialect.decodeReply(body)), terms(false))));
    }

    private static void assertSequentialBlocks(byte[] stream) {
        int open = -1;
        int opened = 0;
        for (JsonNode frame : frames(stream)) {
            switch (frame.path("type").asText()) {
                case "content_block_start" -> {
                    assertThat(open).isEqualTo(-1);
                    assertThat(frame.path("index").asInt()).isEqualTo(opened++);
                    open = frame.path("index").asInt();
                }
                case "content_block_delta" ->
                    assertThat(frame.path("index").asInt()).isEqualTo(open);
                case "content_block_stop" -> {
                    assertThat(frame.path("index").asInt()).isEqualTo(open);
                    open = -1;
                }
                default -> assertThat(open).isEqualTo(-1);
            }
        }
    }

    @Test
    void joinsTheResultsOfParallelCallsInOneTurn() {
        var request = new io.latticegate.proxy.dialect.openai.OpenAiChat().read(json("""
                {'model':'m','messages':[{'role':'user','content':'x'},
                 {'role':'assistant','content':'','tool_calls':[{'id':'a','type':'function','function':{'name':'f','arguments':'{}'}},
                   {'id':'b','type':'function','function':{'name':'f','arguments':'{}'}}]},
                 {'role':'tool','tool_call_id':'a','content':'1'},{'role':'tool','tool_call_id':'b','content':'2'},
                 {'role':'user','content':'and?'},{'role':'system','content':'Stay calm.'},{'role':'user','content':'now'}]}"""));
        ChatRequest chat = ((RequestReading.Read) request).request();
        var sent = written(dialect, chat);
        JsonNode body = tree(sent.body());
        assertThat(body.path("system").asText()).isEqualTo("Stay calm.");
        assertThat(sent.dropped()).containsExactly("messages[].position");
        assertThat(body.path("messages")).hasSize(3);
        assertThat(body.at("/messages/1/content")).hasSize(2);
        assertThat(body.at("/messages/2/content")).isEqualTo(tree("""
                [{'type':'tool_result','tool_use_id':'a','content':'1'},{'type':'tool_result','tool_use_id':'b','content':'2'},
                 {'type':'text','text':'and?'},{'type':'text','text':'now'}]"""));
        var latest = new AnthropicMessages(AnthropicMessages.Version.V2026_10_21, 9);
        assertThat(tree(written(latest, chat).body()).at("/messages/3"))
                .isEqualTo(tree("{'role':'system','content':'Stay calm.'}"));
        assertThat(chat.messages().get(5).role()).isEqualTo(ChatMessage.Role.SYSTEM);
    }
}
