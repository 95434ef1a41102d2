package io.latticegate.proxy.chat;

/**
 * Tells whose a reasoning signature is once it has travelled through a client of another protocol. A signature proves
 * something only to the provider that gave it, and others refuse the request that carries it. Anthropic's stay as they
 * are; they are base64, in which a colon does not occur.
 */
public final class SignatureMark {
    /** Begins every signature that came from Gemini. */
    public static final String GEMINI = "gemini:";

    /** Begins every signature that came from OpenAI's Responses API. */
    public static final String OPENAI = "openai:";

    /** Begins every signature, and all encrypted reasoning, that came from a model at Bedrock. */
    public static final String BEDROCK = "bedrock:";

    private SignatureMark() {}

    /** Whether the signature carries the mark of some protocol; only the marked protocol may see it again. */
    public static boolean isMarked(String signature) {
        return signature.indexOf(':') >= 0;
    }
}
