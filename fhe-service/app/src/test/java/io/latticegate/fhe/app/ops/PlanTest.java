package io.latticegate.fhe.app.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.latticegate.fhe.app.http.Refusal;
import io.latticegate.fhe.app.scheme.Scheme;
import io.latticegate.fhe.app.scheme.Schemes;
import io.latticegate.fhe.core.backend.Backends;
import io.latticegate.fhe.core.key.GaloisElements;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PlanTest {
    private static final Scheme S14 = new Schemes(Backends.cpu()).require("S14");
    private static final Duration MAX = Duration.ofMinutes(1);
    private static final Plan.Shape FRESH = new Plan.Shape(5, 0x1p40, 2);

    private static OpsRequest request(String json) {
        return OpsRequest.from(new JsonObject(json.replace('\'', '"')), S14, MAX);
    }

    private static Plan plan(String steps, int output, Plan.Shape... inputs) {
        String json = "{'steps':[" + steps + "],'outputs':[" + output + "]}";
        return new Plan(S14, request(json), List.of(inputs));
    }

    private static void refused(String steps, String because, Plan.Shape... inputs) {
        assertThatThrownBy(() -> plan(steps, 0, inputs))
                .isInstanceOfSatisfying(
                        Refusal.class, refusal -> assertThat(refusal.code()).isEqualTo("circuit_refused"))
                .hasMessageContaining(because);
    }

    @Test
    void followsLevelsAndScales() {
        Plan plan = plan(
                "{'op':'multiply','a':0,'b':1},{'op':'relinearise','a':2},{'op':'rescale','a':3},"
                        + "{'op':'mod_switch','a':4,'level':1},{'op':'square','a':5}",
                6,
                FRESH,
                FRESH);
        assertThat(plan.value(2)).isEqualTo(new Plan.Shape(5, 0x1p80, 3));
        assertThat(plan.value(3)).isEqualTo(new Plan.Shape(5, 0x1p80, 2));
        double rescaled = 0x1p80 / S14.parameters().prime(5);
        assertThat(plan.value(4)).isEqualTo(new Plan.Shape(4, rescaled, 2));
        assertThat(plan.value(5)).isEqualTo(new Plan.Shape(1, rescaled, 2));
        assertThat(plan.value(6)).isEqualTo(new Plan.Shape(1, rescaled * rescaled, 3));
        assertThat(plan.relinearises()).isTrue();
        assertThat(plan.moves()).isFalse();
    }

    @Test
    void refusesWhatAnOperationDoesNotTake() {
        Plan.Shape lower = new Plan.Shape(4, 0x1p40, 2);
        Plan.Shape other = new Plan.Shape(5, 0x1p41, 2);
        Plan.Shape product = new Plan.Shape(5, 0x1p80, 3);
        Plan.Shape bottom = new Plan.Shape(0, 0x1p40, 2);
        refused("{'op':'add','a':0,'b':1}", "levels are 5 and 4", FRESH, lower);
        refused("{'op':'subtract','a':0,'b':1}", "scales are", FRESH, other);
        refused("{'op':'multiply','a':0,'b':1}", "3 polynomials", FRESH, product);
        refused("{'op':'rotate','a':0,'by':1}", "3 polynomials", product);
        refused("{'op':'conjugate','a':0}", "3 polynomials", product);
        refused("{'op':'relinearise','a':0}", "2 polynomials", FRESH);
        refused("{'op':'rescale','a':0}", "level 0", bottom);
        refused("{'op':'mod_switch','a':0,'level':5}", "level 4", lower);
        refused("{'op':'square','a':0}", "below the modulus of 50 bits", bottom);
        refused("{'op':'rescale','a':0}", "scale would be", new Plan.Shape(5, 0x1p20, 2));
    }

    @Test
    void refusesValuesThatAreNotKnownYet() {
        assertThatThrownBy(() -> plan("{'op':'negate','a':1}", 0, FRESH)).hasMessageContaining("values 0 to 0");
        assertThatThrownBy(() -> plan("", 1, FRESH)).hasMessageContaining("outputs names value 1");
    }

    @Test
    void namesTheKeysThatAreMissing() {
        Plan plan = plan("{'op':'rotate','a':0,'by':1},{'op':'conjugate','a':1}", 2, FRESH);
        int rotation = GaloisElements.rotation(S14.parameters().degree(), 1);
        int conjugation = GaloisElements.conjugation(S14.parameters().degree());
        plan.requireKeys(false, Set.of(rotation, conjugation));
        assertThatThrownBy(() -> plan.requireKeys(false, Set.of(rotation)))
                .hasMessageContaining("[" + conjugation + "]");
        Plan product = plan("{'op':'square','a':0},{'op':'relinearise','a':1}", 2, FRESH);
        assertThatThrownBy(() -> product.requireKeys(false, Set.of()))
                .isInstanceOfSatisfying(
                        Refusal.class, refusal -> assertThat(refusal.status()).isEqualTo(409))
                .hasMessageContaining("relin");
    }

    @Test
    void setsMemoryAsideForWhatLivesAtATime() {
        long one = S14.ciphertextBytes(5, 2);
        long answer = 2 * S14.containerBytesMax(5, 2);
        assertThat(plan("", 0, FRESH).memoryBytes()).isEqualTo(one + answer);
        Plan chain = plan(negations(20), 20, FRESH);
        assertThat(chain.memoryBytes()).isEqualTo(3 * one + answer);
    }

    private static String negations(int count) {
        String[] steps = new String[count];
        Arrays.setAll(steps, i -> "{'op':'negate','a':" + i + "}");
        return String.join(",", steps);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{'steps':[]}",
                "{'steps':[],'outputs':[]}",
                "{'steps':[],'outputs':['0']}",
                "{'steps':[],'outputs':[-1]}",
                "{'steps':[],'outputs':[1e3]}",
                "{'steps':{},'outputs':[0]}",
                "{'steps':[1],'outputs':[0]}",
                "{'steps':[{'op':'decrypt','a':0}],'outputs':[0]}",
                "{'steps':[{'op':'negate'}],'outputs':[0]}",
                "{'steps':[{'op':'negate','a':0,'b':0}],'outputs':[0]}",
                "{'steps':[{'op':'rotate','a':0,'by':0}],'outputs':[0]}",
                "{'steps':[{'op':'rotate','a':0,'by':8192}],'outputs':[0]}",
                "{'steps':[{'op':'mod_switch','a':0,'level':6}],'outputs':[0]}",
                "{'steps':[],'outputs':[0],'compression':'zstd'}",
                "{'steps':[],'outputs':[0],'deadline_ms':0}",
                "{'steps':[],'outputs':[0],'deadline_ms':60001}",
                "{'steps':[],'outputs':[0],'job':7}",
                "{'steps':[],'outputs':[0],'secret_key':'x'}"
            })
    void refusesARequestThatIsMalformed(String json) {
        assertThatThrownBy(() -> request(json))
                .isInstanceOfSatisfying(
                        Refusal.class, refusal -> assertThat(refusal.status()).isEqualTo(400));
    }

    @Test
    void boundsTheNumberOfStepsAndOutputs() {
        assertThat(request("{'steps':[" + negations(64) + "],'outputs':[64]}").steps())
                .hasSize(64);
        assertThatThrownBy(() -> request("{'steps':[" + negations(65) + "],'outputs':[0]}"))
                .hasMessageContaining("a list of 0 to 64");
        String outputs = new JsonArray(java.util.Collections.nCopies(17, 0)).encode();
        assertThatThrownBy(() -> request("{'steps':[],'outputs':" + outputs + "}"))
                .hasMessageContaining("a list of 1 to 16");
    }
}
