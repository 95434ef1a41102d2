package io.latticegate.proxy.relay;

import io.latticegate.proxy.provider.Provider;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The names that OpenTelemetry's semantic conventions for generative AI give to what passes here (semantic-conventions-genai,
 * client-inference, status Development, based on the semantic conventions 1.44.0).
 */
final class GenAi {
    private static final Map<String, String> OPERATIONS = operations();

    private static Map<String, String> operations() {
        Map<String, String> names = new HashMap<>();
        for (Operation operation : Operation.values()) {
            String name = switch (operation) {
                case CHAT, RESPONSES, MESSAGES, CONVERSE, CONVERSE_STREAM, COHERE_CHAT, AGENTARY -> "chat";
                case COMPLETIONS -> "text_completion";
                case GENERATE_CONTENT, STREAM_GENERATE_CONTENT -> "generate_content";
                case EMBEDDINGS, EMBED_CONTENT, BATCH_EMBED_CONTENTS, COHERE_EMBED -> "embeddings";
                case COUNT_TOKENS, GEMINI_MODELS, GEMINI_MODEL, COHERE_RERANK -> "";
            };
            if (!name.isEmpty()) {
                names.put(operation.path(), name);
            }
        }
        names.put(WalletRelay.COMPLETION_PATH, "chat");
        return Map.copyOf(names);
    }

    /** {@code gen_ai.operation.name} of an endpoint, or null where it asks no model for anything. */
    static @Nullable String operation(String route) {
        return OPERATIONS.get(route);
    }

    /** {@code gen_ai.provider.name}, or null where the conventions have none. */
    static @Nullable String provider(Provider provider) {
        return switch (provider.kind()) {
            case OPENAI -> provider.settings().variant().azure() == null ? "openai" : "azure.ai.openai";
            case ANTHROPIC -> "anthropic";
            case GEMINI -> "gcp.gemini";
            case BEDROCK -> "aws.bedrock";
            case COHERE -> "cohere";
            case TGI -> "text-generation-inference";
            case GENERIC, ECHO -> null;
        };
    }

    private GenAi() {}
}
