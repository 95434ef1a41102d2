package io.latticegate.proxy.chat;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A chat call in no one's dialect.
 *
 * @param model as the client named it; {@link #withModel} puts the provider's name in its place
 * @param system leading instructions in order, each one text
 * @param messages the conversation; empty only when the client sent nothing but instructions
 * @param tools empty when none
 * @param toolChoice null leaves it to the provider
 * @param parallelToolCalls false allows at most one call per turn; null leaves it to the provider
 * @param stop sequences that end the answer
 * @param maxOutputTokens null when the client set no limit
 * @param stream whether the client wants the answer as it comes
 * @param includeUsage whether a streaming client asked for usage (OpenAI's {@code stream_options.include_usage})
 * @param responseFormat null for free text
 * @param reasoning null leaves it to the provider
 * @param user an opaque id of the end user for the provider's abuse detection
 * @param metadata the client's labels
 */
public record ChatRequest(
        String model,
        List<String> system,
        List<ChatMessage> messages,
        List<ToolDefinition> tools,
        @Nullable ToolChoice toolChoice,
        @Nullable Boolean parallelToolCalls,
        Sampling sampling,
        List<String> stop,
        @Nullable Long maxOutputTokens,
        boolean stream,
        boolean includeUsage,
        @Nullable ResponseFormat responseFormat,
        @Nullable ReasoningRequest reasoning,
        @Nullable String user,
        Map<String, String> metadata) {

    public ChatRequest {
        system = List.copyOf(system);
        messages = List.copyOf(messages);
        tools = List.copyOf(tools);
        stop = List.copyOf(stop);
        metadata = Map.copyOf(metadata);
    }

    /**
     * One user message and nothing else, for surfaces that take a bare prompt (S0-054).
     */
    public static ChatRequest ofPrompt(String model, String prompt, Sampling sampling, @Nullable Long maxOutputTokens) {
        var message = new ChatMessage(ChatMessage.Role.USER, List.of(new ContentPart.Text(prompt)));
        return new ChatRequest(
                model,
                List.of(),
                List.of(message),
                List.of(),
                null,
                null,
                sampling,
                List.of(),
                maxOutputTokens,
                false,
                false,
                null,
                null,
                null,
                Map.of());
    }

    /** The same call for another model name (alias → the provider's). */
    public ChatRequest withModel(String upstreamModel) {
        return new ChatRequest(
                upstreamModel,
                system,
                messages,
                tools,
                toolChoice,
                parallelToolCalls,
                sampling,
                stop,
                maxOutputTokens,
                stream,
                includeUsage,
                responseFormat,
                reasoning,
                user,
                metadata);
    }

    /**
     * The same call with other messages and another limit, for going on with an answer.
     *
     * @param outputTokensMax null: no limit
     */
    public ChatRequest goingOn(List<ChatMessage> turns, @Nullable Long outputTokensMax) {
        return new ChatRequest(
                model,
                system,
                turns,
                tools,
                toolChoice,
                parallelToolCalls,
                sampling,
                stop,
                outputTokensMax,
                stream,
                includeUsage,
                responseFormat,
                reasoning,
                user,
                metadata);
    }

    /** The same call, streaming or not; a stream always asks the provider for usage, which is what metering needs. */
    public ChatRequest withStream(boolean streaming) {
        return new ChatRequest(
                model,
                system,
                messages,
                tools,
                toolChoice,
                parallelToolCalls,
                sampling,
                stop,
                maxOutputTokens,
                streaming,
                includeUsage,
                responseFormat,
                reasoning,
                user,
                metadata);
    }
}
