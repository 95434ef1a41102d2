package io.latticegate.admin.manage;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SchemaValidatorsConfig;
import com.networknt.schema.SpecVersion;
import io.latticegate.admin.export.OcsfSchema;
import io.latticegate.admin.manage.AdminStack.Reply;
import io.latticegate.admin.openapi.ManagementDescription;
import io.latticegate.common.contract.AuthApi;
import io.latticegate.common.contract.OpsApi;
import io.latticegate.common.contract.OpsApi.ProviderStatus;
import io.latticegate.common.contract.VaultApi;
import io.latticegate.testing.Await;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The OpenAPI document says what the API does: of every route, and nothing else; answers are as their schemas say. */
class OpenApiTest {
    private static final Set<String> NOT_METHODS = Set.of("parameters");
    private static final String UNKNOWN = "0b3f7a52-0000-4000-8000-00000000ffff";

    private final ObjectMapper mapper = new ObjectMapper();
    private final Set<String> answered = new TreeSet<>();

    @TempDir
    private Path directory;

    private AdminStack stack;
    private JsonObject document;

    @BeforeEach
    void start() {
        stack = new AdminStack(directory);
        document = stack.get("/manage/openapi.json").object();
    }

    @AfterEach
    void stop() {
        stack.close();
    }

    @Test
    void everyRouteIsDescribedAndEveryDescriptionIsARoute() {
        List<String> undescribed = new ArrayList<>();
        List<String> served = new ArrayList<>();
        operations((path, method, operation) -> {
            served.add(method + " " + path.replaceAll("\\{[^}]*}", "{}"));
            if (operation.containsKey(ManagementDescription.UNDESCRIBED)) {
                undescribed.add(method + " " + path);
            }
        });
        assertThat(undescribed).isEmpty();
        assertThat(served).containsExactlyInAnyOrderElementsOf(new ManagementDescription().described());
    }

    @Test
    void theDocumentIsWhole() {
        assertThat(document.getString("openapi")).startsWith("3.1.");
        assertThat(document.getJsonObject("info").getString("version")).isNotEmpty();
        Set<String> names = new TreeSet<>();
        operations((path, method, operation) -> {
            assertThat(names.add(operation.getString("operationId")))
                    .as(operation.getString("operationId"))
                    .isTrue();
            assertThat(operation.getString("x-role")).isIn("viewer", "operator", "admin");
            assertThat(operation.getString("summary")).isNotEmpty();
            assertThat(operation.getJsonObject("responses").fieldNames()).anyMatch(status -> status.startsWith("2"));
            assertThat(pathParameters(path)).isEqualTo(declared(path));
        });
        for (String reference : references(document)) {
            assertThat(resolved(reference)).as(reference).isNotNull();
        }
    }

