package io.latticegate.proxy.dialect.tgi;

import static io.latticegate.proxy.dialect.Wire.decode;
import static io.latticegate.proxy.dialect.Wire.failure;
import static io.latticegate.proxy.dialect.Wire.json;
import static io.latticegate.proxy.dialect.Wire.read;
import static io.latticegate.proxy.dialect.Wire.tree;
import static io.latticegate.proxy.dialect.Wire.written;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.latticegate.proxy.chat.ChatEvent;
import io.latticegate.proxy.chat.FinishReason;
import io.latticegate.proxy.chat.ProviderError;
import io.latticegate.proxy.chat.TokenUsage;
import io.latticegate.proxy.dialect.Mutations;
import io.latticegate.proxy.dialect.RequestWriting;
import io.latticegate.proxy.dialect.openai.OpenAiChat;
import io.latticegate.proxy.dialect.openai.OpenAiCompletions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Expected shapes: the OpenAPI description of Text Generation Inference. */
class TgiGenerateTest {
    private static final String STREAM = """
            data:{"index":1,"token":{"id":1,"text":"Deep","logprob":-0.1,"special":false},"generated_text":null,"details":null}

            data:{"index":2,"token":{"id":2,"text":" é😀","logprob":-0.1,"special":false},"generated_text":null,"details":null}

            data:{"index":3,"token":{"id":3,"text":"</s>","logprob":-0.1,"special":true},"generated_text":"Deep é😀","details":{"finish_reason":"eos_token","generated_tokens":3,"input_length":5,"seed":null}}

            """;

    private final TgiGenerate dialect = new TgiGenerate();
    private final OpenAiChat chat = new OpenAiChat();

    @Test
    void aCompletionIsItsPrompt() {
        RequestWriting.Written sent =
                written(dialect, read(new OpenAiCompletions(), """
                {'model':'m','prompt':'Once','max_tokens':9,'stop':['END'],'temperature':0,'top_p':1,'seed':-1,'user':'u'}""").request());

        assertThat(tree(sent.body())).isEqualTo(tree("""
                {'inputs':'Once','parameters':{'details':true,'return_full_text':false,'max_new_tokens':9,'stop':['END'],
                 'do_sample':false}}"""));
        assertThat(sent.dropped()).containsExactlyInAnyOrder("seed", "user");
    }

    @Test
    void aChatOfOneMessageIsItsText() {
        RequestWriting.Written sent = written(dialect, read(chat, """
                {'model':'m','messages':[{'role':'user','content':'Hi'}],'temperature':0.7,'top_p':0.9,'top_k':5,
                 'frequency_penalty':0.5,'presence_penalty':0.5,'reasoning_effort':'low','seed':3,
                 'tools':[{'type':'function','function':{'name':'f'}}],'tool_choice':'none',
                 'response_format':{'type':'json_schema','json_schema':{'name':'n','schema':{'type':'object'}}}}""").request());

        assertThat(tree(sent.body())).isEqualTo(tree("""
                {'inputs':'Hi','parameters':{'details':true,'return_full_text':false,'temperature':0.7,'do_sample':true,
                 'top_p':0.9,'top_k':5,'frequency_penalty':0.5,'seed':3,'grammar':{'type':'json','value':{'type':'object'}}}}"""));
        assertThat(sent.dropped()).containsExactlyInAnyOrder("presence_penalty", "reasoning_effort", "tools");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "'messages':[{'role':'system','content':'s'},{'role':'user','content':'x'}] | messages",
                "'messages':[{'role':'user','content':'x'},{'role':'assistant','content':'y'}] | messages",
                "'messages':[{'role':'user','content':''}] | messages",
                "'messages':[{'role':'user','content':[{'type':'image_url','image_url':{'url':'https://e.org/i'}}]}]"
                        + " | messages",
                "'messages':[{'role':'user','content':'x'}],'tools':[{'type':'function','function':{'name':'f'}}] | tools",
                "'messages':[{'role':'user','content':'x'}],'response_format':{'type':'json_object'} | response_format"
            })
    void whatABarePromptCannotSayIsRefused(String fields, String param) {
        var request = read(chat, "{'model':'m'," + fields + "}").request();

        assertThat(dialect.write(request)).isInstanceOfSatisfying(RequestWriting.Refused.class, refused -> {
            assertThat(refused.refusal().param()).isEqualTo(param);
            assertThat(refused.refusal().code()).isEqualTo("unsupported_parameter");
        });
    }

    @Test
    void aStreamIsReadHoweverTheBytesArrive() {
        for (long seed = 1; seed <= 20; seed++) {
            assertThat(decode(dialect, STREAM.getBytes(UTF_8), seed))
                    .containsExactly(
                            new ChatEvent.Started("", ""),
                            new ChatEvent.TextDelta(0, "Deep"),
                            new ChatEvent.TextDelta(0, " é😀"),
                            new ChatEvent.Finished(FinishReason.STOP),
                            new ChatEvent.UsageReported(TokenUsage.of(5, 3)));
        }
    }

    @Test
    void aReplyWithoutThePromptsTokensHasNoUsage() {
        assertThat(
                        dialect.decodeReply(
                                json(
                                        "{'generated_text':'x','details':{'finish_reason':'length','generated_tokens':1,'prefill':[]}}")))
                .containsExactly(
                        new ChatEvent.Started("", ""),
                        new ChatEvent.TextDelta(0, "x"),
                        new ChatEvent.Finished(FinishReason.LENGTH));
        assertThat(dialect.decodeReply(json("{'generated_text':'x','details':{'finish_reason':'stop_sequence',"
                        + "'generated_tokens':1,'prefill':[{'id':1},{'id':2}]}}")))
                .contains(
                        new ChatEvent.UsageReported(TokenUsage.of(2, 1)),
                        new ChatEvent.Finished(FinishReason.STOP_SEQUENCE));
    }

    @ParameterizedTest
    @CsvSource({"generation, OUTAGE", "overloaded, OVERLOAD", "incomplete_generation, OUTAGE"})
    void aFailureInsideAStreamHasTheClassOfItsType(String type, ProviderError.Kind kind) {
        String error = "data:{\"error\":\"Request failed\",\"error_type\":\"" + type + "\"}\n\n";

        assertThat(failure(decode(dialect, error.getBytes(UTF_8), 1)).kind()).isEqualTo(kind);
    }

    @ParameterizedTest
    @CsvSource({"424, generation, OUTAGE", "422, validation, CLIENT_FAULT", "429, overloaded, OVERLOAD"})
    void aStatusOfItsOwnHasTheRightClass(int status, String type, ProviderError.Kind kind) {
        ProviderError error = dialect.decodeError(status, json("{'error':'no','error_type':'" + type + "'}"));

        assertThat(error.kind()).isEqualTo(kind);
        assertThat(error.message()).isEqualTo("no");
    }

    @Test
    void whatIsNoneOrCutFails() {
        String cut = STREAM.substring(0, STREAM.indexOf("data:{\"index\":3"));
        assertThat(failure(decode(dialect, cut.getBytes(UTF_8), 1)).code()).isEqualTo("provider_stream_cut");
        assertThat(failure(dialect.decodeReply(json("{}"))).code()).isEqualTo("provider_protocol_error");
    }

    @Test
    void neverThrowsForMutatedBytes() {
        Mutations.run(20_000, List.of(STREAM.getBytes(UTF_8)), bytes -> decode(dialect, bytes, 1));
        Mutations.run(5_000, List.of(json("{'generated_text':'x','details':{'prefill':[1]}}")), dialect::decodeReply);
    }
}
