package io.latticegate.testing;

import io.vertx.core.json.JsonObject;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a request for an answer wants, in words that all dialects share.
 *
 * @param lastText the text of the last user turn, or of the tool results when those came last
 * @param toolResult whether tool results came last
 * @param inputTokens by {@link Tokens} over every text of the request
 * @param outputTokensMax the caller's cap; {@link Integer#MAX_VALUE} when it set none
 * @param tools callable tools in the request's order
 * @param forcedTool the tool that must be called; empty when none must, {@code *} when any must
 * @param parallelTools whether more than one call may be made
 * @param choices how many answers are wanted
 * @param textSchema the JSON schema that the answer's text must fit; null for free text
 * @param begun the beginning of the answer, which the caller has given; empty where it has not
 */
record Ask(
        String model,
        Script script,
        boolean streamed,
        String lastText,
        boolean toolResult,
        int inputTokens,
        int outputTokensMax,
        List<Tool> tools,
        String forcedTool,
        boolean parallelTools,
        int choices,
        @Nullable JsonObject textSchema,
        String begun) {
    static final String ANY_TOOL = "*";

    /** An ask for free text. */
    Ask(
            String model,
            Script script,
            boolean streamed,
            String lastText,
            boolean toolResult,
            int inputTokens,
            int outputTokensMax,
            List<Tool> tools,
            String forcedTool,
            boolean parallelTools,
            int choices) {
        this(
                model,
                script,
                streamed,
                lastText,
                toolResult,
                inputTokens,
                outputTokensMax,
                tools,
                forcedTool,
                parallelTools,
                choices,
                null,
                "");
    }

    /** A tool and the JSON schema of its arguments. */
    record Tool(String name, JsonObject schema) {}

    /** The same ask for text that fits a JSON schema, where {@code schema} is one. */
    Ask withTextSchema(@Nullable Object schema) {
        return new Ask(
                model,
                script,
                streamed,
                lastText,
                toolResult,
                inputTokens,
                outputTokensMax,
                tools,
                forcedTool,
                parallelTools,
                choices,
                schema instanceof JsonObject object ? object : null,
                begun);
    }

    /** The same ask for an answer that goes on with {@code beginning}. */
    Ask withBegun(String beginning) {
        return new Ask(
                model,
                script,
                streamed,
                lastText,
                toolResult,
                inputTokens,
                outputTokensMax,
                tools,
                forcedTool,
                parallelTools,
                choices,
                textSchema,
                beginning);
    }

    /** An ask without tools. */
    static Ask plain(String model, Script script, boolean streamed, String text, int inputTokens, int outputTokensMax) {
        return new Ask(model, script, streamed, text, false, inputTokens, outputTokensMax, List.of(), "", true, 1);
    }
}
