package io.latticegate.proxy.dialect.openai;

import static io.latticegate.proxy.dialect.Wire.tree;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.latticegate.proxy.chat.Answer;
import io.latticegate.proxy.chat.ChatEvent;
import io.latticegate.proxy.chat.ChatRequest;
import io.latticegate.proxy.chat.ContentPart;
import io.latticegate.proxy.chat.FinishReason;
import io.latticegate.proxy.chat.ProviderError;
import io.latticegate.proxy.chat.TokenUsage;
import io.latticegate.proxy.dialect.RequestReading;
import io.latticegate.proxy.dialect.RequestWriting;
import io.latticegate.proxy.dialect.StreamDecoder;
import io.latticegate.proxy.dialect.anthropic.AnthropicMessages;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Responses as the protocol of a provider; the JSON is that of the API reference. */
class ResponsesProviderTest {
    private static final String RESPONSE = """
            {'id':'resp_1','object':'response','status':'completed','model':'gpt-5-codex','error':null,
             'incomplete_details':null,'output':[
              {'type':'reasoning','id':'rs_1','summary':[{'type':'summary_text','text':'hum'},
               {'type':'summary_text','text':'hm'}],'encrypted_content':'gAAA:x'},
              {'type':'message','id':'msg_1','status':'completed','role':'assistant','content':[
               {'type':'output_text','text':'I look','annotations':[],'logprobs':[]}]},
              {'type':'function_call','id':'fc_1','call_id':'call_1','name':'look','arguments':'{\\"x\\":1}'}],
             'usage':{'input_tokens':9,'input_tokens_details':{'cached_tokens':4},'output_tokens':12,
              'output_tokens_details':{'reasoning_tokens':5},'total_tokens':21}}""";

    private static final List<ContentPart> CONTENT = List.of(
            new ContentPart.Reasoning("hum\n\nhm", "openai:rs_1:gAAA:x", null),
            new ContentPart.Text("I look"),
            new ContentPart.ToolUse("call_1", "look", "{\"x\":1}"));

    private static final String STREAM = """
            {'type':'response.created','sequence_number':0,'response':{'id':'resp_1','model':'gpt-5-codex','output':[]}}
            {'type':'response.in_progress','sequence_number':1,'response':{'id':'resp_1','output':[]}}
            {'type':'response.output_item.added','output_index':0,'item':{'type':'reasoning','id':'rs_1','summary':[]}}
            {'type':'response.reasoning_summary_part.added','item_id':'rs_1','output_index':0,'summary_index':0}
            {'type':'response.reasoning_summary_text.delta','output_index':0,'summary_index':0,'delta':'hu'}
            {'type':'response.reasoning_summary_text.delta','output_index':0,'summary_index':0,'delta':'m'}
            {'type':'response.reasoning_summary_text.delta','output_index':0,'summary_index':1,'delta':'hm'}
            {'type':'response.output_item.done','output_index':0,'item':{'type':'reasoning','id':'rs_1','encrypted_content':'gAAA:x'}}
            {'type':'response.output_item.added','output_index':1,'item':{'type':'message','id':'msg_1','content':[]}}
            {'type':'response.content_part.added','output_index':1,'content_index':0,'part':{'type':'output_text'}}
            {'type':'response.output_text.delta','output_index':1,'content_index':0,'delta':'I '}
            {'type':'response.output_text.delta','output_index':1,'content_index':0,'delta':'look'}
            {'type':'response.output_text.done','output_index':1,'content_index':0,'text':'I look'}
            {'type':'response.output_item.done','output_index':1,'item':{'type':'message','id':'msg_1'}}
            {'type':'response.output_item.added','output_index':2,'item':{'type':'function_call','call_id':'call_1','name':'look','arguments':''}}
            {'type':'response.function_call_arguments.delta','output_index':2,'delta':'{\\"x\\"'}
            {'type':'response.function_call_arguments.delta','output_index':2,'delta':':1}'}
            {'type':'response.function_call_arguments.done','output_index':2,'arguments':'{\\"x\\":1}'}
            {'type':'response.output_item.done','output_index':2,'item':{'type':'function_call','call_id':'call_1','name':'look','arguments':'{\\"x\\":1}'}}
            """;

    private final OpenAiResponses dialect = new OpenAiResponses();

