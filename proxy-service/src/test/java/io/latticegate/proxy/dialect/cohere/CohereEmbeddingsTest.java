package io.latticegate.proxy.dialect.cohere;

import static io.latticegate.proxy.dialect.Wire.json;
import static io.latticegate.proxy.dialect.Wire.tree;
import static org.assertj.core.api.Assertions.assertThat;

import io.latticegate.proxy.dialect.RequestWriting;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Expected shapes: Cohere's API reference for embed and OpenAI's for embeddings. */
class CohereEmbeddingsTest {
    private final CohereEmbeddings embeddings = new CohereEmbeddings("req-1");

    @Test
    void textsAreCarriedAndWhatIsLostIsNamed() {
        assertThat(embeddings.toOpenAi(json("""
                {'model':'m','texts':['cat'],'inputs':[{'content':[{'type':'text','text':'dog'}]}],
                 'input_type':'search_query','truncate':'END','output_dimension':4,'embedding_types':['float']}"""), "up"))
                .isInstanceOfSatisfying(RequestWriting.Written.class, written -> {
                    assertThat(tree(written.body())).isEqualTo(tree("""
                            {'model':'up','input':['cat','dog'],'encoding_format':'base64','dimensions':4}"""));
                    assertThat(written.dropped()).containsExactlyInAnyOrder("input_type", "truncate");
                });
    }

    /** 1.0 and -2.0 as little-endian floats are 0000803f000000c0, in base64 AACAPwAAAMA=. */
    @Test
    void vectorsComeBackInTheOrderOfTheTextsAndInEveryTypeThatWasAskedFor() {
        embeddings.toOpenAi(
                json(
                        "{'model':'m','texts':['a','b'],'input_type':'classification','embedding_types':['float','base64']}"),
                "up");

        byte[] reply = embeddings.fromOpenAi(json("""
                {'data':[{'index':1,'embedding':[1.0,-2.0]},{'index':0,'embedding':'AACAPwAAAMA='}],
                 'usage':{'prompt_tokens':3,'total_tokens':3}}"""));

        assertThat(tree(reply == null ? new byte[0] : reply)).isEqualTo(tree("""
                {'id':'req-1','response_type':'embeddings_by_type',
                 'embeddings':{'float':[[1.0,-2.0],[1.0,-2.0]],'base64':['AACAPwAAAMA=','AACAPwAAAMA=']},'texts':['a','b'],
                 'meta':{'api_version':{'version':'2'},'billed_units':{'input_tokens':3}}}"""));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "'texts':[] | texts | invalid_request",
                "'images':['data:image/png;base64,AA'] | images | unsupported_parameter",
                "'texts':['a'],'embedding_types':['int8'] | embedding_types | unsupported_parameter",
                "'inputs':[{'content':[]}] | inputs[0].content | unsupported_parameter",
                "'inputs':[{'content':[{'type':'image_url'}]}] | inputs[0].content[0].type | unsupported_parameter"
            })
    void whatChangesTheMeaningIsRefused(String fields, String param, String code) {
        assertThat(embeddings.toOpenAi(json("{'model':'m'," + fields + "}"), "up"))
                .isInstanceOfSatisfying(RequestWriting.Refused.class, refused -> {
                    assertThat(refused.refusal().param()).isEqualTo(param);
                    assertThat(refused.refusal().code()).isEqualTo(code);
                });
    }

    @Test
    void noMoreTextsThanTheApiTakes() {
        String texts = "'x',".repeat(CohereEmbeddings.TEXTS_MAX) + "'x'";
        assertThat(embeddings.toOpenAi(json("{'model':'m','texts':[" + texts + "]}"), "up"))
                .isInstanceOf(RequestWriting.Refused.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{'data':[]}",
                "{'data':[{'index':0,'embedding':'nonsense'}]}",
                "{'data':[{'index':1,'embedding':[1]}]}",
                "{'data':[{'index':0,'embedding':['x']}]}"
            })
    void aReplyWithoutAVectorForEachTextIsNone(String reply) {
        embeddings.toOpenAi(json("{'model':'m','texts':['a']}"), "up");
        assertThat(embeddings.fromOpenAi(json(reply))).isNull();
    }
}
