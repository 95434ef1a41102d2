package io.latticegate.proxy.provider;

/** The protocol that a provider speaks. */
public enum ProviderKind {
    /** OpenAI's HTTP API, also spoken by many others under their own base URL. */
    OPENAI,
    /** Anthropic's Messages API. */
    ANTHROPIC,
    /** Google's Gemini API (Generative Language). */
    GEMINI,
    /** Amazon Bedrock's Converse API. */
    BEDROCK,
    /** Version 2 of Cohere's API. */
    COHERE,
    /** The own protocol of Hugging Face's Text Generation Inference. */
    TGI,
    /** Any other HTTP API; reached only through {@code /p/<provider>/}, byte for byte. */
    GENERIC,
    /** The deterministic model inside this process, for trying things out; it says so in every answer. */
    ECHO
}
