package io.latticegate.proxy.guard;

import com.fasterxml.jackson.databind.JsonNode;
import io.latticegate.proxy.dialect.JsonBytes;
import io.latticegate.proxy.dialect.StrictJson;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The policies that apply to one request, as one. Immutable and thread-safe. */
public final class GuardSet {
    private static final Set<String> INSTRUCTIONS = Set.of(
            "system", "instructions", "systemInstruction", "system_instruction", "tools", "response_format", "text");
    private static final Set<String> INSTRUCTING_ROLES = Set.of("system", "developer");

    private final String names;
    private final @Nullable TextRules prompts;
    private final @Nullable TextRules answers;
    private final List<Injection> injections;
    private final List<Schema> schemas;
    private final @Nullable String requestedBy;
    private final List<String> webhooks;
    private final int window;
    private final boolean opaquePasses;

    /** Heuristics with what one policy does about them. */
    record Injection(Rule rule, int threshold) {}

    /** A schema that one policy asks of every answer. */
    record Schema(String policy, AnswerSchema schema) {}

    GuardSet(
            String names,
            @Nullable TextRules prompts,
            @Nullable TextRules answers,
            List<Injection> injections,
            List<Schema> schemas,
            @Nullable String requestedBy,
            List<String> webhooks,
            int window,
            boolean opaquePasses) {
        this.names = names;
        this.prompts = prompts;
        this.answers = answers;
        this.injections = List.copyOf(injections);
        this.schemas = List.copyOf(schemas);
        this.requestedBy = requestedBy;
        this.webhooks = List.copyOf(webhooks);
        this.window = window;
        this.opaquePasses = opaquePasses;
    }

    /** Names of the policies, the same for the same policies. The configuration of a process does not change. */
    public String names() {
        return names;
    }

    /** Whether a prompt must be read at all. */
    public boolean readsPrompts() {
        return prompts != null || !injections.isEmpty() || requestedBy != null || !webhooks.isEmpty();
    }

    /** Whether calls that cannot be examined are let through. */
    public boolean opaquePasses() {
        return opaquePasses;
    }

    /** The policies whose webhooks are asked about a prompt. */
    public List<String> webhooks() {
        return webhooks;
    }

    /**
     * What came of a prompt.
     *
     * @param redacted the body to be sent in the place of the client's; null: unchanged
     * @param document the body as it is sent; null where the body is no JSON, which other readers refuse
     * @param requested the schema that the answer must fit because the request asks for it, or null
     * @param schemaFault why the schema that the request asks for cannot be checked, or null
     */
    @SuppressWarnings("ArrayRecordComponent")
    public record Prompt(
            Findings findings,
            byte @Nullable [] redacted,
            @Nullable JsonNode document,
            @Nullable AnswerSchema requested,
            @Nullable String schemaFault) {}

    /** Examines the JSON body of a request, in time linear in its length but for the schema's bounded one. */
    public Prompt examine(byte[] body) {
        Findings findings = new Findings();
        if (!(StrictJson.parse(body) instanceof StrictJson.Parsed.Tree(JsonNode root))) {
            return new Prompt(findings, null, null, null, null);
        }
        for (Injection injection : injections) {
            if (isAttempt(root, injection.threshold, false, true)) {
                findings.add(injection.rule);
            }
        }
        byte[] redacted = null;
        if (prompts != null) {
            JsonTexts texts = new JsonTexts(prompts, findings);
            texts.examine(root);
            redacted = texts.changed() ? JsonBytes.document(json -> json.writeTree(root)) : null;
        }
        JsonNode schema = requestedBy == null ? null : requestedSchema(root);
        if (schema == null) {
            return new Prompt(findings, redacted, root, null, null);
        }
        try {
            return new Prompt(findings, redacted, root, AnswerSchema.of(schema), null);
        } catch (IllegalArgumentException unchecked) {
            return new Prompt(findings, redacted, root, null, String.valueOf(unchecked.getMessage()));
        }
    }

    /**
     * Examines a prompt that is one text.
     *
     * @return the text to be sent, the same where nothing is redacted
     */
    public String examineText(String text, Findings findings) {
        for (Injection injection : injections) {
            if (InjectionHeuristics.score(text) >= injection.threshold) {
                findings.add(injection.rule);
            }
        }
        return prompts == null ? text : prompts.redacted(text, findings);
    }

    /** Whether answers have to be looked at. */
    public boolean readsAnswers(@Nullable AnswerSchema requested) {
        return answers != null || !schemas.isEmpty() || requested != null;
    }

    /** Begins to examine an answer. */
    public AnswerGuard startAnswer(@Nullable AnswerSchema requested, Findings findings) {
        return new AnswerGuard(
                answers == null ? NOTHING : answers,
                findings,
                window,
                new SchemaCheck(schemas, requested, requestedBy == null ? "" : requestedBy));
    }

    private static final TextRules NOTHING = TextRules.none();

    /** Whether a text that does not come from those who instruct the model scores the threshold. */
    private static boolean isAttempt(JsonNode node, int threshold, boolean instructs, boolean isRoot) {
        if (node.isTextual()) {
            return !instructs && InjectionHeuristics.score(node.textValue()) >= threshold;
        }
        boolean within =
                instructs || INSTRUCTING_ROLES.contains(node.path("role").asText(""));
        for (var member : node.properties()) {
            boolean instructing = within || isRoot && INSTRUCTIONS.contains(member.getKey());
            if (isAttempt(member.getValue(), threshold, instructing, false)) {
                return true;
            }
        }
        if (node.isArray()) {
            for (JsonNode element : node) {
                if (isAttempt(element, threshold, within, false)) {
                    return true;
                }
            }
        }
        return false;
    }

    /** The schema of a structured answer, wherever the protocol has it, or null. */
    private static @Nullable JsonNode requestedSchema(JsonNode request) {
        JsonNode gemini =
                request.has("generationConfig") ? request.path("generationConfig") : request.path("generation_config");
        for (JsonNode place : List.of(
                request.at("/response_format/json_schema/schema"),
                request.at("/text/format/schema"),
                request.at("/output_config/format/schema"),
                request.at("/output_format/schema"),
                gemini.path("responseJsonSchema"),
                gemini.path("response_json_schema"),
                gemini.path("responseSchema"),
                gemini.path("response_schema"))) {
            if (place.isObject()) {
                return place;
            }
        }
        return null;
    }
}