    @Test
    void answersAreAsDescribed() {
        stack.nodes.proxy(FakeNodes.FIRST, FakeNodes.openai(ProviderStatus.DEGRADED, 1, 1, 0));
        stack.nodes.compute(FakeNodes.SECOND, new OpsApi.Compute(5L, null, 6, 2, "cpu", 100, 1_000));
        String project = stack.project("described");
        String token = stack.token(project).getString("id");
        String etag = stack.get("/manage/config").header("ETag");
        String merge = "application/merge-patch+json";

        call("GET", "/manage/projects", "");
        call("POST", "/manage/projects", "{\"name\":\"two\",\"api_key\":\"sk-proj-abcdefghijklmnop\"}");
        call("POST", "/manage/projects", "{\"name\":1}");
        call("GET", "/manage/projects/" + project, "");
        call("GET", "/manage/projects/" + UNKNOWN, "");
        call("PATCH", "/manage/projects/" + project, "{\"name\":\"renamed\"}");
        call("GET", "/manage/projects/" + project + "/keys", "");
        call(
                "POST",
                "/manage/projects/" + project + "/keys",
                "{\"name\":\"b\",\"api_key\":\"sk-proj-abcdefghijklmnop\"}");
        call("PATCH", "/manage/projects/" + project + "/keys/openai/b", "{\"weight\":3}");
        call("DELETE", "/manage/projects/" + project + "/keys/openai/b", "");
        call("DELETE", "/manage/projects/" + project + "/keys/openai/b", "");
        call("GET", "/manage/tokens", "");
        call("POST", "/manage/tokens", "{\"project_id\":\"" + project + "\",\"max_requests\":5,\"max_cost_usd\":0.5}");
        call("GET", "/manage/tokens/" + token, "");
        call("PATCH", "/manage/tokens/" + token, "{\"max_requests\":9}");
        call("DELETE", "/manage/tokens/" + token, "");
        call("GET", "/manage/tokens/" + UNKNOWN, "");
        call("POST", "/manage/projects/" + project + "/tokens/revoke", "");
        call("GET", "/manage/config", "");
        send("PATCH", "/manage/config", merge, "{\"routing\":{\"strategy\":\"usage\"}}", etag);
        send("PATCH", "/manage/config", merge, "{\"routing\":{\"strategy\":\"weighted\"}}", etag);
        send("PATCH", "/manage/config", merge, "{}", "");
        send("PUT", "/manage/config", "application/json", "{\"nothing\":1}", "\"2\"");
        send("POST", "/manage/config/validate", "application/json", "{\"nothing\":1}", "");
        call("GET", "/manage/config/diff?from=1&to=2", "");
        call("GET", "/manage/config/versions", "");
        call("GET", "/manage/config/versions/1", "");
        call("GET", "/manage/config/versions/99", "");
        send("POST", "/manage/config/versions/1/rollback", "application/json", "", "\"2\"");
        call("GET", "/manage/config/effective", "");
        call("GET", "/manage/logging", "");
        call("PUT", "/manage/logging", "{\"components\":{\"gateway:router\":\"debug\"}}");
        call("PUT", "/manage/logging", "{\"level\":\"loud\"}");
        send("PUT", "/manage/logging", "text/plain", "{}", "");
        call("GET", "/manage/nodes", "");
        call("GET", "/manage/providers", "");
        call("GET", "/manage/models", "");
        call("GET", "/manage/limits", "");
        call("GET", "/manage/cache", "");
        call("POST", "/manage/cache/purge", "{\"prefix\":\"/v1\"}");
        call("GET", "/manage/fhe", "");
        stack.fhe.spend(project, project + "~recipes", 3);
        call("GET", "/manage/privacy/budgets", "");
        call(
                "POST",
                "/manage/privacy/budgets/reset",
                "{\"project\":\"" + project + "\",\"index\":\"" + project + "~recipes\"}");
        call("GET", "/manage/vault", "");
        call("GET", "/manage/vault/keys?limit=2", "");
        call("POST", "/manage/vault/rotate", "{\"what\":\"kek\"}");
        call("POST", "/manage/vault/rotate", "{\"what\":\"dek\"}");
        call("GET", "/manage/vault", "");
        stack.deliverAudit();
        call("GET", "/manage/audit?page_size=100", "");
        call("GET", "/manage/audit?page_size=1&page=2", "");
        String event = stack.get("/manage/audit")
                .object()
                .getJsonArray("events")
                .getJsonObject(0)
                .getString("id");
        call("GET", "/manage/audit/" + event, "");
        call("GET", "/manage/audit/" + UNKNOWN, "");
        readTheLog(event);
        call("GET", "/manage/export/events?limit=3", "");
        call("POST", "/manage/subjects/erase", "{\"kind\":\"client_ip\",\"id\":\"192.0.2.1\"}");
        call("GET", "/manage/alerts", "");
        call("GET", "/manage/analytics/series?metric=requests", "");
        call("GET", "/manage/analytics/series?metric=laughs", "");
        call("GET", "/manage/analytics/summary", "");
        call("GET", "/manage/analytics/top?by=project", "");
        call("GET", "/manage/requests", "");
        call("GET", "/manage/requests/unknown", "");
        call("GET", "/manage/usage/wallets/0x" + "ab".repeat(20), "");
        changePrincipals();
        call("GET", "/manage/openapi.json", "");
        stack.vault.fail(VaultApi.DESCRIBE_VAULT);
        call("GET", "/manage/vault", "");
        stack.auth.fail(AuthApi.LIST_PROJECTS);
        call("GET", "/manage/projects", "");

        Set<String> silent = new TreeSet<>();
        operations((path, method, operation) -> silent.add(method + " " + path));
        silent.removeAll(answered);
        assertThat(silent).as("calls that the test did not make").isEmpty();
        everyCallIsExportedAsItsSchemaSays();
    }