    @Test
    void writesWhatItReads() {
        String body = """
                {'model':'m','instructions':'be brief','input':[
                 {'type':'message','role':'user','content':[{'type':'input_text','text':'look'},
                  {'type':'input_image','image_url':'data:image/png;base64,AAAA','detail':'low'}]},
                 {'type':'message','role':'assistant','content':[{'type':'output_text','text':'I look'}]},
                 {'type':'function_call','call_id':'call_1','name':'look','arguments':'{\\"x\\":1}'},
                 {'type':'function_call_output','call_id':'call_1','output':'seen'},
                 {'type':'message','role':'developer','content':[{'type':'input_text','text':'now'}]},
                 {'type':'message','role':'user','content':[{'type':'input_text','text':'and?'}]}],
                 'store':false,'tools':[{'type':'function','name':'look','description':'d','parameters':{'type':'object'},
                  'strict':false}],'tool_choice':{'type':'function','name':'look'},'parallel_tool_calls':false,
                 'temperature':0.5,'top_p':0.25,'max_output_tokens':64,'stream':true,
                 'text':{'format':{'type':'json_schema','name':'n','schema':{'type':'object'},'strict':true}},
                 'reasoning':{'effort':'low'},'include':['reasoning.encrypted_content'],'safety_identifier':'u',
                 'metadata':{'k':'v'}}""";

        RequestWriting.Written written = written(read(body));

        assertThat(tree(new String(written.body(), UTF_8))).isEqualTo(tree(body));
        assertThat(written.dropped()).isEmpty();
    }

    @Test
    void givesItsOwnReasoningBackAndNamesThatOfOthers() {
        ChatRequest request = fromAnthropic("""
                {'model':'m','max_tokens':9,'messages':[{'role':'user','content':'q'},
                 {'role':'assistant','content':[{'type':'thinking','thinking':'hum','signature':'openai:rs_1:gAAA:x'},
                  {'type':'text','text':'a'}]},
                 {'role':'user','content':'q'},
                 {'role':'assistant','content':[{'type':'thinking','thinking':'hum','signature':'EqQB'},
                  {'type':'text','text':'a'}]},
                 {'role':'user','content':'q'}]}""");

        RequestWriting.Written written = written(request);

        JsonNode body = tree(new String(written.body(), UTF_8));
        assertThat(body.path("input").get(1)).isEqualTo(tree("""
                {'type':'reasoning','id':'rs_1','summary':[{'type':'summary_text','text':'hum'}],
                 'encrypted_content':'gAAA:x'}"""));
        assertThat(body.path("include")).hasSize(1);
        assertThat(written.dropped()).containsExactly("messages[].reasoning");
    }

    @Test
    void asksForASummaryWhereTheClientsDialectShowsReasoning() {
        ChatRequest request = fromAnthropic("""
                {'model':'m','max_tokens':4096,'thinking':{'type':'enabled','budget_tokens':2048},
                 'messages':[{'role':'user','content':'q'}]}""");

        JsonNode body = tree(new String(written(request).body(), UTF_8));

        assertThat(body.path("reasoning")).isEqualTo(tree("{'effort':'low','summary':'auto'}"));
    }

    @Test
    void refusesStopSequencesAndNamesWhatItDrops() {
        ChatRequest stops = fromAnthropic("""
                {'model':'m','max_tokens':9,'stop_sequences':['x'],'messages':[{'role':'user','content':'q'}]}""");
        ChatRequest topK = fromAnthropic("""
                {'model':'m','max_tokens':9,'top_k':4,'messages':[{'role':'user','content':'q'}]}""");

        assertThat(dialect.write(stops)).isInstanceOfSatisfying(RequestWriting.Refused.class, refused -> {
            assertThat(refused.refusal().param()).isEqualTo("stop");
            assertThat(refused.refusal().status()).isEqualTo(400);
        });
        assertThat(written(topK).dropped()).containsExactly("top_k");
    }

    @Test
    void readsAWholeResponse() {
        Answer answer = Answer.of(dialect.decodeReply(json(RESPONSE)));

        assertThat(answer.id()).isEqualTo("resp_1");
        assertThat(answer.model()).isEqualTo("gpt-5-codex");
        assertThat(answer.content()).isEqualTo(CONTENT);
        assertThat(answer.finish()).isEqualTo(FinishReason.TOOL_CALLS);
        assertThat(answer.usage()).isEqualTo(new TokenUsage(9, 12, 4, 0, 5, 0, 0));
    }

