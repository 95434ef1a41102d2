package io.latticegate.proxy.dialect;

import org.jspecify.annotations.Nullable;

/** A call for embeddings in a client's words, for a provider that speaks OpenAI's {@code /v1/embeddings}. One per request. */
public interface EmbeddingTranslation {

    /** The request in OpenAI's words. Vectors are asked for in base64, which is a quarter of their size as digits. */
    RequestWriting toOpenAi(byte[] body, String upstreamModel);

    /** The reply to {@link #toOpenAi} as the client's, or null when it is no reply or has not one vector per input. */
    byte @Nullable [] fromOpenAi(byte[] reply);
}