    private void everyCallIsExportedAsItsSchemaSays() {
        stack.deliverAudit();
        OcsfSchema schema = new OcsfSchema();
        Set<String> exported = new TreeSet<>();
        for (String line : stack.get("/manage/export/events?format=ocsf&limit=10000")
                .text()
                .split("\n", -1)) {
            if (!line.isEmpty()) {
                JsonObject event = new JsonObject(line);
                assertThat(schema.problems(event)).as(line).isEmpty();
                exported.add(event.getJsonObject("api").getString("operation"));
            }
        }
        operations((path, method, operation) -> {
            String action = operation.getString("operationId").replaceFirst("\\.[0-9]$", "");
            assertThat(exported).as(method + " " + path).contains(action);
        });
    }

    private void readTheLog(String event) {
        Await.until(
                Duration.ofSeconds(10),
                "the log to be signed",
                () -> stack.get("/manage/audit/" + event + "/proof").status() == 200);
        call("GET", "/manage/audit/checkpoint", "");
        call("GET", "/manage/audit/keys", "");
        call("GET", "/manage/audit/status", "");
        call("GET", "/manage/audit/consistency?from=1&to=2", "");
        call("GET", "/manage/audit/consistency?from=2&to=1", "");
        call("GET", "/manage/audit/" + event + "/proof", "");
        call("GET", "/manage/audit/" + UNKNOWN + "/proof", "");
        call("GET", "/manage/audit/tile/0/000.p/1", "");
        call("GET", "/manage/audit/tile/0/000", "");
        call("GET", "/manage/audit/tile/entries/000.p/1", "");
        call("GET", "/manage/audit/tile/0/x001/000.p/1", "");
        call("GET", "/manage/audit/tile/0/x001/x000/000.p/1", "");
    }

    private void changePrincipals() {
        call("GET", "/manage/principals", "");
        String body = "{\"name\":\"on-call\",\"role\":\"operator\",\"all_projects\":true}";
        call("POST", "/manage/principals", body);
        call("POST", "/manage/principals", body);
        String id = stack.get("/manage/principals").array().getJsonObject(0).getString("id");
        call("GET", "/manage/principals/" + id, "");
        String seen = stack.get("/manage/principals/" + id).header("ETag");
        call("PATCH", "/manage/principals/" + id, "{\"role\":\"viewer\"}");
        send("PATCH", "/manage/principals/" + id, "application/json", "{\"role\":\"viewer\"}", seen);
        call("POST", "/manage/principals/" + id + "/rotate", "");
        call("DELETE", "/manage/principals/" + id, "");
        call("DELETE", "/manage/principals/" + id, "");
        call("PATCH", "/manage/principals/" + id, "{\"role\":\"viewer\"}");
    }

    private void call(String method, String path, String body) {
        send(method, path, "application/json", body, "");
    }

