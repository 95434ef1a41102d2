package io.latticegate.proxy.edge;

/** A family of paths that parses, answers and fails in one dialect (architecture decision 12). */
public enum Surface {
    OPENAI("openai"),
    ANTHROPIC("anthropic"),
    GEMINI("gemini"),
    BEDROCK("bedrock"),
    COHERE("cohere"),
    RELAY("relay"),
    AGENTARY("agentary"),
    PASSTHROUGH("passthrough"),
    NONE("none");

    private final String label;

    Surface(String label) {
        this.label = label;
    }

    /** The name in metrics and audit records. */
    public String label() {
        return label;
    }
}
