package io.latticegate.proxy.provider;

import static org.assertj.core.api.Assertions.assertThat;

import io.latticegate.proxy.dialect.Refusal;
import io.vertx.core.MultiMap;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class AllowedCallsTest {
    private static final String JSON = "application/json";

    private final AllowedCalls calls = new AllowedCalls(
            Set.of("POST", "GET"),
            List.of("/v1/items", "/v1/files/*", "/v1/chat/*"),
            path -> path.equals("/v1/chat/completions"),
            Map.of("model", List.of("small", "tiny-*"), "size", List.of("1")),
            Set.of("x-team"));

    @ParameterizedTest
    @ValueSource(strings = {"/v1/items", "/v1/files/a", "/v1/files/a/b", "/v1/files/%61", "/v1/chat/other"})
    void whatIsListedIsAllowed(String path) {
        assertThat(calls.permitsPath(path)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "/",
                "/v1",
                "/v1/item",
                "/v1/items/",
                "/v1/itemsX",
                "/v1/items/1",
                "/v1/Items",
                "/v1/%69tems",
                "/v1/files",
                "/v1/files/",
                "/v1/filesX/a",
                "/V1/files/a",
                "/v2/files/a",
                "/x/v1/files/a"
            })
    void whatIsNotListedIsNot(String path) {
        assertThat(calls.permitsPath(path)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/v1/chat/completions",
                "/v1/chat/completions/",
                "/v1/chat/Completions",
                "/v1/chat/%63ompletions",
                "/v1/chat/complet%69ons/",
                "/v1/chat/%43OMPLETIONS"
            })
    void whatTheGatewayMetersItselfIsNeverAllowed(String path) {
        assertThat(calls.permitsPath(path)).isFalse();
    }

    @Test
    void aStarAloneAllowsEverythingBelowTheRoot() {
        AllowedCalls all = new AllowedCalls(Set.of("GET"), List.of("/*"), path -> false, Map.of(), Set.of());
        assertThat(all.permitsPath("/a/b")).isTrue();
        assertThat(all.permitsPath("/")).isFalse();
    }

    @Test
    void methodsAreComparedExactly() {
        assertThat(calls.permitsMethod("POST")).isTrue();
        assertThat(calls.permitsMethod("post")).isFalse();
        assertThat(calls.permitsMethod("DELETE")).isFalse();
        assertThat(calls.methods()).isEqualTo("GET, POST");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "application/json|{\"model\":\"small\",\"size\":1}",
                "application/json; charset=utf-8|{\"model\":\"tiny-\",\"size\":\"1\"}",
                "APPLICATION/JSON|{\"size\":1,\"model\":\"tiny-x.y*z\",\"more\":{\"model\":\"large\"}}",
                "application/vnd.api+json|{\"model\":\"small\",\"size\":1}"
            })
    void bodiesWithinTheLimitsPass(String type, String body) {
        assertThat(fault("POST", type, "", body)).isNull();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "application/json|{\"model\":\"large\",\"size\":1}|403",
                "application/json|{\"model\":\"smaller\",\"size\":1}|403",
                "application/json|{\"model\":\"Small\",\"size\":1}|403",
                "application/json|{\"model\":\"xtiny-\",\"size\":1}|403",
                "application/json|{\"model\":\"small\",\"size\":2}|403",
                "application/json|{\"model\":\"small\"}|400",
                "application/json|{\"model\":null,\"size\":1}|400",
                "application/json|{\"model\":[\"small\"],\"size\":1}|400",
                "application/json|{\"model\":\"small\",\"model\":\"large\",\"size\":1}|400",
                "application/json|{\"model\":\"small\",\"m\\u006fdel\":\"large\",\"size\":1}|400",
                "application/json|{\"model\":\"small\",\"size\":1}{\"model\":\"large\"}|400",
                "application/json|[{\"model\":\"small\",\"size\":1}]|400",
                "application/json|not json|400",
                "application/json|''|400",
                "text/plain|{\"model\":\"small\",\"size\":1}|415",
                "application/x-www-form-urlencoded|model=large|415",
                "application/jsonx|{\"model\":\"small\",\"size\":1}|415",
                "''|{\"model\":\"small\",\"size\":1}|415"
            })
    void bodiesThatCouldMeanSomethingElseAreRefused(String type, String body, int status) {
        Refusal refusal = fault("POST", type, "", body);
        assertThat(refusal).isNotNull().extracting(Refusal::status).isEqualTo(status);
    }

    @Test
    void aLimitedParameterHasNoPlaceInTheQuery() {
        Refusal refusal = fault("POST", JSON, "model", "{\"model\":\"small\",\"size\":1}");
        assertThat(refusal).isNotNull().extracting(Refusal::param).isEqualTo("model");
    }

    @Test
    void aRequestWithoutBodyHasNoParametersToLimit() {
        assertThat(fault("GET", "", "", "")).isNull();
        assertThat(fault("GET", JSON, "", "{\"model\":\"large\",\"size\":1}")).isNotNull();
    }

    @Test
    void aRequiredHeaderThatIsMissingOrBlankIsNamed() {
        MultiMap headers = MultiMap.caseInsensitiveMultiMap();
        Refusal missing = calls.fault("GET", headers, MultiMap.caseInsensitiveMultiMap(), new byte[0]);
        assertThat(missing).isNotNull().extracting(Refusal::param).isEqualTo("x-team");
        headers.set("X-Team", " ");
        assertThat(calls.fault("GET", headers, MultiMap.caseInsensitiveMultiMap(), new byte[0]))
                .isEqualTo(missing);
    }

    private @Nullable Refusal fault(String method, String contentType, String queryName, String body) {
        MultiMap headers = MultiMap.caseInsensitiveMultiMap().add("X-Team", "core");
        if (!contentType.isEmpty()) {
            headers.add("Content-Type", contentType);
        }
        MultiMap query = MultiMap.caseInsensitiveMultiMap();
        if (!queryName.isEmpty()) {
            query.add(queryName, "small");
        }
        return calls.fault(method, headers, query, body.getBytes(StandardCharsets.UTF_8));
    }
}