    private void send(String method, String path, String contentType, String body, String ifMatch) {
        var request = stack.request(path)
                .method(method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
        if (!body.isEmpty()) {
            request.header("Content-Type", contentType);
        }
        if (!ifMatch.isEmpty()) {
            request.header("If-Match", ifMatch);
        }
        Reply reply = stack.send(request);
        String template = template(path.replaceAll("\\?.*", ""));
        String what = method + " " + template + " " + reply.status() + " " + reply.text();
        JsonObject operation =
                document.getJsonObject("paths").getJsonObject(template).getJsonObject(method.toLowerCase(Locale.ROOT));
        JsonObject response = operation.getJsonObject("responses").getJsonObject(Integer.toString(reply.status()));
        assertThat(response).as("a status that is not described: " + what).isNotNull();
        JsonObject described =
                response.containsKey("$ref") ? (JsonObject) resolved(response.getString("$ref")) : response;
        if (described.containsKey("content")) {
            JsonObject content = described.getJsonObject("content").getJsonObject(reply.header("Content-Type"));
            assertThat(content).as("a type that is not described: " + what).isNotNull();
            if (reply.header("Content-Type").equals("application/json")) {
                assertThat(problems(content.getJsonObject("schema"), reply.text()))
                        .as(what)
                        .isEmpty();
            }
        } else {
            assertThat(reply.text()).as(what).isEmpty();
        }
        answered.add(method + " " + template);
    }

    private Set<String> problems(JsonObject schema, String body) {
        try {
            JsonObject whole = schema.copy().put("components", document.getJsonObject("components"));
            Set<String> problems = new TreeSet<>();
            JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012)
                    .getSchema(
                            mapper.readTree(whole.encode()),
                            SchemaValidatorsConfig.builder()
                                    .formatAssertionsEnabled(true)
                                    .build())
                    .validate(mapper.readTree(body))
                    .forEach(problem -> problems.add(problem.toString()));
            return problems;
        } catch (JsonProcessingException malformed) {
            throw new AssertionError(body, malformed);
        }
    }

    /** The described path that a path is one of; one without parameters before one with. */
    private String template(String path) {
        return document.getJsonObject("paths").fieldNames().stream()
                .sorted((left, right) -> Boolean.compare(left.contains("{"), right.contains("{")))
                .filter(one -> Pattern.matches(one.replace(".", "\\.").replaceAll("\\{[^}]*}", "[^/]+"), path))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no described path for " + path));
    }

    @FunctionalInterface
    private interface Visit {
        void operation(String path, String method, JsonObject operation);
    }

    private void operations(Visit visit) {
        document.getJsonObject("paths")
                .forEach(path -> ((JsonObject) path.getValue()).forEach(member -> {
                    if (!NOT_METHODS.contains(member.getKey())) {
                        visit.operation(path.getKey(), member.getKey().toUpperCase(Locale.ROOT), (JsonObject)
                                member.getValue());
                    }
                }));
    }

    private static Set<String> pathParameters(String path) {
        Set<String> names = new TreeSet<>();
        Pattern.compile("\\{([^}]*)}").matcher(path).results().forEach(found -> names.add(found.group(1)));
        return names;
    }

    private Set<String> declared(String path) {
        Set<String> names = new TreeSet<>();
        document.getJsonObject("paths").getJsonObject(path).getJsonArray("parameters", new JsonArray()).stream()
                .map(JsonObject.class::cast)
                .map(one -> one.containsKey("$ref") ? (JsonObject) resolved(one.getString("$ref")) : one)
                .forEach(one -> names.add(one.getString("name")));
        return names;
    }

    private Object resolved(String reference) {
        Object at = document;
        for (String step : reference.substring("#/".length()).split("/", -1)) {
            at = ((JsonObject) at).getValue(step);
        }
        return at;
    }

    private static Set<String> references(Object json) {
        Set<String> found = new TreeSet<>();
        switch (json) {
            case JsonObject object ->
                object.forEach(member -> {
                    if (member.getKey().equals("$ref")) {
                        found.add((String) member.getValue());
                    } else if (member.getValue() != null) {
                        found.addAll(references(member.getValue()));
                    }
                });
            case JsonArray array ->
                array.stream().filter(item -> item != null).forEach(item -> found.addAll(references(item)));
            default -> {}
        }
        return found;
    }
}
