package io.latticegate.proxy.dialect;

import static io.latticegate.proxy.dialect.Wire.read;
import static io.latticegate.proxy.dialect.Wire.refused;
import static io.latticegate.proxy.dialect.Wire.tree;
import static io.latticegate.proxy.dialect.Wire.written;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.latticegate.proxy.chat.ChatMessage;
import io.latticegate.proxy.chat.ChatRequest;
import io.latticegate.proxy.chat.ContentPart;
import io.latticegate.proxy.chat.ContentPart.Audio.Format;
import io.latticegate.proxy.chat.Sampling;
import io.latticegate.proxy.dialect.anthropic.AnthropicMessages;
import io.latticegate.proxy.dialect.bedrock.BedrockConverse;
import io.latticegate.proxy.dialect.cohere.CohereChat;
import io.latticegate.proxy.dialect.gemini.GeminiContent;
import io.latticegate.proxy.dialect.openai.OpenAiChat;
import io.latticegate.proxy.dialect.openai.OpenAiResponses;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Documents and sound, in and out of every dialect. */
class FilePartTest {
    private static final ContentPart TEXT = new ContentPart.Text("see");
    private static final ContentPart.Document NAMED = pdf("Q3/sales_.pdf");
    private static final ContentPart.Document LINKED =
            new ContentPart.Document(new ContentPart.Source.Url("https://e.org/a.pdf"), null);

    private static final OpenAiChat openAi = new OpenAiChat();
    private static final OpenAiResponses responses = new OpenAiResponses();
    private static final AnthropicMessages anthropic = new AnthropicMessages();
    private static final ProviderDialect gemini = GeminiContent.forProvider();
    private static final ProviderDialect bedrock = BedrockConverse.forProvider();
    private static final CohereChat cohere = new CohereChat();
    private static final ClientDialect geminiClient = GeminiContent.forClient("m", GeminiContent.Form.EVENTS);
    private static final ClientDialect bedrockClient = BedrockConverse.forClient("m", true, () -> 0);

    /** What each client's protocol says, and what that is. */
    static Stream<Arguments> files() {
        ContentPart.Document named = pdf("r.pdf");
        ContentPart.Audio wav = new ContentPart.Audio(Format.WAV, "UklGRg==");
        return Stream.of(
                Arguments.of(
                        openAi,
                        chat(
                                "{'type':'file','file':{'filename':'r.pdf','file_data':'data:application/pdf;base64,JVBERi0='}}"),
                        named),
                Arguments.of(
                        openAi, chat("{'type':'input_audio','input_audio':{'data':'UklGRg==','format':'wav'}}"), wav),
                Arguments.of(
                        responses,
                        input(
                                "{'type':'input_file','filename':'r.pdf','file_data':'data:application/pdf;base64,JVBERi0='}"),
                        named),
                Arguments.of(responses, input("{'type':'input_file','file_url':'https://e.org/a.pdf'}"), LINKED),
                Arguments.of(
                        anthropic,
                        claude("{'type':'document','title':'r.pdf','source':{'type':'base64',"
                                + "'media_type':'application/pdf','data':'JVBERi0='}}"),
                        named),
                Arguments.of(
                        anthropic,
                        claude("{'type':'document','source':{'type':'url','url':'https://e.org/a.pdf'}}"),
                        LINKED),
                Arguments.of(
                        geminiClient,
                        contents("{'inlineData':{'mimeType':'application/pdf','data':'JVBERi0='}}"),
                        pdf(null)),
                Arguments.of(
                        geminiClient,
                        contents("{'fileData':{'mimeType':'application/pdf','fileUri':'https://e.org/a.pdf'}}"),
                        LINKED),
                Arguments.of(
                        geminiClient, contents("{'inlineData':{'mimeType':'audio/x-wav','data':'UklGRg=='}}"), wav),
                Arguments.of(
                        bedrockClient,
                        converse("{'document':{'format':'pdf','name':'r.pdf','source':{'bytes':'JVBERi0='}}}"),
                        named));
    }

    @ParameterizedTest
    @MethodSource("files")
    void areReadFromTheClientsOwnForm(ClientDialect client, String body, ContentPart file) {
        RequestReading.Read reading = read(client, body);

        assertThat(reading.request().messages().getFirst().content()).containsExactly(file);
        assertThat(reading.dropped()).isEmpty();
    }

