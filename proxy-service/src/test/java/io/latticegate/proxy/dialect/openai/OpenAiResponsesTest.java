package io.latticegate.proxy.dialect.openai;

import static io.latticegate.proxy.dialect.Wire.json;
import static io.latticegate.proxy.dialect.Wire.read;
import static io.latticegate.proxy.dialect.Wire.refused;
import static io.latticegate.proxy.dialect.Wire.tree;
import static io.latticegate.proxy.dialect.Wire.written;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.latticegate.proxy.chat.Answer;
import io.latticegate.proxy.chat.ChatMessage;
import io.latticegate.proxy.chat.ChatRequest;
import io.latticegate.proxy.chat.ContentPart;
import io.latticegate.proxy.chat.FinishReason;
import io.latticegate.proxy.chat.ProviderError;
import io.latticegate.proxy.chat.ReasoningRequest;
import io.latticegate.proxy.chat.ResponseFormat;
import io.latticegate.proxy.chat.TokenUsage;
import io.latticegate.proxy.chat.ToolChoice;
import io.latticegate.proxy.dialect.AnswerTerms;
import io.latticegate.proxy.dialect.Mutations;
import io.latticegate.proxy.dialect.Refusal;
import io.latticegate.proxy.dialect.RequestReading;
import io.latticegate.proxy.dialect.Wire;
import io.latticegate.proxy.dialect.anthropic.AnthropicMessages;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OpenAiResponsesTest {

    static final String REQUEST = """
            {'model':'alias','instructions':'Be brief.','input':[
              {'type':'message','role':'developer','content':'Use tools.'},
              {'role':'user','content':[
                 {'type':'input_text','text':'What is this?'},
                 {'type':'input_image','image_url':'data:image/png;base64,iVBORw0K','detail':'low'},
                 {'type':'input_image','image_url':'https://example.org/a.jpg'}]},
              {'type':'reasoning','id':'rs_1','summary':[{'type':'summary_text','text':'hm'}],'encrypted_content':
                 'lgr1.eyJ0aGlua2luZyI6Imh1bSIsInNpZ25hdHVyZSI6InMxIn0'},
              {'type':'message','id':'msg_1','role':'assistant','status':'completed','content':[
                 {'type':'output_text','text':'I look','annotations':[],'logprobs':[]}]},
              {'type':'function_call','id':'fc_1','call_id':'call_1','name':'look','arguments':'{\\'x\\':1}','status':'completed'},
              {'type':'function_call','call_id':'call_2','name':'look','arguments':''},
              {'type':'function_call_output','call_id':'call_1','output':'a cat'},
              {'type':'function_call_output','call_id':'call_2','output':[{'type':'input_text','text':'a dog'}]},
              {'role':'user','content':'Thanks'}],
             'tools':[{'type':'function','name':'look','description':'Looks','strict':true,
                 'parameters':{'type':'object','properties':{'x':{'type':'integer'}}}},
                 {'type':'function','name':'idle'}],
             'tool_choice':'auto','parallel_tool_calls':false,'temperature':0.7,'top_p':0.9,
             'max_output_tokens':300,'stream':true,'store':false,'background':false,'truncation':'disabled',
             'include':['reasoning.encrypted_content'],'reasoning':{'effort':'high','summary':'auto'},
             'safety_identifier':'u-1','metadata':{'k':'v'},
             'text':{'format':{'type':'json_schema','name':'out','strict':true,
                 'schema':{'type':'object','properties':{'a':{'type':'string'}}}}}}""";

    private static final List<ContentPart> PARTS = List.of(
            new ContentPart.Reasoning("hum", "s1", null),
            new ContentPart.Text("I look"),
            new ContentPart.ToolUse("call_1", "look", "{\"x\":1}"),
            new ContentPart.ToolUse("call_2", "look", ""));

    private final OpenAiResponses dialect = new OpenAiResponses();

    private static String asking(String more) {
        return "{'model':'m','input':'hi'" + more + "}";
    }

    private static String item(String item) {
        return "{'model':'m','input':[{'role':'user','content':'hi'}," + item + "]}";
    }

    @Test
    void readsEveryFieldThatCanBeCarried() {
        RequestReading.Read read = read(dialect, REQUEST);
        ChatRequest request = read.request();
        assertThat(read.dropped()).isEmpty();
        assertThat(request.model()).isEqualTo("alias");
        assertThat(request.system()).containsExactly("Be brief.", "Use tools.");
        assertThat(request.messages())
                .containsExactly(
                        new ChatMessage(
                                ChatMessage.Role.USER,
                                List.of(
                                        new ContentPart.Text("What is this?"),
                                        new ContentPart.Image(
                                                new ContentPart.Source.Base64("image/png", "iVBORw0K"), "low"),
                                        new ContentPart.Image(
                                                new ContentPart.Source.Url("https://example.org/a.jpg"), null))),
                        new ChatMessage(ChatMessage.Role.ASSISTANT, PARTS),
                        new ChatMessage(
                                ChatMessage.Role.USER,
                                List.of(
                                        new ContentPart.ToolResult(
                                                "call_1", List.of(new ContentPart.Text("a cat")), false),
                                        new ContentPart.ToolResult(
                                                "call_2", List.of(new ContentPart.Text("a dog")), false))),
                        new ChatMessage(ChatMessage.Role.USER, List.of(new ContentPart.Text("Thanks"))));
        assertThat(request.tools()).hasSize(2);
        assertThat(request.tools().getFirst().strict()).isTrue();
        assertThat(request.tools().getLast().parameters()).isEqualTo(tree("{'type':'object','properties':{}}"));
        assertThat(request.toolChoice()).isEqualTo(new ToolChoice.Auto());
        assertThat(request.parallelToolCalls()).isFalse();
        assertThat(request.sampling().temperature()).isEqualTo(0.7);
        assertThat(request.sampling().topP()).isEqualTo(0.9);
        assertThat(request.maxOutputTokens()).isEqualTo(300);
        assertThat(request.stream()).isTrue();
        assertThat(request.reasoning())
                .isEqualTo(new ReasoningRequest(ReasoningRequest.Effort.HIGH, null, ReasoningRequest.Mode.ADAPTIVE));
        assertThat(request.user()).isEqualTo("u-1");
        assertThat(request.metadata()).isEqualTo(Map.of("k", "v"));
        assertThat(request.responseFormat())
                .isEqualTo(new ResponseFormat.JsonSchema(
                        "out", null, tree("{'type':'object','properties':{'a':{'type':'string'}}}"), true));
    }

    @Test
    void readsABareStringAsTheUsersMessage() {
        ChatRequest request = read(dialect, asking("")).request();
        assertThat(request.messages())
                .containsExactly(new ChatMessage(ChatMessage.Role.USER, List.of(new ContentPart.Text("hi"))));
        assertThat(request.system()).isEmpty();
        assertThat(request.stream()).isFalse();
        assertThat(request.reasoning()).isNull();
    }

    @Test
    void leavesOfTheToolsThoseThatAreAllowed() {
        ChatRequest request = read(
                        dialect,
                        asking(
                                ",'tools':[{'type':'function','name':'a'},{'type':'function','name':'b'}],'tool_choice':"
                                        + "{'type':'allowed_tools','mode':'required','tools':[{'type':'function','name':'b'}]}"))
                .request();
        assertThat(request.tools()).extracting(tool -> tool.name()).containsExactly("b");
        assertThat(request.toolChoice()).isEqualTo(new ToolChoice.Required());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                ",'previous_response_id':'resp_1' | previous_response_id",
                ",'conversation':'conv_1' | conversation",
                ",'prompt':{'id':'pmpt_1'} | prompt",
                ",'store':true | store",
                ",'background':true | background",
                ",'moderation':{} | moderation",
                ",'top_logprobs':2 | top_logprobs",
                ",'include':['file_search_call.results'] | include",
                ",'tools':[{'type':'web_search'}] | tools[0].type",
                ",'tools':[{'type':'custom','name':'x'}] | tools[0].type",
                ",'tools':[{'type':'mcp','server_url':'http://x'}] | tools[0].type",
                ",'tool_choice':{'type':'web_search'} | tool_choice",
            })
    void refusesWhatOnlyOpenAiCanDoAndNamesIt(String more, String parameter) {
        Refusal refusal = refused(dialect, asking(more));
        assertThat(refusal.status()).isEqualTo(400);
        assertThat(refusal.code()).isEqualTo("unsupported_parameter");
        assertThat(refusal.param()).isEqualTo(parameter);
        assertThat(refusal.message()).contains(parameter);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'type':'item_reference','id':'msg_1'} | input[1].type",
                "{'id':'msg_1'} | input[1].type",
                "{'type':'web_search_call','id':'ws_1'} | input[1].type",
                "{'type':'computer_call_output','call_id':'c'} | input[1].type",
                "{'role':'user','content':[{'type':'input_file','file_id':'f'}]} | input[1].content[0].file_id",
                "{'role':'user','content':[{'type':'input_audio'}]} | input[1].content[0].type",
                "{'role':'user','content':[{'type':'input_image','file_id':'f'}]} | input[1].content[0].file_id",
            })
    void refusesItemsThatCannotBeCarriedAndNamesThem(String item, String parameter) {
        Refusal refusal = refused(dialect, item(item));
        assertThat(refusal.code()).isEqualTo("unsupported_parameter");
        assertThat(refusal.param()).isEqualTo(parameter);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'input':'hi'} | model",
                "{'model':7,'input':'hi'} | model",
                "{'model':'m'} | input",
                "{'model':'m','input':[]} | input",
                "{'model':'m','input':{}} | input",
                "{'model':'m','input':7} | input",
                "{'model':'m','input':['hi']} | input[0]",
                "{'model':'m','input':[{'role':'user'}]} | input[0].content",
                "{'model':'m','input':[{'role':'user','content':7}]} | input[0].content",
                "{'model':'m','input':[{'role':'tool','content':'x'}]} | input[0].role",
                "{'model':'m','input':[{'role':'user','content':[{'type':'input_text'}]}]} | input[0].content[0].text",
                "{'model':'m','input':[{'role':'user','content':[{'type':'input_image','image_url':'file:///etc/passwd'}]}]}"
                        + " | input[0].content[0].image_url",
                "{'model':'m','input':[{'type':'function_call','name':'f'}]} | input[0].call_id",
                "{'model':'m','input':[{'type':'function_call_output','call_id':'c'}]} | input[0].output",
                "{'model':'m','input':'hi','tools':{}} | tools",
                "{'model':'m','input':'hi','tools':[{'type':'function'}]} | tools[0].name",
                "{'model':'m','input':'hi','tools':[{'type':'function','name':'f','parameters':[]}]} | tools[0].parameters",
                "{'model':'m','input':'hi','max_output_tokens':-1} | max_output_tokens",
                "{'model':'m','input':'hi','max_output_tokens':1.5} | max_output_tokens",
                "{'model':'m','input':'hi','temperature':'hot'} | temperature",
                "{'model':'m','input':'hi','stream':1} | stream",
                "{'model':'m','input':'hi','reasoning':{'effort':'huge'}} | reasoning.effort",
                "{'model':'m','input':'hi','reasoning':{'summary':'all'}} | reasoning.summary",
                "{'model':'m','input':'hi','truncation':'some'} | truncation",
                "{'model':'m','input':'hi','metadata':{'k':1}} | metadata",
                "{'model':'m','input':'hi','metadata':[]} | metadata",
                "{'model':'m','input':'hi','text':{'format':{'type':'xml'}}} | text.format.type",
                "{'model':'m','input':'hi','text':{'format':{'type':'json_schema','name':'n'}}} | text.format.schema",
                "{'model':'m','input':'hi','tool_choice':'maybe'} | tool_choice",
                "[] | ''",
            })
    void refusesWhatIsMalformedAndNamesThePlace(String body, String parameter) {
        Refusal refusal = refused(dialect, body);
        assertThat(refusal.status()).isEqualTo(400);
        assertThat(refusal.param() == null ? "" : refusal.param()).isEqualTo(parameter);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{",
                "{'model':'m','model':'n','input':'hi'}",
                "{'model':'m','input':'hi'} {}",
                "\uFEFF{'model':'m','input':'hi'}"
            })
    void refusesWhatTwoReadersCouldUnderstandDifferently(String body) {
        assertThat(refused(dialect, body).status()).isEqualTo(400);
    }

    @Test
    void boundsMetadataAsTheReferenceDoes() {
        var labels = new StringBuilder("'k0':'v'");
        for (int i = 1; i < 16; i++) {
            labels.append(",'k").append(i).append("':'v'");
        }
        assertThat(read(dialect, asking(",'metadata':{" + labels + "}"))
                        .request()
                        .metadata())
                .hasSize(16);
        for (String beyond :
                List.of(labels + ",'k16':'v'", "'" + "k".repeat(65) + "':'v'", "'k':'" + "v".repeat(513) + "'")) {
            assertThat(refused(dialect, asking(",'metadata':{" + beyond + "}")).param())
                    .isEqualTo("metadata");
        }
    }

    @Test
    void reportsWhatItLeavesOut() {
        RequestReading.Read read = read(dialect, asking("""
                ,'service_tier':'flex','prompt_cache_key':'k',
                 'max_tool_calls':3,'truncation':'auto','text':{'verbosity':'low'},'x_unknown':1,
                 'stream_options':{'include_obfuscation':true}"""));
        assertThat(read.dropped())
                .containsExactlyInAnyOrder(
                        "service_tier",
                        "prompt_cache_key",
                        "max_tool_calls",
                        "truncation",
                        "text.verbosity",
                        "x_unknown",
                        "stream_options.include_obfuscation");
    }

    @Test
    void reportsReasoningThatAnotherProviderEncrypted() {
        RequestReading.Read read = read(
                dialect,
                item("{'type':'reasoning','summary':[],'encrypted_content':'gAAAAABforeign'},{'role':'user',"
                        + "'content':'go'}"));
        assertThat(read.dropped()).containsExactly("input[].encrypted_content");
        assertThat(read.request().messages()).hasSize(2);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"lgr1.", "lgr1.!!", "lgr1.e30", "lgr1.W10", "lgr1.bm8", "lgr1.eyJ0aGlua2luZyI6MX0", "x", ""})
    void opensOnlyReasoningThatItSealed(String sealed) {
        assertThat(CarriedReasoning.open(sealed)).isNull();
    }

    @Test
    void opensTheReasoningThatItSealed() {
        assertThat(CarriedReasoning.open(String.valueOf(CarriedReasoning.seal("thöught\n😀", "sig", null))))
                .isEqualTo(new ContentPart.Reasoning("thöught\n😀", "sig", null));
        assertThat(CarriedReasoning.open(String.valueOf(CarriedReasoning.seal("", null, "redacted"))))
                .isEqualTo(new ContentPart.Reasoning("", null, "redacted"));
        assertThat(CarriedReasoning.seal("unsigned", null, null)).isNull();
    }

    @Test
    void carriesARequestToAnthropic() {
        RequestReading.Read read = read(dialect, REQUEST);
        var sent = written(new AnthropicMessages(), read.request());
        assertThat(tree(sent.body())).isEqualTo(tree("""
                {'model':'alias','max_tokens':300,'system':'Be brief.\\n\\nUse tools.','messages':[
                  {'role':'user','content':[{'type':'text','text':'What is this?'},
                     {'type':'image','source':{'type':'base64','media_type':'image/png','data':'iVBORw0K'}},
                     {'type':'image','source':{'type':'url','url':'https://example.org/a.jpg'}}]},
                  {'role':'assistant','content':[{'type':'thinking','thinking':'hum','signature':'s1'},
                     {'type':'text','text':'I look'},
                     {'type':'tool_use','id':'call_1','name':'look','input':{'x':1}},
                     {'type':'tool_use','id':'call_2','name':'look','input':{}}]},
                  {'role':'user','content':[{'type':'tool_result','tool_use_id':'call_1','content':'a cat'},
                     {'type':'tool_result','tool_use_id':'call_2','content':'a dog'},
                     {'type':'text','text':'Thanks'}]}],
                 'tools':[{'name':'look','description':'Looks','strict':true,
                     'input_schema':{'type':'object','properties':{'x':{'type':'integer'}}}},
                     {'name':'idle','input_schema':{'type':'object','properties':{}}}],
                 'tool_choice':{'type':'auto','disable_parallel_tool_use':true},
                 'stream':true,'metadata':{'user_id':'u-1'},
                 'thinking':{'type':'adaptive'},
                 'output_config':{'effort':'high','format':{'type':'json_schema',
                     'schema':{'type':'object','properties':{'a':{'type':'string'}}}}}}"""));
        assertThat(sent.dropped())
                .containsExactlyInAnyOrder("metadata", "messages[].content[].image_url.detail", "temperature", "top_p");
    }

    @ParameterizedTest
    @CsvSource({
        "messages, input",
        "messages[3].tool_calls, input[].tool_calls",
        "messages[].position, input[].position",
        "response_format, text.format",
        "temperature, temperature"
    })
    void callsTheChatModelsFieldsByItsOwnNames(String chatField, String own) {
        assertThat(dialect.fieldOf(chatField)).isEqualTo(own);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "`required` | reasoning.summary",
                "{`type`:`function`,`name`:`f`} | reasoning.summary",
                "`auto` | ''",
                "`none` | ''"
            })
    void noModelReasonsBeforeACallThatIsForced(String choice, String dropped) {
        RequestReading.Read read = read(
                dialect,
                asking(",'tools':[{'type':'function','name':'f'}],'reasoning':{'effort':'low','summary':'auto'},"
                        + "'tool_choice':" + choice.replace("`", "'")));
        assertThat(String.join(",", read.dropped())).isEqualTo(dropped);
        assertThat(read.request().reasoning())
                .isEqualTo(new ReasoningRequest(
                        ReasoningRequest.Effort.LOW, null, dropped.isEmpty() ? ReasoningRequest.Mode.ADAPTIVE : null));
    }

    @Test
    void answersWithItemsStateUsageAndTheRequestsSettings() {
        ChatRequest request = read(dialect, REQUEST).request();
        Answer answer =
                new Answer("id", "m", PARTS, FinishReason.TOOL_CALLS, null, new TokenUsage(20, 9, 4, 3, 5, 0, 0), null);
        JsonNode response =
                tree(dialect.reply(answer, new AnswerTerms("req_7", "alias", 1_760_000_000L, true, request)));
        assertThat(response).isEqualTo(tree("""
                {'id':'resp_7','object':'response','created_at':1760000000,'status':'completed','background':false,
                 'error':null,'incomplete_details':null,'model':'alias','output':[
                  {'id':'rs_7_0','type':'reasoning','summary':[{'type':'summary_text','text':'hum'}],
                   'encrypted_content':'lgr1.eyJ0aGlua2luZyI6Imh1bSIsInNpZ25hdHVyZSI6InMxIn0'},
                  {'id':'msg_7_1','type':'message','status':'completed','role':'assistant','content':[
                    {'type':'output_text','text':'I look','annotations':[],'logprobs':[]}]},
                  {'id':'fc_7_2','type':'function_call','status':'completed','call_id':'call_1','name':'look',
                   'arguments':'{\\'x\\':1}'},
                  {'id':'fc_7_3','type':'function_call','status':'completed','call_id':'call_2','name':'look',
                   'arguments':'{}'}],
                 'previous_response_id':null,'store':false,'truncation':'disabled',
                 'usage':{'input_tokens':20,'input_tokens_details':{'cached_tokens':4,'cache_write_tokens':3},
                   'output_tokens':9,'output_tokens_details':{'reasoning_tokens':5},'total_tokens':29},
                 'instructions':'Be brief.\\n\\nUse tools.','max_output_tokens':300,'temperature':0.7,'top_p':0.9,
                 'parallel_tool_calls':false,'tool_choice':'auto','tools':[
                  {'type':'function','name':'look','description':'Looks',
                   'parameters':{'type':'object','properties':{'x':{'type':'integer'}}},'strict':true},
                  {'type':'function','name':'idle','description':null,
                   'parameters':{'type':'object','properties':{}},'strict':null}],
                 'reasoning':{'effort':'high','summary':null},
                 'text':{'format':{'type':'json_schema','name':'out','description':null,
                   'schema':{'type':'object','properties':{'a':{'type':'string'}}},'strict':true}},
                 'metadata':{'k':'v'}}""".replace("\\'", "\\\"")));
    }

    @ParameterizedTest
    @CsvSource({
        "STOP, completed, ''",
        "STOP_SEQUENCE, completed, ''",
        "TOOL_CALLS, completed, ''",
        "PAUSE, completed, ''",
        "LENGTH, incomplete, max_output_tokens",
        "CONTENT_FILTER, incomplete, content_filter",
        "REFUSAL, incomplete, content_filter"
    })
    void saysWhyAnAnswerIsIncomplete(FinishReason finish, String status, String reason) {
        Answer answer = new Answer("id", "m", List.of(new ContentPart.Text("so")), finish, null, null, null);
        JsonNode response = tree(dialect.reply(answer, Wire.terms(false)));
        assertThat(response.path("status").asText()).isEqualTo(status);
        assertThat(response.at("/incomplete_details/reason").asText("")).isEqualTo(reason);
        assertThat(response.at("/output/0/status").asText()).isEqualTo(status);
        assertThat(response.path("usage").isNull()).isTrue();
    }

    @Test
    void joinsNeighbouringTextsIntoOneMessage() {
        Answer answer = new Answer(
                "id",
                "m",
                List.of(new ContentPart.Text("a"), new ContentPart.Text("b")),
                FinishReason.STOP,
                null,
                null,
                null);
        JsonNode output = tree(dialect.reply(answer, Wire.terms(false))).path("output");
        assertThat(output).hasSize(1);
        assertThat(output.at("/0/content/1/text").asText()).isEqualTo("b");
    }

    @Test
    void itsOwnOutputIsGoodInputOfTheNextTurn() {
        Answer answer = new Answer("id", "m", PARTS, FinishReason.TOOL_CALLS, null, null, null);
        ObjectNode next = (ObjectNode) tree("{'model':'m'}");
        next.set("input", tree(dialect.reply(answer, Wire.terms(false))).path("output"));
        RequestReading.Read read = read(dialect, next.toString());
        assertThat(read.dropped()).isEmpty();
        List<ContentPart> expected =
                List.of(PARTS.get(0), PARTS.get(1), PARTS.get(2), new ContentPart.ToolUse("call_2", "look", "{}"));
        assertThat(read.request().messages()).containsExactly(new ChatMessage(ChatMessage.Role.ASSISTANT, expected));
    }

    @Test
    void errorsHaveOpenAisForm() {
        var error = ProviderError.ofStatus(429, "rate_limit_exceeded", "Slow down");
        var reply = dialect.error(error, "req_1");
        assertThat(reply.status()).isEqualTo(429);
        assertThat(tree(reply.body()).path("error").fieldNames())
                .toIterable()
                .containsExactly("message", "type", "param", "code");
    }

    @Test
    void survivesDamageInTheReader() {
        var anthropic = new AnthropicMessages();
        Mutations.run(20_000, List.of(json(REQUEST)), body -> {
            if (dialect.read(body) instanceof RequestReading.Read read) {
                anthropic.write(read.request());
                Answer answer = new Answer("id", "m", PARTS, FinishReason.STOP, null, null, null);
                tree(dialect.reply(answer, new AnswerTerms("req_1", "m", 1, true, read.request())));
            }
        });
    }
}
