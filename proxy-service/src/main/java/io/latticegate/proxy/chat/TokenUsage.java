package io.latticegate.proxy.chat;

/**
 * Tokens that one call consumed, in one arithmetic for all providers: the totals are inclusive and the other components
 * are parts of them.
 *
 * <pre>
 * input  = uncachedInput + cachedInput + cacheWrite        audioInput  ≤ input
 * output = visible answer + reasoning                       audioOutput ≤ output
 * total  = input + output
 * </pre>
 *
 * How the dialects say the same:
 *
 * <ul>
 *   <li>OpenAI: {@code prompt_tokens} = {@code input}, {@code prompt_tokens_details.cached_tokens} = {@code
 *       cachedInput}, {@code completion_tokens} = {@code output}, {@code total_tokens} = {@link #total()}. The Responses
 *       API uses {@code input_tokens}, {@code output_tokens} with the same inclusive meaning.
 *   <li>Anthropic: {@code input_tokens} = {@link #uncachedInput()}, and {@code cache_read_input_tokens}, {@code
 *       cache_creation_input_tokens} stand beside it, not inside it; {@code output_tokens} = {@code output}.
 *   <li>Bedrock's Converse: as Anthropic, with {@code inputTokens}, {@code cacheReadInputTokens}, {@code
 *       cacheWriteInputTokens}, {@code outputTokens}; {@code totalTokens} = {@link #total()}.
 *   <li>Gemini: {@code promptTokenCount} = {@code input}; {@code candidatesTokenCount} = {@code output - reasoning},
 *       since {@code thoughtsTokenCount} stands beside it.
 * </ul>
 *
 * @param input all tokens of the prompt, ≥ 0
 * @param output all generated tokens, ≥ 0
 * @param cachedInput the part of {@code input} that was read from the provider's prompt cache
 * @param cacheWrite the part of {@code input} that was written to the provider's prompt cache
 * @param reasoning the part of {@code output} that was spent on reasoning
 * @param audioInput the part of {@code input} that was audio
 * @param audioOutput the part of {@code output} that was audio
 */
public record TokenUsage(
        long input, long output, long cachedInput, long cacheWrite, long reasoning, long audioInput, long audioOutput) {

    /** More than any provider bills for one call; larger reports are cut to it so that sums cannot overflow. */
    public static final long TOKENS_MAX = 1L << 40;

    /** Nothing consumed. */
    public static final TokenUsage NONE = new TokenUsage(0, 0, 0, 0, 0, 0, 0);

    /**
     * Brings a provider's report into range instead of refusing it: negative counts become 0, and a part that exceeds
     * its total becomes the total, so that no derived figure is negative.
     */
    public TokenUsage {
        input = bounded(input, TOKENS_MAX);
        output = bounded(output, TOKENS_MAX);
        cachedInput = bounded(cachedInput, input);
        cacheWrite = bounded(cacheWrite, input - cachedInput);
        reasoning = bounded(reasoning, output);
        audioInput = bounded(audioInput, input);
        audioOutput = bounded(audioOutput, output);
    }

    /** A usage without cache, reasoning or audio. */
    public static TokenUsage of(long input, long output) {
        return new TokenUsage(input, output, 0, 0, 0, 0, 0);
    }

    /** The same with another number of generated tokens. */
    public TokenUsage withOutput(long tokens) {
        return new TokenUsage(input, tokens, cachedInput, cacheWrite, reasoning, audioInput, audioOutput);
    }

    /** Both together. */
    public TokenUsage plus(TokenUsage other) {
        return new TokenUsage(
                input + other.input,
                output + other.output,
                cachedInput + other.cachedInput,
                cacheWrite + other.cacheWrite,
                reasoning + other.reasoning,
                audioInput + other.audioInput,
                audioOutput + other.audioOutput);
    }

    /** The part of the input that no cache had a share in: what Anthropic calls {@code input_tokens}. */
    public long uncachedInput() {
        return input - cachedInput - cacheWrite;
    }

    /** Input and output together. */
    public long total() {
        return input + output;
    }

    private static long bounded(long reported, long most) {
        return Math.clamp(reported, 0L, most);
    }
}