    @Test
    void aDocumentIsWrittenInTheProvidersOwnForm() {
        assertThat(said(openAi, NAMED).at("/messages/0/content/1"))
                .isEqualTo(tree("{'type':'file','file':{'filename':'Q3/sales_.pdf',"
                        + "'file_data':'data:application/pdf;base64,JVBERi0='}}"));
        assertThat(said(openAi, pdf(null))
                        .at("/messages/0/content/1/file/filename")
                        .asText())
                .isEqualTo("document.pdf");
        assertThat(said(responses, NAMED).at("/input/0/content/1"))
                .isEqualTo(tree("{'type':'input_file','filename':'Q3/sales_.pdf',"
                        + "'file_data':'data:application/pdf;base64,JVBERi0='}"));
        assertThat(said(responses, LINKED).at("/input/0/content/1"))
                .isEqualTo(tree("{'type':'input_file','file_url':'https://e.org/a.pdf'}"));
        assertThat(said(anthropic, NAMED).at("/messages/0/content/1"))
                .isEqualTo(tree("{'type':'document','source':{'type':'base64','media_type':'application/pdf',"
                        + "'data':'JVBERi0='},'title':'Q3/sales_.pdf'}"));
        assertThat(said(anthropic, LINKED).at("/messages/0/content/1"))
                .isEqualTo(tree("{'type':'document','source':{'type':'url','url':'https://e.org/a.pdf'}}"));
        assertThat(said(gemini, NAMED).at("/contents/0/parts/1"))
                .isEqualTo(tree("{'inlineData':{'mimeType':'application/pdf','data':'JVBERi0='}}"));
        assertThat(said(gemini, LINKED).at("/contents/0/parts/1"))
                .isEqualTo(tree("{'fileData':{'mimeType':'application/pdf','fileUri':'https://e.org/a.pdf'}}"));
        assertThat(written(gemini, request(TEXT, NAMED)).dropped()).containsExactly("messages[].content[].filename");
    }

    @Test
    void bedrocksDocumentsHaveNamesThatItTakesAndNoTwoAlike() {
        JsonNode content = tree(written(bedrock, request(NAMED, NAMED, pdf(null), pdf("  a  b\u00e9 "), pdf(null)))
                        .body())
                .at("/messages/0/content");

        assertThat(content.get(0))
                .isEqualTo(tree("{'document':{'format':'pdf','name':'Q3-sales--pdf','source':{'bytes':'JVBERi0='}}}"));
        assertThat(content.findValuesAsText("name"))
                .containsExactly("Q3-sales--pdf", "Q3-sales--pdf (2)", "document", "a b-", "document (2)");
    }

    @Test
    void soundIsWrittenWhereItIsHeard() {
        assertThat(said(openAi, new ContentPart.Audio(Format.MP3, "SUQz")).at("/messages/0/content/1"))
                .isEqualTo(tree("{'type':'input_audio','input_audio':{'data':'SUQz','format':'mp3'}}"));
    }

    @ParameterizedTest
    @EnumSource(Format.class)
    void geminiHearsEveryFormat(Format format) {
        assertThat(said(gemini, new ContentPart.Audio(format, "AAAA")).at("/contents/0/parts/1/inlineData"))
                .isEqualTo(tree("{'mimeType':'" + format.mediaType() + "','data':'AAAA'}"));
    }

    static Stream<Arguments> notTaken() {
        ContentPart.Audio wav = new ContentPart.Audio(Format.WAV, "UklGRg==");
        return Stream.of(
                Arguments.of(openAi, LINKED, "send it inline"),
                Arguments.of(openAi, new ContentPart.Audio(Format.OGG, "T2dn"), "wav and mp3 can"),
                Arguments.of(responses, wav, "Audio"),
                Arguments.of(anthropic, wav, "Audio"),
                Arguments.of(bedrock, wav, "Audio"),
                Arguments.of(bedrock, LINKED, "send it inline"),
                Arguments.of(cohere, wav, "Audio"),
                Arguments.of(cohere, NAMED, "document"),
                Arguments.of(cohere, LINKED, "document"));
    }

    @ParameterizedTest
    @MethodSource("notTaken")
    void whatAProviderCannotReadIsRefusedAndNeverLeftOut(ProviderDialect provider, ContentPart file, String reason) {
        for (ContentPart[] content : new ContentPart[][] {{file}, {TEXT, file}}) {
            assertThat(provider.write(request(content)))
                    .isInstanceOfSatisfying(
                            RequestWriting.Refused.class,
                            refused -> assertThat(refused.refusal().message()).contains("cannot be carried", reason));
        }
    }

