package io.latticegate.proxy.dialect.bedrock;

import io.latticegate.proxy.chat.ChatEvent;
import io.latticegate.proxy.chat.FinishReason;
import io.latticegate.proxy.chat.ProviderError;
import org.jspecify.annotations.Nullable;

/** The values of {@code stopReason}. */
final class ConverseStopReason {
    private ConverseStopReason() {}

    /** What a reason means; a failure where it says that the model's output cannot be used at all. */
    static ChatEvent read(String reason) {
        return switch (reason) {
            case "tool_use" -> new ChatEvent.Finished(FinishReason.TOOL_CALLS);
            case "max_tokens", "model_context_window_exceeded" -> new ChatEvent.Finished(FinishReason.LENGTH);
            case "stop_sequence" -> new ChatEvent.Finished(FinishReason.STOP_SEQUENCE);
            case "guardrail_intervened", "content_filtered" -> new ChatEvent.Finished(FinishReason.CONTENT_FILTER);
            case "malformed_model_output", "malformed_tool_use" ->
                new ChatEvent.Failed(ProviderError.of(
                        ProviderError.Kind.OUTAGE, reason, "The model's answer cannot be used: " + reason));
            default -> new ChatEvent.Finished(FinishReason.STOP);
        };
    }

    static String write(@Nullable FinishReason reason, boolean calledTools) {
        if (reason == null) {
            return calledTools ? "tool_use" : "end_turn";
        }
        return switch (reason) {
            case STOP, PAUSE -> "end_turn";
            case STOP_SEQUENCE -> "stop_sequence";
            case LENGTH -> "max_tokens";
            case TOOL_CALLS -> "tool_use";
            case CONTENT_FILTER, REFUSAL -> "content_filtered";
        };
    }
}
