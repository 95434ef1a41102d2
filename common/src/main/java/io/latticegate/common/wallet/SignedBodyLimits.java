package io.latticegate.common.wallet;

/**
 * Bounds of the reader.
 *
 * @param bodyBytesMax bytes in a body, 1,024 to 64 MiB; it also bounds the prompt
 * @param maxTokensMax the largest {@code options.max_tokens}, at least 1
 */
public record SignedBodyLimits(int bodyBytesMax, int maxTokensMax) {

    public SignedBodyLimits {
        if (bodyBytesMax < 1_024 || bodyBytesMax > 64 << 20) {
            throw new IllegalArgumentException("bodyBytesMax must be 1024 to 67108864, is " + bodyBytesMax);
        }
        if (maxTokensMax < 1) {
            throw new IllegalArgumentException("maxTokensMax must be at least 1, is " + maxTokensMax);
        }
    }

    /** 4 MiB and 131,072 tokens. */
    public static SignedBodyLimits defaults() {
        return new SignedBodyLimits(4 << 20, 131_072);
    }
}
