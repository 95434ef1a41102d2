package io.latticegate.proxy.dialect.agentary;

import static io.latticegate.proxy.dialect.Wire.encode;
import static io.latticegate.proxy.dialect.Wire.frames;
import static io.latticegate.proxy.dialect.Wire.json;
import static io.latticegate.proxy.dialect.Wire.read;
import static io.latticegate.proxy.dialect.Wire.refused;
import static io.latticegate.proxy.dialect.Wire.terms;
import static io.latticegate.proxy.dialect.Wire.tree;
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
import io.latticegate.proxy.chat.TokenUsage;
import io.latticegate.proxy.dialect.Mutations;
import io.latticegate.proxy.dialect.Refusal;
import io.latticegate.proxy.dialect.RequestReading;
import io.latticegate.proxy.dialect.StreamEncoder;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AgentaryTokensTest {
    private static final long TTFB_MILLIS = 83;

    private final AgentaryTokens dialect = new AgentaryTokens(() -> TTFB_MILLIS);

    private static ChatMessage text(Role role, String text) {
        return new ChatMessage(role, List.of(new ContentPart.Text(text)));
    }

    @Nested
    class Requests {
        @Test
        void readsTheMessagesFormAsItWasMeasured() {
            ChatRequest request = read(
                            dialect,
                            "{'model':'m','messages':[{'role':'system','content':'s'},{'role':'user','content':'Hello'}],"
                                    + "'max_new_tokens':100,'temperature':0.7}")
                    .request();

            assertThat(request.system()).containsExactly("s");
            assertThat(request.messages()).containsExactly(text(Role.USER, "Hello"));
            assertThat(request.maxOutputTokens()).isEqualTo(100);
            assertThat(request.sampling().temperature()).isEqualTo(0.7);
            assertThat(request.stream()).isTrue();
        }

        @Test
        void readsTheInputFormAsItWasMeasured() {
            ChatRequest request = read(
                            dialect,
                            "{'model':'m','temperature':0.7,'stream':false,'tools':[{'type':'function','name':'f',"
                                    + "'description':'d','parameters':{'type':'object'}}],"
                                    + "'input':[{'type':'message','role':'system','content':'s'},"
                                    + "{'type':'message','role':'user','content':'Hello'}],'max_output_tokens':100}")
                    .request();

            assertThat(request.system()).containsExactly("s");
            assertThat(request.messages()).containsExactly(text(Role.USER, "Hello"));
            assertThat(request.maxOutputTokens()).isEqualTo(100);
            assertThat(request.stream()).isFalse();
            assertThat(request.tools()).singleElement().satisfies(tool -> {
                assertThat(tool.name()).isEqualTo("f");
                assertThat(tool.description()).isEqualTo("d");
                assertThat(tool.parameters()).isEqualTo(tree("{'type':'object'}"));
            });
        }

        @Test
        void readsToolCallsWithArgumentsAndTheirResults() {
            ChatRequest request = read(
                            dialect,
                            "{'model':'m','stream':false,'messages':[{'role':'user','content':[{'type':'text','text':'go'}]},"
                                    + "{'role':'assistant','content':[{'type':'tool_use','id':'c1','name':'f',"
                                    + "'arguments':{'a':1}}]},"
                                    + "{'role':'user','content':[{'type':'tool_result','tool_use_id':'c1',"
                                    + "'result':{'b':[2]}}]}]}")
                    .request();

            assertThat(request.messages())
                    .containsExactly(
                            text(Role.USER, "go"),
                            new ChatMessage(Role.ASSISTANT, List.of(new ContentPart.ToolUse("c1", "f", "{\"a\":1}"))),
                            new ChatMessage(
                                    Role.USER,
                                    List.of(new ContentPart.ToolResult(
                                            "c1", List.of(new ContentPart.Text("{\"b\":[2]}")), false))));
        }

        @Test
        void joinsCallsAndOutputsThatAreItemsOfTheirOwn() {
            ChatRequest request = read(
                            dialect,
                            "{'model':'m','stream':false,'input':[{'role':'user','content':'go'},"
                                    + "{'role':'developer','content':'I call'},"
                                    + "{'type':'function_call','call_id':'c1','name':'f','arguments':'{}'},"
                                    + "{'type':'function_call','call_id':'c2','name':'g','arguments':'{}'},"
                                    + "{'type':'function_call_output','call_id':'c1','output':'one'},"
                                    + "{'type':'function_call_output','call_id':'c2','output':'two'}]}")
                    .request();

            assertThat(request.messages())
                    .extracting(ChatMessage::role)
                    .containsExactly(Role.USER, Role.ASSISTANT, Role.USER);
            assertThat(request.messages().get(1).content())
                    .containsExactly(
                            new ContentPart.Text("I call"),
                            new ContentPart.ToolUse("c1", "f", "{}"),
                            new ContentPart.ToolUse("c2", "g", "{}"));
            assertThat(request.messages().get(2).content()).hasSize(2);
        }

        @Test
        void namesWhatNoProviderTakes() {
            RequestReading.Read reading = read(
                    dialect,
                    "{'model':'m','messages':[{'role':'user','content':'x','id':7}],'repetition_penalty':1.1,"
                            + "'deterministic':true,'enable_thinking':true,'top_k':3,'seed':4,'stop':['a'],'top_p':0.5}");

            assertThat(reading.dropped())
                    .containsExactlyInAnyOrder("messages[].id", "repetition_penalty", "deterministic");
            assertThat(reading.request().reasoning())
                    .isEqualTo(new ReasoningRequest(ReasoningRequest.Effort.MEDIUM, null, null));
            assertThat(reading.request().sampling().topK()).isEqualTo(3);
            assertThat(reading.request().sampling().seed()).isEqualTo(4);
            assertThat(reading.request().stop()).containsExactly("a");
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "{'messages':[{'role':'user','content':'x'}]}",
                    "{'model':'m'}",
                    "{'model':null,'messages':[]}",
                    "{'model':'m','messages':null}"
                })
        void wantsModelAndMessages(String body) {
            assertThat(refused(dialect, body)).isEqualTo(AgentaryErrors.MISSING_FIELDS);
        }

        @ParameterizedTest
        @CsvSource(
                delimiter = '|',
                quoteCharacter = '`',
                value = {
                    "'messages':[] | messages",
                    "'messages':'hi' | messages",
                    "'messages':['hi'] | messages[0]",
                    "'messages':[{'role':'user'}] | messages[0].content",
                    "'messages':[{'role':'king','content':'x'}] | messages[0].role",
                    "'messages':[{'role':'user','content':[{'type':'image'}]}] | messages[0].content[0].type",
                    "'messages':[{'role':'assistant','content':[{'type':'tool_use','id':'a','name':'b','arguments':'x'}]}]"
                            + " | messages[0].content[0].arguments",
                    "'messages':[{'role':'user','content':[{'type':'tool_result','tool_use_id':'a'}]}]"
                            + " | messages[0].content[0].result",
                    "'messages':[{'role':'user','content':'x'}],'input':'y' | input",
                    "'messages':[{'role':'user','content':'x'}],'max_new_tokens':-1 | max_new_tokens",
                    "'messages':[{'role':'user','content':'x'}],'temperature':'hot' | temperature",
                    "'messages':[{'role':'user','content':'x'}],'tools':[{'name':'f','type':'retrieval'}] | tools[0].type",
                    "'stream':false,'messages':[{'role':'user','content':'x'}],'tools':[{'name':'f','parameters':1}]"
                            + " | tools[0].parameters",
                    "'input':[{'type':'item_reference','id':'x'}] | input[0].type"
                })
        void refusesWithTheFieldThatIsWrong(String fields, String param) {
            assertThat(refused(dialect, "{'model':'m'," + fields + "}").param()).isEqualTo(param);
        }

        @Test
        void neverThrowsForMutatedBodies() {
            byte[] body = json(
                    "{'model':'m','stream':false,'messages':[{'role':'user','content':[{'type':'text','text':'a'}]}],"
                            + "'tools':[{'name':'f','parameters':{}}],'max_new_tokens':1}");
            Mutations.run(20_000, List.of(body), dialect::read);
        }
    }

    @Nested
    class Streams {
        @Test
        void numbersTokensAndEndsWithAnEmptyLastOneAndDone() {
            byte[] stream = encode(
                    dialect,
                    List.of(
                            new ChatEvent.Started("msg", "m"),
                            new ChatEvent.ReasoningDelta(0, "hm"),
                            new ChatEvent.TextDelta(0, "Hel"),
                            new ChatEvent.TextDelta(0, ""),
                            new ChatEvent.TextDelta(0, "lo\n\ndata: [DONE]"),
                            new ChatEvent.Finished(FinishReason.STOP),
                            new ChatEvent.UsageReported(TokenUsage.of(3, 2))),
                    true);

            assertThat(new String(stream, UTF_8)).isEqualTo("""
                            data: {"token":"Hel","tokenId":0,"isFirst":true,"ttfbMs":83}

                            data: {"token":"lo\\n\\ndata: [DONE]","tokenId":1}

                            data: {"token":"","tokenId":2,"isLast":true}

                            data: [DONE]

                            """);
        }

        @Test
        void anAnswerWithoutTextIsOneEventThatIsFirstAndLast() {
            List<JsonNode> frames = frames(encode(dialect, List.of(new ChatEvent.Finished(FinishReason.STOP)), false));

            assertThat(frames)
                    .containsExactly(
                            tree("{'token':'','tokenId':0,'isFirst':true,'ttfbMs':83,'isLast':true}"),
                            tree("'[DONE]'"));
        }

        @Test
        void toolCallsTravelInEventsOfAnEmptyToken() {
            byte[] stream = encode(
                    dialect,
                    List.of(
                            new ChatEvent.ToolCallStarted(1, "c1", "f"),
                            new ChatEvent.ToolCallArguments(1, ""),
                            new ChatEvent.ToolCallArguments(1, "{\"a\":"),
                            new ChatEvent.ToolCallStarted(2, "c2", "g"),
                            new ChatEvent.ToolCallArguments(1, "1}"),
                            new ChatEvent.ToolCallArguments(7, "of no call"),
                            new ChatEvent.Finished(FinishReason.TOOL_CALLS)),
                    true);

            assertThat(new String(stream, UTF_8)).isEqualTo("""
                            data: {"token":"","tokenId":0,"isFirst":true,"ttfbMs":83,"tool_calls":[{"index":0,"id":"c1","type":"function","function":{"name":"f","arguments":""}}]}

                            data: {"token":"","tokenId":1,"tool_calls":[{"index":0,"function":{"arguments":"{\\"a\\":"}}]}

                            data: {"token":"","tokenId":2,"tool_calls":[{"index":1,"id":"c2","type":"function","function":{"name":"g","arguments":""}}]}

                            data: {"token":"","tokenId":3,"tool_calls":[{"index":0,"function":{"arguments":"1}"}}]}

                            data: {"token":"","tokenId":4,"tool_calls":[{"index":1,"function":{"arguments":"{}"}}]}

                            data: {"token":"","tokenId":5,"isLast":true,"finish_reason":"tool_calls"}

                            data: [DONE]

                            """);
        }

        @Test
        void aFailureIsAnErrorLineAndNothingFollows() {
            StreamEncoder encoder = dialect.startStream(terms(false));
            encoder.encode(new ChatEvent.TextDelta(0, "Hel"));
            byte[] failed = encoder.encode(new ChatEvent.Failed(
                    ProviderError.of(ProviderError.Kind.OUTAGE, "provider_stream_cut", "The answer broke\noff")));

            assertThat(new String(failed, UTF_8))
                    .isEqualTo("error: {\"message\":\"The answer broke off\",\"statusCode\":502,"
                            + "\"code\":\"provider_stream_cut\"}\n\n");
            assertThat(encoder.encode(new ChatEvent.TextDelta(0, "lo"))).isEmpty();
            assertThat(encoder.finish()).isEmpty();
        }

        @Test
        void halvesOfASurrogatePairAreJoinedByTheClient() {
            List<JsonNode> frames = frames(encode(
                    dialect,
                    List.of(new ChatEvent.TextDelta(0, "\ud83c"), new ChatEvent.TextDelta(0, "\udf89")),
                    false));

            assertThat(frames.get(0).path("token").asText()
                            + frames.get(1).path("token").asText())
                    .isEqualTo("\ud83c\udf89");
        }
    }

    @Nested
    class Replies {
        @Test
        void carryTextUsageAndFinishReason() {
            Answer answer = Answer.of(List.of(
                    new ChatEvent.Started("msg", "m"),
                    new ChatEvent.TextDelta(0, "Hello"),
                    new ChatEvent.Finished(FinishReason.LENGTH),
                    new ChatEvent.UsageReported(TokenUsage.of(3, 2))));

            assertThat(tree(dialect.reply(answer, terms(false))))
                    .isEqualTo(
                            tree("{'content':'Hello','usage':{'promptTokens':3,'completionTokens':2,'totalTokens':5},"
                                    + "'finish_reason':'length'}"));
        }

        @Test
        void carryToolCallsWithArgumentsAsText() {
            Answer answer = Answer.of(List.of(
                    new ChatEvent.ToolCallStarted(0, "c1", "f"),
                    new ChatEvent.ToolCallArguments(0, "{\"a\":"),
                    new ChatEvent.ToolCallArguments(0, "1}"),
                    new ChatEvent.Finished(FinishReason.TOOL_CALLS)));

            JsonNode reply = tree(dialect.reply(answer, terms(false)));
            JsonNode call = reply.path("tool_calls").path(0);
            assertThat(call.path("id").asText()).isEqualTo("c1");
            assertThat(call.path("type").asText()).isEqualTo("function");
            assertThat(call.path("function").path("name").asText()).isEqualTo("f");
            assertThat(call.path("function").path("arguments").asText()).isEqualTo("{\"a\":1}");
            assertThat(reply.path("finish_reason").asText()).isEqualTo("tool_calls");
            assertThat(reply.path("content").asText()).isEmpty();
        }
    }

    @Nested
    class Errors {
        @ParameterizedTest
        @CsvSource(
                delimiter = '|',
                quoteCharacter = '`',
                value = {
                    "401 | missing_token | A token is required | {'error':'Unauthorized'}",
                    "401 | token_expired | The token has expired | {'error':'Unauthorized'}",
                    "400 | invalid_model | Invalid model | {'error':'Invalid model'}",
                    "429 | rate_limit_exceeded | The limit is used up | {'error':'Rate limit exceeded'}",
                    "413 | request_too_large | Too long | {'error':'Too long','type':'request_too_large'}",
                    "502 | provider_error | It failed | {'error':'It failed','type':'provider_error'}"
                })
        void haveTheirFixedTextOrTextAndType(int status, String code, String message, String body) {
            assertThat(tree(AgentaryErrors.document(new Refusal(status, code, message, null))))
                    .isEqualTo(tree(body));
        }

        @Test
        void missingFieldsAreNamedAsTheExampleProxyNamesThem() {
            assertThat(tree(AgentaryErrors.document(AgentaryErrors.MISSING_FIELDS)))
                    .isEqualTo(tree("{'error':'Missing required fields: model and messages are required'}"));
        }
    }
}
