package io.latticegate.proxy.dialect.bedrock;

import static io.latticegate.proxy.dialect.Wire.decode;
import static io.latticegate.proxy.dialect.Wire.encode;
import static io.latticegate.proxy.dialect.Wire.failure;
import static io.latticegate.proxy.dialect.Wire.json;
import static io.latticegate.proxy.dialect.Wire.read;
import static io.latticegate.proxy.dialect.Wire.refused;
import static io.latticegate.proxy.dialect.Wire.terms;
import static io.latticegate.proxy.dialect.Wire.tree;
import static io.latticegate.proxy.dialect.Wire.written;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.latticegate.proxy.chat.Answer;
import io.latticegate.proxy.chat.ChatEvent;
import io.latticegate.proxy.chat.ContentPart;
import io.latticegate.proxy.chat.FinishReason;
import io.latticegate.proxy.chat.ProviderError;
import io.latticegate.proxy.chat.TokenUsage;
import io.latticegate.proxy.dialect.ClientDialect;
import io.latticegate.proxy.dialect.ErrorReport;
import io.latticegate.proxy.dialect.Mutations;
import io.latticegate.proxy.dialect.ProviderDialect;
import io.latticegate.proxy.dialect.Refusal;
import io.latticegate.proxy.dialect.RequestReading;
import io.latticegate.proxy.dialect.RequestScan;
import io.latticegate.proxy.dialect.RequestWriting;
import io.latticegate.proxy.dialect.anthropic.AnthropicMessages;
import io.latticegate.proxy.dialect.openai.OpenAiChat;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BedrockConverseTest {
    private static final String FULL_REQUEST = """
            {'system':[{'text':'Be brief.'},{'cachePoint':{'type':'default'}}],
             'messages':[
              {'role':'user','content':[{'text':'See'},{'image':{'format':'png','source':{'bytes':'AAAA'}}}]},
              {'role':'assistant','content':[{'reasoningContent':{'reasoningText':{'text':'hm','signature':'sig'}}},
                {'reasoningContent':{'redactedContent':'cmVk'}},
                {'toolUse':{'toolUseId':'t1','name':'f','input':{'a':1}}},{'toolUse':{'toolUseId':'t2','name':'f','input':{}}}]},
              {'role':'user','content':[
                {'toolResult':{'toolUseId':'t1','content':[{'json':{'n':1}},{'text':'ok'}]}},
                {'toolResult':{'toolUseId':'t2','status':'error','content':[{'text':'no'}]}},{'text':'Go on'}]}],
             'inferenceConfig':{'maxTokens':50,'temperature':0.5,'topP':0.9,'stopSequences':['END']},
             'toolConfig':{'tools':[{'toolSpec':{'name':'f','description':'d','strict':true,
                'inputSchema':{'json':{'type':'object'}}}}],'toolChoice':{'tool':{'name':'f'}}},
             'additionalModelRequestFields':{'top_k':5},
             'outputConfig':{'effort':'high','textFormat':{'type':'json_schema','structure':{'jsonSchema':{
                'name':'n','schema':'{\\"type\\":\\"object\\"}'}}}},
             'requestMetadata':{'team':'a'},'performanceConfig':{'latency':'optimized'}}""";

    private static final List<ChatEvent> ANSWER = List.of(
            new ChatEvent.Started("", ""),
            new ChatEvent.ReasoningDelta(0, "hm"),
            new ChatEvent.ReasoningSignature(0, "bedrock:sig"),
            new ChatEvent.ReasoningRedacted(1, "bedrock:cmVk"),
            new ChatEvent.TextDelta(2, "Hel"),
            new ChatEvent.TextDelta(2, "lo"),
            new ChatEvent.ToolCallStarted(3, "t1", "f"),
            new ChatEvent.ToolCallArguments(3, "{\"a\":"),
            new ChatEvent.ToolCallStarted(4, "t2", "g"),
            new ChatEvent.ToolCallArguments(4, "{}"),
            new ChatEvent.ToolCallArguments(3, "1}"),
            new ChatEvent.Finished(FinishReason.TOOL_CALLS),
            new ChatEvent.UsageReported(new TokenUsage(120, 30, 100, 10, 0, 0, 0)));

    private final ClientDialect client = BedrockConverse.forClient("claude", false, () -> 7);
    private final ProviderDialect provider = BedrockConverse.forProvider();

    @Test
    void readsEveryFieldAndWritesItBack() {
        RequestReading.Read read = read(client, FULL_REQUEST);
        RequestWriting.Written sent = written(provider, read.request().withModel("anthropic.claude-v1:0"));
        ObjectNode expected = (ObjectNode) tree(FULL_REQUEST
                .replace(",{'cachePoint':{'type':'default'}}", "")
                .replace("{'json':{'n':1}}", "{'text':'{\\\"n\\\":1}'}"));
        expected.remove("performanceConfig");
        assertThat(tree(sent.body())).isEqualTo(expected);
        assertThat(read.dropped()).containsExactly("system[].cachePoint", "performanceConfig");
        assertThat(sent.dropped()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "{'messages':[]}|invalid_request|messages",
                "{'messages':[{'role':'tool','content':[]}]}|invalid_request|messages[0].role",
                "{'messages':[{'role':'user','content':'x'}]}|invalid_request|messages[0].content",
                "{'messages':[{'role':'user','content':[{'video':{}}]}]}|unsupported_parameter|messages[0].content[0]",
                "{'messages':[{'role':'user','content':[{'image':{'format':'png','source':{'s3Location':{'uri':'s3://b/k'}}}}]}]}|unsupported_parameter|messages[0].content[0].image.source",
                "{'messages':[{'role':'user','content':[{'image':{'format':'tiff','source':{'bytes':'AA'}}}]}]}|invalid_request|messages[0].content[0].image.format",
                "{'messages':[{'role':'assistant','content':[{'reasoningContent':{'redactedContent':'%%'}}]}]}|invalid_request|messages[0].content[0].reasoningContent.redactedContent",
                "{'messages':[{'role':'user','content':[{'text':'x'}]}],'guardrailConfig':{'guardrailIdentifier':'g'}}|unsupported_parameter|guardrailConfig",
                "{'messages':[{'role':'user','content':[{'text':'x'}]}],'toolConfig':{'tools':[{'systemTool':{'name':'s'}}]}}|unsupported_parameter|toolConfig.tools[0].toolSpec",
                "{'messages':[{'role':'user','content':[{'text':'x'}]}],'toolConfig':{'tools':[],'toolChoice':{}}}|invalid_request|toolConfig.toolChoice",
                "{'messages':[{'role':'user','content':[{'text':'x'}]}],'inferenceConfig':{'maxTokens':-1}}|invalid_request|inferenceConfig.maxTokens",
                "{'messages':[{'role':'user','content':[{'text':'x'}]}],'outputConfig':{'textFormat':{'type':'json_schema','structure':{'jsonSchema':{'schema':'nope'}}}}}|invalid_request|outputConfig.textFormat.structure.jsonSchema.schema",
                "{'messages':[{'role':'user','content':[{'text':'x'}]}],'requestMetadata':{'a':1}}|invalid_request|requestMetadata"
            })
    void refusesWhatItCannotCarryAndSaysWhere(String body, String code, String field) {
        Refusal refusal = refused(client, body);
        assertThat(refusal.code()).isEqualTo(code);
        assertThat(refusal.param()).isEqualTo(field);
    }

    @Test
    void survivesDamage() {
        Mutations.run(3_000, List.of(json(FULL_REQUEST)), client::read);
        Mutations.run(3_000, List.of(client.reply(Answer.of(ANSWER), terms(true))), provider::decodeReply);
    }

    @Test
    void readsTheLimitThatAReservationNeeds() {
        var scan = (RequestScan.Accepted) RequestScan.withModelInPath(
                json("{'inferenceConfig':{'maxTokens':70},'additionalModelRequestFields':{'max_tokens':90,'x':[1]}}"),
                "m",
                true);
        assertThat(scan.maxOutputTokens()).isEqualTo(90);
        assertThat(scan.stream()).isTrue();
        assertThat(RequestScan.withModelInPath(json("{'inferenceConfig':{'maxTokens':'9'}}"), "m", true))
                .isInstanceOfSatisfying(
                        RequestScan.Refused.class,
                        refused -> assertThat(refused.refusal().param()).isEqualTo("inferenceConfig.maxTokens"));
    }

    @Test
    void carriesAnOpenAiRequestAndNamesWhatIsLost() {
        RequestReading.Read read = read(new OpenAiChat(), """
                {'model':'anthropic.claude-v1:0','messages':[{'role':'system','content':'Be brief.'},
                  {'role':'user','content':[{'type':'text','text':'See'},
                     {'type':'image_url','image_url':{'url':'data:image/jpg;base64,AAAA','detail':'high'}}]},
                  {'role':'assistant','content':'','tool_calls':[
                     {'id':'c1','type':'function','function':{'name':'f','arguments':'{\\"a\\":1}'}},
                     {'id':'c2','type':'function','function':{'name':'f','arguments':''}}]},
                  {'role':'tool','tool_call_id':'c1','content':'42'},{'role':'tool','tool_call_id':'c2','content':'43'}],
                 'tools':[{'type':'function','function':{'name':'f','parameters':{'type':'object'}}}],
                 'tool_choice':'required','parallel_tool_calls':false,'temperature':1.5,'seed':1,'stop':'END','user':'u',
                 'reasoning_effort':'minimal','metadata':{'team':'a'}}""");
        RequestWriting.Written sent = written(provider, read.request());
        assertThat(tree(sent.body())).isEqualTo(tree("""
                {'messages':[
                  {'role':'user','content':[{'text':'See'},{'image':{'format':'jpeg','source':{'bytes':'AAAA'}}}]},
                  {'role':'assistant','content':[{'toolUse':{'toolUseId':'c1','name':'f','input':{'a':1}}},
                     {'toolUse':{'toolUseId':'c2','name':'f','input':{}}}]},
                  {'role':'user','content':[{'toolResult':{'toolUseId':'c1','content':[{'text':'42'}]}},
                     {'toolResult':{'toolUseId':'c2','content':[{'text':'43'}]}}]}],
                 'system':[{'text':'Be brief.'}],'inferenceConfig':{'temperature':1.0,'stopSequences':['END']},
                 'toolConfig':{'tools':[{'toolSpec':{'name':'f','inputSchema':{'json':{'type':'object'}}}}],
                    'toolChoice':{'any':{}}},
                 'outputConfig':{'effort':'low'},'requestMetadata':{'team':'a'}}"""));
        assertThat(sent.dropped())
                .containsExactlyInAnyOrder(
                        "user", "seed", "parallel_tool_calls", "temperature", "messages[].content[].image_url.detail");
    }

    @Test
    void givesABudgetToClaudeAndAnEffortToOthers() {
        String thinking = """
                {'model':'m','max_tokens':9000,'messages':[{'role':'user','content':'x'}],'temperature':0.5,'top_k':3,
                 'thinking':{'type':'enabled','budget_tokens':4000}}""";
        var request = read(new AnthropicMessages(), thinking).request();
        RequestWriting.Written claude = written(provider, request.withModel("us.anthropic.claude-opus-4"));
        RequestWriting.Written other = written(provider, request.withModel("amazon.nova-2-pro"));
        assertThat(tree(claude.body()).path("additionalModelRequestFields"))
                .isEqualTo(tree("{'thinking':{'type':'enabled','budget_tokens':4000}}"));
        assertThat(tree(claude.body()).has("outputConfig")).isFalse();
        assertThat(claude.dropped()).containsExactlyInAnyOrder("temperature", "top_k");
        assertThat(tree(other.body()).path("outputConfig")).isEqualTo(tree("{'effort':'medium'}"));
        assertThat(tree(other.body()).at("/inferenceConfig/temperature").asDouble())
                .isEqualTo(0.5);
        assertThat(other.dropped()).containsExactly("top_k");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "'response_format':{'type':'json_object'}|response_format",
                "'tools':[{'type':'function','function':{'name':'f','parameters':{}}}],'tool_choice':'none'|tool_choice"
            })
    void refusesWhereDroppingWouldChangeTheMeaning(String field, String param) {
        var request = read(
                        new OpenAiChat(),
                        "{'model':'m','messages':[{'role':'user','content':'x'},{'role':'assistant','tool_calls':[{'id':'a',"
                                + "'type':'function','function':{'name':'f','arguments':'{}'}}]},"
                                + "{'role':'tool','tool_call_id':'a','content':'r'}]," + field + "}")
                .request();
        assertThat(provider.write(request))
                .isInstanceOfSatisfying(
                        RequestWriting.Refused.class,
                        refused -> assertThat(refused.refusal().param()).isEqualTo(param));
    }

    @Test
    void leavesOutToolsThatAreForbiddenAndWereNeverUsed() {
        var request = read(new OpenAiChat(), """
                {'model':'m','messages':[{'role':'user','content':'x'}],'tool_choice':'none',
                 'tools':[{'type':'function','function':{'name':'f','parameters':{}}}]}""").request();
        assertThat(tree(written(provider, request).body()).has("toolConfig")).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"https://e.org/i.png", "data:image/tiff;base64,AAAA"})
    void refusesPicturesThatItWouldHaveToFetchOrConvert(String url) {
        var request = read(
                        new OpenAiChat(),
                        "{'model':'m','messages':[{'role':'user','content':[{'type':'image_url','image_url':{'url':'"
                                + url + "'}}]}]}")
                .request();
        assertThat(provider.write(request))
                .isInstanceOfSatisfying(
                        RequestWriting.Refused.class,
                        refused -> assertThat(refused.refusal().message()).contains("messages[0]"));
    }

    @Test
    void carriesAnAnswerThroughItsStreamOneBlockAfterAnother() {
        byte[] stream = encode(client, ANSWER, true);
        assertThat(Answer.of(decode(provider, stream, 3)))
                .usingRecursiveComparison()
                .isEqualTo(Answer.of(ANSWER));
        assertThat(types(stream))
                .containsSubsequence("contentBlockStart", "contentBlockDelta", "contentBlockStop", "contentBlockStart")
                .startsWith("messageStart")
                .endsWith("contentBlockStop", "messageStop", "metadata");
    }

    @Test
    void carriesACompleteAnswer() {
        Answer answer = Answer.of(ANSWER);
        byte[] reply = client.reply(answer, terms(false));
        assertThat(Answer.of(provider.decodeReply(reply)))
                .usingRecursiveComparison()
                .isEqualTo(answer);
        assertThat(tree(reply).path("usage")).isEqualTo(tree("""
                {'inputTokens':10,'outputTokens':30,'totalTokens':150,'cacheReadInputTokens':100,'cacheWriteInputTokens':10}"""));
        assertThat(tree(reply).at("/metrics/latencyMs").asInt()).isEqualTo(7);
    }

    @Test
    void bringsReasoningBackToWhereItCameFromAndToNoOneElse() {
        var openAi = new OpenAiChat();
        JsonNode message = tree(openAi.reply(Answer.of(ANSWER), terms(false))).at("/choices/0/message");
        String next = "{'model':'claude','messages':[{'role':'user','content':'x'}," + message
                + ",{'role':'tool','tool_call_id':'t1','content':'r'},{'role':'tool','tool_call_id':'t2','content':'r'}]}";
        var request = read(openAi, next).request();
        assertThat(tree(written(provider, request).body()).at("/messages/1/content/0"))
                .isEqualTo(tree("{'reasoningContent':{'reasoningText':{'text':'hm','signature':'sig'}}}"));
        assertThat(tree(written(provider, request).body()).at("/messages/1/content/1"))
                .isEqualTo(tree("{'reasoningContent':{'redactedContent':'cmVk'}}"));
        RequestWriting.Written toAnthropic = written(new AnthropicMessages(), request);
        assertThat(new String(toAnthropic.body(), StandardCharsets.UTF_8))
                .doesNotContain("thinking")
                .doesNotContain("cmVk");
        assertThat(toAnthropic.dropped()).contains("messages[].reasoning_content");
    }

    @Test
    void carriesAnotherProvidersReasoningThroughItsClients() {
        List<ChatEvent> answer = List.of(
                new ChatEvent.ReasoningDelta(0, "hm"),
                new ChatEvent.ReasoningSignature(0, "anthropic-sig"),
                new ChatEvent.ReasoningRedacted(1, "opaque"),
                new ChatEvent.TextDelta(2, "x"),
                new ChatEvent.Finished(FinishReason.STOP));
        JsonNode message = tree(client.reply(Answer.of(answer), terms(false))).at("/output/message");
        var request = read(client, "{'messages':[" + message + ",{'role':'user','content':[{'text':'y'}]}]}")
                .request();
        assertThat(request.messages().getFirst().content())
                .startsWith(
                        new ContentPart.Reasoning("hm", "anthropic-sig", null),
                        new ContentPart.Reasoning("", null, "opaque"));
        RequestWriting.Written back = written(provider, request);
        assertThat(tree(back.body()).at("/messages/0/content")).isEqualTo(tree("[{'text':'x'}]"));
        assertThat(back.dropped()).containsExactly("messages[].reasoning_content");
    }

    @ParameterizedTest
    @CsvSource({
        "throttlingException, RATE",
        "validationException, CLIENT_FAULT",
        "serviceUnavailableException, OVERLOAD",
        "internalServerException, OUTAGE",
        "modelStreamErrorException, OUTAGE"
    })
    void anExceptionInsideAStreamIsAFailure(String type, ProviderError.Kind kind) {
        byte[] stream = EventStreamTest.joined(
                EventStreamMessage.event("messageStart", json("{'role':'assistant'}")),
                EventStreamMessage.exception(type, json("{'message':'too bad'}")),
                EventStreamMessage.event("messageStop", json("{'stopReason':'end_turn'}")));
        ProviderError error = failure(decode(provider, stream, 1));
        assertThat(error.kind()).isEqualTo(kind);
        assertThat(error.message()).isEqualTo("too bad");
        var scan = new ConverseStreamScan();
        scan.feed(stream);
        assertThat(scan.failure()).isEqualTo(error);
    }

    @Test
    void aStreamWithoutItsEndWasCut() {
        byte[] stream = encode(client, ANSWER, true);
        int[] messageStop = {0};
        for (int length = 0; length < stream.length; length++) {
            var scan = new ConverseStreamScan();
            scan.feed(java.util.Arrays.copyOf(stream, length));
            messageStop[0] += scan.complete() ? 1 : 0;
        }
        assertThat(messageStop[0]).as("only between messageStop and metadata").isEqualTo(1);
        assertThat(failure(decode(provider, java.util.Arrays.copyOf(stream, stream.length / 2), 9))
                        .code())
                .isEqualTo("provider_stream_cut");
    }

    @Test
    void watchesWhatPassesThrough() {
        var scan = new ConverseStreamScan();
        scan.feed(encode(client, ANSWER, true));
        assertThat(scan.complete()).isTrue();
        assertThat(scan.usage()).isEqualTo(new TokenUsage(120, 30, 100, 10, 0, 0, 0));
        assertThat(scan.outputTextBytes()).isEqualTo("hm".length() + "Hello".length() + "{\"a\":1}{}".length());
        scan.feed(new byte[12]);
        assertThat(scan.malformed()).isTrue();
        assertThat(scan.failure()).isNotNull();
    }

    @ParameterizedTest
    @CsvSource({"malformed_tool_use", "malformed_model_output"})
    void anAnswerThatTheModelSpoiltIsAFailure(String reason) {
        var events = provider.decodeReply(
                json("{'output':{'message':{'role':'assistant','content':[]}},'stopReason':'" + reason + "'}"));
        assertThat(failure(events).code()).isEqualTo(reason);
    }

    @ParameterizedTest
    @CsvSource({
        "400, ValidationException, CLIENT_FAULT, 400",
        "400, ServiceQuotaExceededException, QUOTA, 503",
        "403, AccessDeniedException, PERMISSION, 502",
        "403, UnrecognizedClientException:http://internal.amazon.com/coral/, AUTH, 502",
        "403, ExpiredTokenException, AUTH, 502",
        "404, ResourceNotFoundException, NOT_FOUND, 404",
        "408, ModelTimeoutException, TIMEOUT, 504",
        "424, ModelErrorException, OUTAGE, 502",
        "429, ThrottlingException, RATE, 429",
        "429, ModelNotReadyException, OVERLOAD, 503",
        "503, ServiceUnavailableException, OVERLOAD, 503"
    })
    void classifiesTheExceptionsOfTheService(int status, String type, ProviderError.Kind kind, int surface) {
        ProviderError error = ErrorReport.read(status, json("{'Message':'said'}"), type);
        assertThat(error.kind()).isEqualTo(kind);
        assertThat(error.surfaceStatus()).isEqualTo(surface);
        boolean ownWords = kind == ProviderError.Kind.AUTH
                || kind == ProviderError.Kind.PERMISSION
                || kind == ProviderError.Kind.QUOTA;
        assertThat(error.message().equals("said")).isEqualTo(!ownWords);
    }

    @ParameterizedTest
    @CsvSource({
        "anthropic.claude-v1:0, anthropic.claude-v1%3A0",
        "arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.x, arn%3Aaws%3Abedrock%3Aus-east-1%3A123456789012%3Ainference-profile%2Fus.x"
    })
    void namesModelsInPaths(String id, String segment) {
        assertThat(ConverseModelId.encoded(id)).isEqualTo(segment);
        assertThat(ConverseModelId.decoded(segment)).isEqualTo(id);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a%2F..%2Fb",
                "..",
                "%2Fa",
                "a%2F",
                "a%2F%2Fb",
                "a%",
                "a%2",
                "a%zz",
                "a%20b",
                "a%3Fb",
                "a%5Cb",
                ""
            })
    void takesNoPathForAModel(String segment) {
        assertThat(ConverseModelId.decoded(segment)).isNull();
    }

    private static List<String> types(byte[] stream) {
        List<String> types = new ArrayList<>();
        new EventStreamParser()
                .feed(stream, 0, stream.length, message -> types.add(message.header(EventStreamMessage.EVENT_TYPE)));
        return types;
    }
}
