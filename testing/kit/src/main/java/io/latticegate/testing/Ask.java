package io.latticegate.testing;

import io.vertx.core.json.JsonObject;
import java.util.List;

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
        int choices) {
    static final String ANY_TOOL = "*";

    /** A tool and the JSON schema of its arguments. */
    record Tool(String name, JsonObject schema) {}

    /** An ask without tools. */
    static Ask plain(String model, Script script, boolean streamed, String text, int inputTokens, int outputTokensMax) {
        return new Ask(model, script, streamed, text, false, inputTokens, outputTokensMax, List.of(), "", true, 1);
    }
}
