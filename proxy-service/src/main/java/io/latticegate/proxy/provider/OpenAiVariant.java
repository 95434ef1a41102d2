package io.latticegate.proxy.provider;

import io.latticegate.proxy.dialect.openai.OpenAiChat;
import org.jspecify.annotations.Nullable;

/**
 * How an API that speaks OpenAI's protocol differs from OpenAI's own.
 *
 * @param limitField the name under which it takes the output limit of a translated chat
 * @param azure where its calls stand; null: where OpenAI has them
 * @param responses whether chats are sent to it through the Responses API instead of Chat Completions
 */
public record OpenAiVariant(
        OpenAiChat.LimitField limitField, @Nullable AzurePaths azure, boolean responses) {
    /** OpenAI itself, and every provider that speaks another protocol. */
    public static final OpenAiVariant NONE =
            new OpenAiVariant(OpenAiChat.LimitField.MAX_COMPLETION_TOKENS, null, false);
}