    @Test
    void readsAStreamLikeAWholeResponseWhereverItIsCutIntoPieces() {
        byte[] stream =
                stream(STREAM + "{'type':'response.completed','response':" + RESPONSE.replace("\n", "") + "}\n");
        for (int piece : new int[] {1, 2, 7, 100, stream.length}) {
            List<ChatEvent> events = new ArrayList<>();
            StreamDecoder decoder = dialect.startDecoding();
            for (int from = 0; from < stream.length; from += piece) {
                decoder.feed(stream, from, Math.min(piece, stream.length - from), events::add);
            }
            decoder.end(events::add);

            Answer answer = Answer.of(events);
            assertThat(decoder.complete()).isTrue();
            assertThat(answer.content()).isEqualTo(CONTENT);
            assertThat(answer.finish()).isEqualTo(FinishReason.TOOL_CALLS);
            assertThat(answer.usage()).isEqualTo(new TokenUsage(9, 12, 4, 0, 5, 0, 0));
        }
    }

    @Test
    void aStreamThatEndsBeforeItsLastEventWasCut() {
        List<ChatEvent> events = new ArrayList<>();
        byte[] stream = stream(STREAM);
        StreamDecoder decoder = dialect.startDecoding();
        decoder.feed(stream, 0, stream.length, events::add);
        decoder.end(events::add);

        assertThat(decoder.complete()).isFalse();
        assertThat(events.getLast())
                .isInstanceOfSatisfying(
                        ChatEvent.Failed.class,
                        failed -> assertThat(failed.error().code()).isEqualTo("provider_stream_cut"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "{'type':'error','code':'rate_limit_exceeded','message':'slow','param':null} | RATE",
                "{'type':'response.failed','response':{'status':'failed','error':{'code':'server_error'}}} | OUTAGE",
                "{'type':'response.failed','response':{'status':'failed','error':{'code':'rate_limit_exceeded'}}} | RATE",
                "{'type':'response.completed','response':{'status':'in_progress'}} | OUTAGE",
                "[] | OUTAGE"
            })
    void aFailureInsideAStreamIsClassified(String event, ProviderError.Kind kind) {
        List<ChatEvent> events = new ArrayList<>();
        byte[] stream = stream(event + "\n");

        dialect.startDecoding().feed(stream, 0, stream.length, events::add);

        assertThat(events.getLast())
                .isInstanceOfSatisfying(
                        ChatEvent.Failed.class,
                        failed -> assertThat(failed.error().kind()).isEqualTo(kind));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"error\":{\"code\":\"insufficient_quota\",\"message\":\"m\"}} | QUOTA",
                "{\"status\":\"failed\",\"output\":[],\"error\":{\"code\":\"server_error\"}} | OUTAGE",
                "{\"status\":\"queued\",\"output\":[]} | OUTAGE",
                "{\"choices\":[]} | OUTAGE",
                "no json | OUTAGE"
            })
    void whatIsNoResponseIsAFailure(String body, ProviderError.Kind kind) {
        List<ChatEvent> events = dialect.decodeReply(body.getBytes(UTF_8));

        assertThat(events)
                .singleElement()
                .isInstanceOfSatisfying(
                        ChatEvent.Failed.class,
                        failed -> assertThat(failed.error().kind()).isEqualTo(kind));
    }

    @ParameterizedTest
    @CsvSource({"max_output_tokens, LENGTH", "content_filter, CONTENT_FILTER"})
    void anIncompleteResponseSaysWhy(String reason, FinishReason finish) {
        String body = "{'id':'r','status':'incomplete','incomplete_details':{'reason':'" + reason + "'},'output':[]}";

        assertThat(Answer.of(dialect.decodeReply(json(body))).finish()).isEqualTo(finish);
    }

    private RequestWriting.Written written(ChatRequest request) {
        return (RequestWriting.Written) dialect.write(request);
    }

    private ChatRequest read(String body) {
        return ((RequestReading.Read) dialect.read(json(body))).request();
    }

    private static ChatRequest fromAnthropic(String body) {
        return ((RequestReading.Read) new AnthropicMessages().read(json(body))).request();
    }

    private static byte[] json(String text) {
        return tree(text).toString().getBytes(UTF_8);
    }

    private static byte[] stream(String lines) {
        StringBuilder stream = new StringBuilder();
        lines.lines().forEach(line -> {
            JsonNode event = tree(line);
            stream.append("event: ")
                    .append(event.path("type").asText())
                    .append("\ndata: ")
                    .append(event)
                    .append("\n\n");
        });
        return stream.toString().getBytes(UTF_8);
    }
}
