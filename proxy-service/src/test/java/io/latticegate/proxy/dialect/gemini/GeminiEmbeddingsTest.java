package io.latticegate.proxy.dialect.gemini;

import static io.latticegate.proxy.dialect.Wire.json;
import static io.latticegate.proxy.dialect.Wire.tree;
import static org.assertj.core.api.Assertions.assertThat;

import io.latticegate.proxy.dialect.Mutations;
import io.latticegate.proxy.dialect.RequestWriting;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GeminiEmbeddingsTest {
    private final GeminiEmbeddings one = new GeminiEmbeddings(false);
    private final GeminiEmbeddings batch = new GeminiEmbeddings(true);

    @Test
    void writesOneContent() {
        var written = (RequestWriting.Written) one.toOpenAi(
                json("{'content':{'parts':[{'text':'cat'}]},'outputDimensionality':8,'taskType':'CLUSTERING'}"), "e");
        assertThat(tree(written.body()))
                .isEqualTo(tree("{'model':'e','input':['cat'],'encoding_format':'base64','dimensions':8}"));
        assertThat(written.dropped()).containsExactly("taskType");
    }

    @Test
    void writesABatchInItsOrder() {
        var written = (RequestWriting.Written) batch.toOpenAi(
                json(
                        "{'requests':[{'model':'models/m','content':{'parts':{'text':'a'}}},{'content':{'parts':[{'text':'b'}]}}]}"),
                "e");
        assertThat(tree(written.body())).isEqualTo(tree("{'model':'e','input':['a','b'],'encoding_format':'base64'}"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "{'requests':[]}|requests",
                "{'requests':[{}]}|requests[0].content",
                "{'requests':[{'content':{'parts':[{'text':'a'},{'text':'b'}]}}]}|requests[0].content.parts",
                "{'requests':[{'content':{'parts':[{'inlineData':{}}]}}]}|requests[0].content.parts[0].text",
                "{'requests':[{'content':{'parts':[{'text':'a'}]},'outputDimensionality':8},{'content':{'parts':[{'text':'b'}]}}]}|requests[1].outputDimensionality"
            })
    void refusesWithTheFieldThatIsAtFault(String body, String param) {
        assertThat(batch.toOpenAi(json(body), "e"))
                .isInstanceOfSatisfying(
                        RequestWriting.Refused.class,
                        refused -> assertThat(refused.refusal().param()).isEqualTo(param));
    }

    @Test
    void readsVectorsInBothEncodingsAndAnyOrder() {
        sent(batch, 2);
        sent(one, 1);
        byte[] reply = json("{'data':[{'index':1,'embedding':'AACAPwAAIMA='},{'index':0,'embedding':[0.5,-1]}]}");
        assertThat(tree(required(batch.fromOpenAi(reply))))
                .isEqualTo(tree("{'embeddings':[{'values':[0.5,-1]},{'values':[1.0,-2.5]}]}"));
        assertThat(tree(required(one.fromOpenAi(json("{'data':[{'index':0,'embedding':'AACAPw=='}]}")))))
                .isEqualTo(tree("{'embedding':{'values':[1.0]}}"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "oops",
                "{}",
                "{'data':[]}",
                "{'data':[{'index':1,'embedding':[1]}]}",
                "{'data':[{'index':0,'embedding':[1]}]}",
                "{'data':[{'index':1,'embedding':[1]},{'index':2,'embedding':[1]}]}",
                "{'data':[{'index':0,'embedding':[1]},{'index':1,'embedding':['x']}]}",
                "{'data':[{'index':0,'embedding':[1]},{'index':1,'embedding':'AAA='}]}",
                "{'data':[{'index':0,'embedding':[1]},{'index':1,'embedding':'AACAfw=='}]}",
                "{'data':[{'index':0,'embedding':[1]},{'index':0,'embedding':[1]}]}"
            })
    void whatIsNoVectorPerInputIsNoReply(String reply) {
        sent(batch, 2);
        assertThat(batch.fromOpenAi(json(reply))).isNull();
    }

    @Test
    void damagedDocumentsNeverThrow() {
        byte[] request = json("{'requests':[{'content':{'parts':[{'text':'a'}]},'outputDimensionality':8}]}");
        byte[] reply = json("{'data':[{'index':1,'embedding':'AACAPwAAIMA='},{'index':0,'embedding':[0.5,-1]}]}");
        Mutations.run(1_000, List.of(request), body -> batch.toOpenAi(body, "e"));
        sent(batch, 2);
        Mutations.run(1_000, List.of(reply), batch::fromOpenAi);
    }

    private static void sent(GeminiEmbeddings embeddings, int inputs) {
        String content = "{'content':{'parts':[{'text':'a'}]}}";
        String body = inputs == 1 ? content : "{'requests':[" + (content + ",").repeat(inputs - 1) + content + "]}";
        assertThat(embeddings.toOpenAi(json(body), "e")).isInstanceOf(RequestWriting.Written.class);
    }

    private static byte[] required(byte @org.jspecify.annotations.Nullable [] bytes) {
        if (bytes == null) {
            throw new AssertionError("no reply");
        }
        return bytes;
    }
}