    @Test
    void whatAToolGaveIsNotLost() {
        ChatRequest request = new ChatRequest(
                "m",
                List.of(),
                List.of(
                        new ChatMessage(ChatMessage.Role.USER, List.of(TEXT)),
                        new ChatMessage(
                                ChatMessage.Role.ASSISTANT, List.of(new ContentPart.ToolUse("c1", "fetch", "{}"))),
                        new ChatMessage(
                                ChatMessage.Role.USER,
                                List.of(new ContentPart.ToolResult("c1", List.of(TEXT, pdf("a")), false)))),
                List.of(),
                null,
                null,
                new Sampling(null, null, null, null, null, null),
                List.of(),
                null,
                false,
                false,
                null,
                null,
                null,
                Map.of());

        for (ProviderDialect provider : List.of(openAi, responses, anthropic, gemini, bedrock)) {
            assertThat(new String(written(provider, request).body(), StandardCharsets.UTF_8))
                    .as(provider.getClass().getSimpleName())
                    .contains("JVBERi0=");
        }
        assertThat(cohere.write(request)).isInstanceOf(RequestWriting.Refused.class);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "openai | {'type':'file','file':{'file_id':'file-1'}} | messages[0].content[0].file.file_id",
                "openai | {'type':'file','file':{'file_data':'JVBERi0='}} | messages[0].content[0].file.file_data",
                "openai | {'type':'file','file':{'file_data':'data:text/html;base64,AAAA'}} | messages[0].content[0].file.file_data",
                "openai | {'type':'file'} | messages[0].content[0].file",
                "openai | {'type':'input_audio','input_audio':{'data':'A','format':'flac'}} | messages[0].content[0].input_audio.format",
                "openai | {'type':'input_audio','input_audio':{'format':'wav'}} | messages[0].content[0].input_audio.data",
                "responses | {'type':'input_file','file_id':'file-1'} | input[0].content[0].file_id",
                "responses | {'type':'input_file','file_url':'file:///etc/passwd'} | input[0].content[0].file_url",
                "anthropic | {'type':'document','source':{'type':'text','media_type':'text/plain','data':'x'}} | messages[0].content[0].source.type",
                "anthropic | {'type':'document','source':{'type':'base64','media_type':'text/html','data':'x'}} | messages[0].content[0].source.media_type",
                "gemini | {'inlineData':{'mimeType':'video/mp4','data':'AAAA'}} | contents[0].parts[0].inlineData.mimeType",
                "gemini | {'fileData':{'mimeType':'audio/wav','fileUri':'https://e.org/a.wav'}} | contents[0].parts[0].fileData.fileUri",
                "bedrock | {'document':{'format':'docx','name':'a','source':{'bytes':'AAAA'}}} | messages[0].content[0].document.format",
                "bedrock | {'document':{'format':'pdf','name':'a','source':{'s3Location':{'uri':'s3://b/a'}}}} | messages[0].content[0].document.source"
            })
    void whatCannotBeCarriedIsNamed(String client, String part, String param) {
        Map<String, Function<String, Refusal>> clients = Map.of(
                "openai", given -> refused(openAi, chat(given)),
                "responses", given -> refused(responses, input(given)),
                "anthropic", given -> refused(anthropic, claude(given)),
                "gemini", given -> refused(geminiClient, contents(given)),
                "bedrock", given -> refused(bedrockClient, converse(given)));

        assertThat(clients.getOrDefault(client, given -> Refusal.invalid(null, "no such client"))
                        .apply(part)
                        .param())
                .isEqualTo(param);
    }

    @ParameterizedTest
    @CsvSource({"assistant", "system"})
    void onlyUsersAndToolsGiveFiles(String role) {
        String body = chat("{'type':'file','file':{'file_data':'data:application/pdf;base64,JVBERi0='}}")
                .replace("'role':'user'", "'role':'user','content':'x'},{'role':'" + role + "'");
        assertThat(refused(openAi, body).param()).isEqualTo("messages");
    }

    private static ContentPart.Document pdf(@Nullable String name) {
        return new ContentPart.Document(new ContentPart.Source.Base64("application/pdf", "JVBERi0="), name);
    }

    private static ChatRequest request(ContentPart... content) {
        return new ChatRequest(
                "m",
                List.of(),
                List.of(new ChatMessage(ChatMessage.Role.USER, List.of(content))),
                List.of(),
                null,
                null,
                new Sampling(null, null, null, null, null, null),
                List.of(),
                null,
                false,
                false,
                null,
                null,
                null,
                Map.of());
    }

    private static JsonNode said(ProviderDialect provider, ContentPart file) {
        return tree(written(provider, request(TEXT, file)).body());
    }

    private static String chat(String part) {
        return "{'model':'m','messages':[{'role':'user','content':[" + part + "]}]}";
    }

    private static String input(String part) {
        return "{'model':'m','input':[{'role':'user','content':[" + part + "]}]}";
    }

    private static String claude(String part) {
        return "{'model':'m','max_tokens':5,'messages':[{'role':'user','content':[" + part + "]}]}";
    }

    private static String contents(String part) {
        return "{'model':'m','contents':[{'role':'user','parts':[" + part + "]}]}";
    }

    private static String converse(String part) {
        return "{'messages':[{'role':'user','content':[" + part + "]}]}";
    }
}
