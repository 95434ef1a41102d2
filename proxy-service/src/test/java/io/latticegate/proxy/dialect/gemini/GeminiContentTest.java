package io.latticegate.proxy.dialect.gemini;

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
import io.latticegate.proxy.chat.Sampling;
import io.latticegate.proxy.chat.TokenUsage;
import io.latticegate.proxy.chat.ToolChoice;
import io.latticegate.proxy.dialect.ClientDialect;
import io.latticegate.proxy.dialect.Mutations;
import io.latticegate.proxy.dialect.ProviderDialect;
import io.latticegate.proxy.dialect.Refusal;
import io.latticegate.proxy.dialect.RequestReading;
import io.latticegate.proxy.dialect.RequestWriting;
import io.latticegate.proxy.dialect.StreamDecoder;
import io.latticegate.proxy.dialect.StreamEncoder;
import io.latticegate.proxy.dialect.openai.OpenAiChat;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GeminiContentTest {
    private final ClientDialect client = GeminiContent.forClient("gemini-3-pro", GeminiContent.Form.EVENTS);
    private final ClientDialect arrayClient = GeminiContent.forClient("gemini-3-pro", GeminiContent.Form.ARRAY);
    private final ProviderDialect provider = GeminiContent.forProvider();

    static final String REQUEST = """
            {'systemInstruction':{'parts':[{'text':'Be brief.'},{'text':'Really.'}]},
             'contents':[
              {'role':'user','parts':[{'text':'See'},{'inlineData':{'mimeType':'image/png','data':'iV-_'}},
                 {'fileData':{'mimeType':'image/jpeg','fileUri':'https://example.org/a.jpg'}}]},
              {'role':'model','parts':[{'text':'h','thought':true},{'text':'m','thought':true},
                 {'functionCall':{'name':'look','args':{'x':1}},'thoughtSignature':'c2ln'},
                 {'functionCall':{'id':'own','name':'look'}}]},
              {'role':'user','parts':[{'functionResponse':{'name':'look','response':{'output':'a cat'}}},
                 {'functionResponse':{'id':'own','name':'look','response':{'error':'failed'}}},{'text':'Go on'}]}],
             'tools':[{'functionDeclarations':[{'name':'look','description':'Looks','parameters':{'type':'OBJECT',
                 'properties':{'x':{'type':'INTEGER','nullable':true,'format':'int32'},'l':{'type':'ARRAY','items':{'type':'STRING'},'minItems':'2'}},
                 'required':['x'],'propertyOrdering':['x','l']}}]}],
             'toolConfig':{'functionCallingConfig':{'mode':'ANY','allowedFunctionNames':['look']}},
             'generationConfig':{'temperature':0.5,'topP':0.9,'topK':40.0,'seed':7,'stopSequences':['END'],'candidateCount':1,
                 'maxOutputTokens':'2048','presencePenalty':0.1,'frequencyPenalty':0.2,'responseMimeType':'application/json',
                 'responseSchema':{'type':'OBJECT','properties':{'n':{'type':'NUMBER'}}},
                 'thinkingConfig':{'thinkingBudget':4096,'includeThoughts':true},'mediaResolution':'MEDIA_RESOLUTION_LOW'},
             'safetySettings':[{'category':'HARM_CATEGORY_HARASSMENT','threshold':'BLOCK_NONE'}],'unknown':1}""";

    static final String STREAM = """
            data: {"candidates":[{"content":{"parts":[{"text":"Think","thought":true}],"role":"model"},"index":0}],"usageMetadata":{"promptTokenCount":25,"totalTokenCount":25},"modelVersion":"gemini-3-pro","responseId":"r/1+"}

            data: {"candidates":[{"content":{"parts":[{"text":"Let me look \\u00e9"}],"role":"model"},"index":0}],"modelVersion":"gemini-3-pro","responseId":"r/1+"}

            data: {"candidates":[{"content":{"parts":[{"functionCall":{"name":"look","args":{"x":1}},"thoughtSignature":"c2ln"},{"functionCall":{"name":"idle"}},{"executableCode":{"code":"1"}}],"role":"model"},"finishReason":"STOP","index":0}],"usageMetadata":{"promptTokenCount":25,"candidatesTokenCount":60,"thoughtsTokenCount":29,"cachedContentTokenCount":5,"totalTokenCount":114},"modelVersion":"gemini-3-pro","responseId":"r/1+"}

            """.replace("\n", "\r\n");

    static final List<ChatEvent> EVENTS = List.of(
            new ChatEvent.Started("r/1+", "gemini-3-pro"),
            new ChatEvent.ReasoningDelta(0, "Think"),
            new ChatEvent.UsageReported(TokenUsage.of(25, 0)),
            new ChatEvent.TextDelta(1, "Let me look é"),
            new ChatEvent.ReasoningSignature(2, "gemini:call:c2ln"),
            new ChatEvent.ToolCallStarted(3, "call_r1_0", "look"),
            new ChatEvent.ToolCallArguments(3, "{\"x\":1}"),
            new ChatEvent.ToolCallStarted(4, "call_r1_1", "idle"),
            new ChatEvent.ToolCallArguments(4, "{}"),
            new ChatEvent.UsageReported(new TokenUsage(25, 89, 5, 0, 29, 0, 0)),
            new ChatEvent.Finished(FinishReason.TOOL_CALLS));

    @Test
    void readsARequestAndNamesWhatItDrops() {
        RequestReading.Read read = read(client, REQUEST);
        ChatRequest request = read.request();
        assertThat(request.model()).isEqualTo("gemini-3-pro");
        assertThat(request.stream()).isTrue();
        assertThat(request.system()).containsExactly("Be brief.", "Really.");
        assertThat(request.messages())
                .containsExactly(
                        new ChatMessage(
                                ChatMessage.Role.USER,
                                List.of(
                                        new ContentPart.Text("See"),
                                        new ContentPart.Image(new ContentPart.Source.Base64("image/png", "iV+/"), null),
                                        new ContentPart.Image(
                                                new ContentPart.Source.Url("https://example.org/a.jpg"), null))),
                        new ChatMessage(
                                ChatMessage.Role.ASSISTANT,
                                List.of(
                                        new ContentPart.Reasoning("hm", "gemini:call:c2ln", null),
                                        new ContentPart.ToolUse("call_0", "look", "{\"x\":1}"),
                                        new ContentPart.ToolUse("own", "look", ""))),
                        new ChatMessage(
                                ChatMessage.Role.USER,
                                List.of(
                                        new ContentPart.ToolResult(
                                                "call_0", List.of(new ContentPart.Text("a cat")), false),
                                        new ContentPart.ToolResult(
                                                "own", List.of(new ContentPart.Text("failed")), true),
                                        new ContentPart.Text("Go on"))));
        assertThat(tree(request.tools().getFirst().parameters().toString())).isEqualTo(tree("""
                {'type':'object','properties':{'x':{'type':['integer','null'],'format':'int32'},
                  'l':{'type':'array','items':{'type':'string'},'minItems':2}},'required':['x']}"""));
        assertThat(request.toolChoice()).isEqualTo(new ToolChoice.Named("look"));
        assertThat(request.sampling()).isEqualTo(new Sampling(0.5, 0.9, 40L, 0.2, 0.1, 7L));
        assertThat(request.stop()).containsExactly("END");
        assertThat(request.maxOutputTokens()).isEqualTo(2048);
        assertThat(request.responseFormat())
                .isEqualTo(new ResponseFormat.JsonSchema(
                        "response", null, tree("{'type':'object','properties':{'n':{'type':'number'}}}"), null));
        assertThat(request.reasoning()).isEqualTo(new ReasoningRequest(null, 4096L, ReasoningRequest.Mode.ENABLED));
        assertThat(read.dropped())
                .containsExactlyInAnyOrder(
                        "tools[].functionDeclarations[].parameters.propertyOrdering",
                        "generationConfig.mediaResolution",
                        "safetySettings",
                        "unknown");
    }

    @Test
    void readsTheOriginalFieldNamesOfTheProtocolBufferToo() {
        ChatRequest request = read(client, """
                        {'system_instruction':{'parts':{'text':'Be brief.'}},
                         'contents':{'parts':{'inline_data':{'mime_type':'image/png','data':'AAAA'}}},
                         'generation_config':{'max_output_tokens':9,'stop_sequences':['x'],'thinking_config':{'thinking_level':'HIGH'}},
                         'tool_config':{'function_calling_config':{'mode':'NONE'}}}""").request();
        assertThat(request.system()).containsExactly("Be brief.");
        assertThat(request.messages().getFirst().content())
                .containsExactly(new ContentPart.Image(new ContentPart.Source.Base64("image/png", "AAAA"), null));
        assertThat(request.maxOutputTokens()).isEqualTo(9);
        assertThat(request.stop()).containsExactly("x");
        assertThat(request.toolChoice()).isEqualTo(new ToolChoice.None());
        assertThat(request.reasoning()).isEqualTo(new ReasoningRequest(ReasoningRequest.Effort.HIGH, null, null));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "{'contents':[]}|invalid_request|contents",
                "{'contents':'hi'}|invalid_request|contents",
                "{'contents':[{'parts':[{'text':1}]}]}|invalid_request|contents[0].parts[0].text",
                "{'contents':[{'role':'system','parts':[{'text':'x'}]}]}|invalid_request|contents[0].role",
                "{'contents':[{'parts':[{}]}]}|unsupported_parameter|contents[0].parts[0]",
                "{'contents':[{'parts':[{'inlineData':{'mimeType':'video/mp4','data':'AA'}}]}]}|unsupported_parameter|contents[0].parts[0].inlineData.mimeType",
                "{'contents':[{'parts':[{'fileData':{'fileUri':'https://generativelanguage.googleapis.com/v1beta/files/a'}}]}]}|unsupported_parameter|contents[0].parts[0].fileData.fileUri",
                "{'contents':[{'parts':[{'functionResponse':{'name':'f','response':{}}}]}]}|invalid_request|contents[0].parts[0].functionResponse.name",
                "{'contents':[{'parts':[{'functionCall':{'name':'f','args':[1]}}]}]}|invalid_request|contents[0].parts[0].functionCall.args",
                "{'contents':[{'parts':[{'text':'x'}]}],'cachedContent':'c'}|unsupported_parameter|cachedContent",
                "{'contents':[{'parts':[{'text':'x'}]}],'tools':[{'googleSearch':{}}]}|unsupported_parameter|tools[0]",
                "{'contents':[{'parts':[{'text':'x'}]}],'generationConfig':{'candidateCount':2}}|unsupported_parameter|generationConfig.candidateCount",
                "{'contents':[{'parts':[{'text':'x'}]}],'generationConfig':{'responseModalities':['AUDIO']}}|unsupported_parameter|generationConfig.responseModalities",
                "{'contents':[{'parts':[{'text':'x'}]}],'generationConfig':{'responseMimeType':'text/x.enum'}}|unsupported_parameter|generationConfig.responseMimeType",
                "{'contents':[{'parts':[{'text':'x'}]}],'generationConfig':{'responseSchema':{}}}|invalid_request|generationConfig.responseMimeType",
                "{'contents':[{'parts':[{'text':'x'}]}],'generationConfig':{'topK':1.5}}|invalid_request|generationConfig.topK",
                "{'contents':[{'parts':[{'text':'x'}]}],'generationConfig':{'maxOutputTokens':1,'max_output_tokens':2}}|invalid_request|generationConfig.maxOutputTokens",
                "{'contents':[{'parts':[{'text':'x'}]}],'generationConfig':{'thinkingConfig':{'thinkingBudget':-2}}}|invalid_request|generationConfig.thinkingConfig.thinkingBudget",
                "{'contents':[{'parts':[{'text':'x'}]}],'toolConfig':{'functionCallingConfig':{'mode':'SOME'}}}|invalid_request|toolConfig.functionCallingConfig.mode",
                "[]|invalid_request|\"\""
            })
    void refusesWithTheFieldThatIsAtFault(String body, String code, String param) {
        Refusal refusal = refused(client, body);
        assertThat(refusal.code()).isEqualTo(code);
        assertThat(refusal.param()).isEqualTo(param);
        assertThat(refusal.status()).isEqualTo(400);
    }

    @Test
    void refusesADocumentThatIsTooDeep() {
        String deep = "{'contents':[{'parts':[{'functionCall':{'name':'f','args':{'a':" + "[".repeat(80)
                + "]".repeat(80) + "}}}]}]}";
        assertThat(refused(client, deep).code()).isEqualTo("json_too_complex");
    }

    @Test
    void writesWhatItReads() {
        RequestWriting.Written sent = written(provider, read(client, REQUEST).request());
        assertThat(tree(sent.body())).isEqualTo(tree("""
                {'contents':[
                  {'role':'user','parts':[{'text':'See'},{'inlineData':{'mimeType':'image/png','data':'iV+/'}},
                     {'fileData':{'mimeType':'image/jpeg','fileUri':'https://example.org/a.jpg'}}]},
                  {'role':'model','parts':[
                     {'functionCall':{'id':'call_0','name':'look','args':{'x':1}},'thoughtSignature':'c2ln'},
                     {'functionCall':{'id':'own','name':'look','args':{}}}]},
                  {'role':'user','parts':[
                     {'functionResponse':{'id':'call_0','name':'look','response':{'output':'a cat'}}},
                     {'functionResponse':{'id':'own','name':'look','response':{'error':'failed'}}},{'text':'Go on'}]}],
                 'systemInstruction':{'parts':[{'text':'Be brief.'},{'text':'Really.'}]},
                 'tools':[{'functionDeclarations':[{'name':'look','description':'Looks','parametersJsonSchema':{'type':'object',
                     'properties':{'x':{'type':['integer','null'],'format':'int32'},'l':{'type':'array','items':{'type':'string'},'minItems':2}},
                     'required':['x']}}]}],
                 'toolConfig':{'functionCallingConfig':{'mode':'ANY','allowedFunctionNames':['look']}},
                 'generationConfig':{'temperature':0.5,'topP':0.9,'topK':40,'frequencyPenalty':0.2,'presencePenalty':0.1,'seed':7,
                     'stopSequences':['END'],'maxOutputTokens':2048,'responseMimeType':'application/json',
                     'responseJsonSchema':{'type':'object','properties':{'n':{'type':'number'}}},
                     'thinkingConfig':{'thinkingBudget':4096,'includeThoughts':true}}}"""));
    }

    @Test
    void writesAnOpenAiRequestAndNamesWhatItDrops() {
        ChatRequest request = read(new OpenAiChat(), """
                        {'model':'gemini-3-pro','messages':[{'role':'user','content':'Hi'},{'role':'system','content':'Later.'},
                          {'role':'assistant','tool_calls':[{'id':'a','type':'function','function':{'name':'f','arguments':'{}'}}]},
                          {'role':'tool','tool_call_id':'a','content':'42'}],
                         'tools':[{'type':'function','function':{'name':'f','strict':true}}],'tool_choice':'required',
                         'parallel_tool_calls':false,'seed':3000000000,'user':'u','metadata':{'k':'v'},
                         'reasoning_effort':'medium','response_format':{'type':'json_object'}}""").request();
        RequestWriting.Written sent = written(provider, request);
        assertThat(tree(sent.body())).isEqualTo(tree("""
                {'contents':[{'role':'user','parts':[{'text':'Hi'}]},
                  {'role':'model','parts':[{'functionCall':{'id':'a','name':'f','args':{}}}]},
                  {'role':'user','parts':[{'functionResponse':{'id':'a','name':'f','response':{'output':'42'}}}]}],
                 'systemInstruction':{'parts':[{'text':'Later.'}]},
                 'tools':[{'functionDeclarations':[{'name':'f','parametersJsonSchema':{'type':'object','properties':{}}}]}],
                 'toolConfig':{'functionCallingConfig':{'mode':'ANY'}},
                 'generationConfig':{'responseMimeType':'application/json',
                    'thinkingConfig':{'thinkingBudget':8192,'includeThoughts':true}}}"""));
        assertThat(sent.dropped())
                .containsExactlyInAnyOrder(
                        "messages[].position", "tools[].strict", "parallel_tool_calls", "seed", "user", "metadata");
    }

    @ParameterizedTest
    @CsvSource({"gemini-x/../y", "''", "-x", "a%2Fb", "gemini:é"})
    void refusesANameThatCannotStandInAPath(String model) {
        ChatRequest request = ChatRequest.ofPrompt(model, "x", Sampling.DEFAULTS, null);
        assertThat(provider.write(request))
                .isInstanceOfSatisfying(
                        RequestWriting.Refused.class,
                        refused -> assertThat(refused.refusal().param()).isEqualTo("model"));
    }

    @Test
    void refusesAResultWithoutItsCall() {
        ChatRequest request = read(new OpenAiChat(), """
                {'model':'g','messages':[{'role':'tool','tool_call_id':'a','content':'42'}]}""").request();
        assertThat(provider.write(request)).isInstanceOf(RequestWriting.Refused.class);
    }

    @Test
    void decodesAStreamCutAtEveryByte() {
        byte[] stream = STREAM.getBytes(UTF_8);
        for (int cut = 0; cut <= stream.length; cut++) {
            List<ChatEvent> events = new ArrayList<>();
            StreamDecoder decoder = provider.startDecoding();
            decoder.feed(stream, 0, cut, events::add);
            decoder.feed(stream, cut, stream.length - cut, events::add);
            decoder.end(events::add);
            assertThat(events).as("cut at %d", cut).isEqualTo(EVENTS);
            assertThat(decoder.complete()).isTrue();
        }
    }

    @Test
    void aStreamThatEndsBeforeItsReasonIsCut() {
        byte[] stream = STREAM.getBytes(UTF_8);
        int last = STREAM.lastIndexOf("data: ");
        int lastInBytes = STREAM.substring(0, last).getBytes(UTF_8).length;
        for (int length = 0; length < stream.length - 2; length++) {
            List<ChatEvent> events = new ArrayList<>();
            StreamDecoder decoder = provider.startDecoding();
            decoder.feed(stream, 0, length, events::add);
            decoder.end(events::add);
            assertThat(failure(events).code())
                    .as("%d of %d", length, lastInBytes)
                    .isEqualTo("provider_stream_cut");
            assertThat(decoder.complete()).isFalse();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "MAX_TOKENS, LENGTH",
        "SAFETY, CONTENT_FILTER",
        "RECITATION, CONTENT_FILTER",
        "OTHER, CONTENT_FILTER",
        "STOP, STOP"
    })
    void readsWhyAnAnswerEnded(String wire, FinishReason reason) {
        Answer answer = Answer.of(provider.decodeReply(
                json("{'candidates':[{'content':{'parts':[{'text':'a'}]},'finishReason':'" + wire + "'}]}")));
        assertThat(answer.finish()).isEqualTo(reason);
        assertThat(answer.text()).isEqualTo("a");
    }

    @Test
    void aBlockedPromptIsAFilteredAnswer() {
        Answer answer = Answer.of(
                provider.decodeReply(
                        json(
                                "{'promptFeedback':{'blockReason':'SAFETY'},'usageMetadata':{'promptTokenCount':4,'totalTokenCount':4}}")));
        assertThat(answer.finish()).isEqualTo(FinishReason.CONTENT_FILTER);
        assertThat(answer.usage()).isEqualTo(TokenUsage.of(4, 0));
    }

    @Test
    void anUnusableAnswerIsAFailureThatKeepsItsUsage() {
        List<ChatEvent> events = provider.decodeReply(
                json(
                        "{'candidates':[{'finishReason':'MALFORMED_FUNCTION_CALL'}],'usageMetadata':{'promptTokenCount':4,'candidatesTokenCount':1}}"));
        assertThat(failure(events).code()).isEqualTo("MALFORMED_FUNCTION_CALL");
        assertThat(events).contains(new ChatEvent.UsageReported(TokenUsage.of(4, 1)));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "{'candidates':[]}|provider_protocol_error",
                "oops|provider_protocol_error",
                "[]|provider_protocol_error",
                "{'error':{'code':429,'message':'slow','status':'RESOURCE_EXHAUSTED'}}|RESOURCE_EXHAUSTED"
            })
    void whatIsNoReplyIsASingleFailure(String body, String code) {
        List<ChatEvent> events = provider.decodeReply(json(body));
        assertThat(events).hasSize(1);
        assertThat(failure(events).code()).isEqualTo(code);
    }

    @Test
    void anUnknownKeyIsTheGatewaysFault() {
        ProviderError error = provider.decodeError(400, json("""
                {'error':{'code':400,'message':'API key not valid.','status':'INVALID_ARGUMENT',
                 'details':[{'@type':'type.googleapis.com/google.rpc.ErrorInfo','reason':'API_KEY_INVALID'}]}}"""));
        assertThat(error.kind()).isEqualTo(ProviderError.Kind.AUTH);
        assertThat(error.surfaceStatus()).isEqualTo(502);
    }

    @Test
    void encodesAStreamWhoseCallsAreWhole() {
        List<JsonNode> frames = frames(encode(client, interleaved(), true));
        assertThat(frames.get(0).at("/candidates/0/content/parts")).isEqualTo(tree("[{'text':'hm','thought':true}]"));
        assertThat(frames.get(2).at("/candidates/0/content/parts")).isEqualTo(tree("[{'text':'Looking'}]"));
        JsonNode last = frames.getLast();
        assertThat(last).isEqualTo(tree("""
                {'candidates':[{'content':{'parts':[{'functionCall':{'id':'a','name':'f','args':{'x':1}}},
                    {'functionCall':{'id':'b','name':'g','args':{}}}],'role':'model'},'finishReason':'STOP','index':0}],
                 'usageMetadata':{'promptTokenCount':120,'candidatesTokenCount':24,'totalTokenCount':150,
                    'cachedContentTokenCount':100,'thoughtsTokenCount':6},'modelVersion':'alias','responseId':'m'}"""));
        assertThat(frames).hasSize(4);
        assertThat(new String(encode(client, interleaved(), true), UTF_8)).endsWith("}\r\n\r\n");
    }

    @Test
    void encodesAnArrayThatIsOneDocument() {
        JsonNode array = tree(encode(arrayClient, interleaved(), true));
        assertThat(array).hasSize(4);
        assertThat(array.get(3).at("/candidates/0/finishReason").asText()).isEqualTo("STOP");
        assertThat(arrayClient.startStream(terms(true)).contentType()).startsWith("application/json");
    }

    @Test
    void aFailureIsTheLastThingInEitherForm() {
        var failed = new ChatEvent.Failed(ProviderError.of(ProviderError.Kind.OUTAGE, "provider_stream_cut", "cut"));
        for (boolean array : List.of(false, true)) {
            StreamEncoder encoder = (array ? arrayClient : client).startStream(terms(true));
            var bytes = new java.io.ByteArrayOutputStream();
            bytes.writeBytes(encoder.encode(new ChatEvent.TextDelta(0, "a")));
            bytes.writeBytes(encoder.encode(failed));
            assertThat(encoder.encode(new ChatEvent.TextDelta(0, "b"))).isEmpty();
            assertThat(encoder.finish()).isEmpty();
            JsonNode last = array
                    ? tree(bytes.toByteArray()).get(1)
                    : frames(bytes.toByteArray()).getLast();
            assertThat(last.at("/error/code").asInt()).isEqualTo(502);
            assertThat(last.at("/error/status").asText()).isEqualTo("UNAVAILABLE");
            assertThat(last.at("/error/details/0/metadata/code").asText()).isEqualTo("provider_stream_cut");
        }
        assertThat(tree(arrayClient.startStream(terms(true)).encode(failed))).hasSize(1);
    }

    @Test
    void argumentsThatAreNoObjectStandUnderAKeyOfTheirOwn() {
        Answer answer = Answer.of(List.of(
                new ChatEvent.ToolCallStarted(0, "a", "f"),
                new ChatEvent.ToolCallArguments(0, "oops"),
                new ChatEvent.Finished(FinishReason.TOOL_CALLS)));
        assertThat(tree(client.reply(answer, terms(false))).at("/candidates/0/content/parts/0/functionCall/args"))
                .isEqualTo(tree("{'unparsed_arguments':'oops'}"));
    }

    @Test
    void moreArgumentsThanAreHeldAreAFailure() {
        StreamEncoder encoder = client.startStream(terms(true));
        encoder.encode(new ChatEvent.ToolCallStarted(0, "a", "f"));
        byte[] bytes =
                encoder.encode(new ChatEvent.ToolCallArguments(0, "x".repeat(GeminiStreamEncoder.WAITING_CHARS_MAX)));
        assertThat(frames(bytes).getLast().at("/error/details/0/metadata/code").asText())
                .isEqualTo("provider_protocol_error");
    }

    @Test
    void errorsAreGoogleRpcStatuses() {
        JsonNode error = tree(
                client.refusal(Refusal.invalid("contents[0]", "bad"), "req-1").body());
        assertThat(error).isEqualTo(tree("""
                {'error':{'code':400,'message':'bad','status':'INVALID_ARGUMENT','details':[
                  {'@type':'type.googleapis.com/google.rpc.ErrorInfo','reason':'INVALID_REQUEST','domain':'latticegate',
                   'metadata':{'code':'invalid_request','request_id':'req-1'}},
                  {'@type':'type.googleapis.com/google.rpc.BadRequest','fieldViolations':[{'field':'contents[0]','description':'bad'}]}]}}"""));
        assertThat(tree(client.error(ProviderError.ofStatus(429, "", "slow"), "r")
                                .body())
                        .at("/error/status")
                        .asText())
                .isEqualTo("RESOURCE_EXHAUSTED");
    }

    @Test
    void damagedDocumentsNeverThrow() {
        Mutations.run(3_000, List.of(json(REQUEST)), body -> {
            if (client.read(body) instanceof RequestReading.Read(ChatRequest request, List<String> _)) {
                provider.write(request);
            }
        });
        Mutations.run(3_000, List.of(STREAM.getBytes(UTF_8)), stream -> decode(provider, stream, 1));
        byte[] whole = STREAM.substring(STREAM.lastIndexOf("data: ") + 6).getBytes(UTF_8);
        Mutations.run(2_000, List.of(whole), provider::decodeReply);
    }

    private static List<ChatEvent> interleaved() {
        return List.of(
                new ChatEvent.Started("m", "claude"),
                new ChatEvent.ReasoningDelta(0, "hm"),
                new ChatEvent.ReasoningSignature(0, "c2ln"),
                new ChatEvent.TextDelta(1, "Looking"),
                new ChatEvent.ToolCallStarted(2, "a", "f"),
                new ChatEvent.ToolCallStarted(3, "b", "g"),
                new ChatEvent.ToolCallArguments(2, "{\"x\":"),
                new ChatEvent.ToolCallArguments(2, "1}"),
                new ChatEvent.Finished(FinishReason.TOOL_CALLS),
                new ChatEvent.UsageReported(new TokenUsage(120, 30, 100, 10, 6, 0, 0)));
    }
}
