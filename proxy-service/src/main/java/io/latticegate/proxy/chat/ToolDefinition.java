package io.latticegate.proxy.chat;

import com.fasterxml.jackson.databind.JsonNode;
import org.jspecify.annotations.Nullable;

/**
 * A tool that the model may call.
 *
 * @param parameters the JSON schema of the arguments, an object; not to be modified
 * @param strict whether the provider must enforce the schema; null leaves it to the provider
 */
public record ToolDefinition(
        String name,
        @Nullable String description,
        JsonNode parameters,
        @Nullable Boolean strict) {}
