package io.latticegate.proxy.dialect;

import static io.latticegate.proxy.dialect.Wire.json;
import static io.latticegate.proxy.dialect.Wire.tree;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ModelCardTest {
    @Test
    void readsTheListsOfBothProviders() {
        assertThat(ModelCard.read(
                        "openai",
                        json("{'object':'list','data':[{'id':'gpt-4o','object':'model','created':1715367049,"
                                + "'owned_by':'system'},{'id':'x','created':-1}]}")))
                .containsExactly(new ModelCard("gpt-4o", "openai", 1_715_367_049), new ModelCard("x", "openai", 0));
        assertThat(ModelCard.read(
                        "anthropic",
                        json("{'data':[{'type':'model','id':'claude-sonnet-4-5','display_name':'Claude Sonnet 4.5',"
                                + "'created_at':'2025-09-29T00:00:00Z'}],'has_more':false}")))
                .containsExactly(new ModelCard("claude-sonnet-4-5", "anthropic", 1_759_104_000));
    }

    @Test
    void leavesOutWhatHasNoUsableName() {
        String tooLong = "m".repeat(RequestScan.MODEL_LENGTH_MAX + 1);
        assertThat(ModelCard.read("p", json("{'data':[1,{},{'id':''},{'id':'" + tooLong + "'},{'id':'a'}]}")))
                .containsExactly(new ModelCard("a", "p", 0));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "<html>", "[]", "{}", "{'data':{}}", "{'error':{}}", "{'data':["})
    void isNullForWhatIsNoList(String body) {
        assertThat(ModelCard.read("p", json(body))).isNull();
    }

    @Test
    void writesListsThatBothClientsRead() {
        List<ModelCard> cards = List.of(new ModelCard("gpt-4o", "openai", 7), new ModelCard("tts-1", "openai", 0));

        assertThat(tree(ModelCard.openAiList(cards)))
                .isEqualTo(
                        tree(
                                "{'object':'list','data':["
                                        + "{'id':'gpt-4o','object':'model','created':7,'owned_by':'openai','provider':'openai','capability':'chat'},"
                                        + "{'id':'tts-1','object':'model','created':0,'owned_by':'openai','provider':'openai','capability':'speech'}]}"));
        assertThat(tree(ModelCard.anthropicList(cards)).path("first_id").asText())
                .isEqualTo("gpt-4o");
        assertThat(tree(ModelCard.anthropicList(cards)).path("last_id").asText())
                .isEqualTo("tts-1");
        assertThat(tree(ModelCard.anthropicList(List.of())))
                .isEqualTo(tree("{'data':[],'has_more':false,'first_id':null,'last_id':null}"));
    }

    @ParameterizedTest
    @CsvSource({
        "gpt-4o, chat",
        "claude-sonnet-4-5, chat",
        "text-embedding-3-small, embedding",
        "omni-moderation-latest, moderation",
        "gpt-image-1, image",
        "dall-e-3, image",
        "gpt-4o-mini-tts, speech",
        "whisper-1, transcription",
        "gpt-4o-transcribe, transcription",
        "gpt-3.5-turbo-instruct, completion"
    })
    void judgesCapabilitiesByTheName(String model, String capability) {
        assertThat(ModelCapability.of(model).label()).isEqualTo(capability);
        assertThat(ModelCapability.labelled(capability)).isEqualTo(ModelCapability.of(model));
    }

    @Test
    void knowsNoOtherCapability() {
        assertThat(ModelCapability.labelled("CHAT")).isNull();
        assertThat(ModelCapability.labelled("")).isNull();
    }
}
