package io.latticegate.proxy.dialect;

import io.latticegate.proxy.chat.TokenUsage;
import org.jspecify.annotations.Nullable;

/**
 * Collects what a provider says about consumption and brings it into {@link TokenUsage}'s arithmetic. Later reports
 * replace earlier ones field by field, because every provider's counts are cumulative and Anthropic spreads them over two
 * events.
 *
 * <p>The fields tell the protocols apart: {@code cache_read_input_tokens} and {@code cache_creation_input_tokens} are
 * Anthropic's and stand beside {@code input_tokens}; everything under {@code …_details}, and DeepSeek's {@code
 * prompt_cache_hit_tokens}, is a part of its total. Gemini's {@code usageMetadata} has names of its own; {@code
 * thoughtsTokenCount} stands beside {@code candidatesTokenCount}, {@code toolUsePromptTokenCount} beside {@code
 * promptTokenCount}, and {@code cachedContentTokenCount} is a part of the latter. Bedrock counts as Anthropic does, under
 * {@code inputTokens}, {@code outputTokens}, {@code cacheReadInputTokens} and {@code cacheWriteInputTokens}. Cohere counts
 * twice: {@code billed_units}, which are what is paid for, go before {@code tokens}.
 */
public final class UsageReport {
    private static final int ABSENT = -1;

    private long input = ABSENT;
    private long output = ABSENT;
    private long cachedWithin;
    private long writtenWithin;
    private long cacheRead;
    private long cacheCreated;
    private long reasoning;
    private long thoughtsBeside;
    private long toolPromptBeside;
    private long audioInput;
    private long audioOutput;
    private long billedInput = ABSENT;
    private long billedOutput = ABSENT;

    /**
     * Looks for usage where the protocols put it: {@code usage}, {@code message.usage}, {@code response.usage}, {@code
     * delta.usage}, {@code usageMetadata}.
     *
     * @return whether there was a report
     */
    public boolean readAnswer(byte[] json, int offset, int length) {
        return find(new JsonMembers(json, offset, length), true);
    }

    private boolean find(JsonMembers members, boolean outermost) {
        boolean found = false;
        while (members.next()) {
            if ((members.keyIs("usage") || members.keyIs("usageMetadata")) && members.valueIsObject()) {
                read(members.value());
                found = true;
            } else if (outermost && (members.keyIs("message") || members.keyIs("response") || members.keyIs("delta"))) {
                found |= find(members.value(), false);
            }
        }
        return found;
    }

    /** Reads the members of a {@code usage}, {@code usageMetadata} or, for Cohere's embeddings, {@code meta} object. */
    void read(JsonMembers usage) {
        while (usage.next()) {
            if (usage.keyIs("prompt_tokens") || usage.keyIs("input_tokens") || usage.keyIs("inputTokens")) {
                input = newer(usage.number(), input);
            } else if (usage.keyIs("completion_tokens")
                    || usage.keyIs("output_tokens")
                    || usage.keyIs("outputTokens")) {
                output = newer(usage.number(), output);
            } else if (usage.keyIs("cache_read_input_tokens")) {
                cacheRead = newer(usage.number(), cacheRead);
            } else if (usage.keyIs("cache_creation_input_tokens")) {
                cacheCreated = newer(usage.number(), cacheCreated);
            } else if (usage.keyIs("prompt_cache_hit_tokens")) {
                cachedWithin = newer(usage.number(), cachedWithin);
            } else if (usage.keyIs("prompt_tokens_details") || usage.keyIs("input_tokens_details")) {
                readInputDetails(usage.value());
            } else if (usage.keyIs("completion_tokens_details") || usage.keyIs("output_tokens_details")) {
                readOutputDetails(usage.value());
            } else if (usage.keyIs("cacheReadInputTokens")) {
                cacheRead = newer(usage.number(), cacheRead);
            } else if (usage.keyIs("cacheWriteInputTokens")) {
                cacheCreated = newer(usage.number(), cacheCreated);
            } else if (usage.keyIs("tokens") && usage.valueIsObject()) {
                readCohereTokens(usage.value());
            } else if (usage.keyIs("billed_units") && usage.valueIsObject()) {
                readCohereBill(usage.value());
            } else if (usage.keyIs("cached_tokens")) {
                cachedWithin = newer(usage.number(), cachedWithin);
            } else {
                readGemini(usage);
            }
        }
    }

    private void readCohereTokens(JsonMembers tokens) {
        while (tokens.next()) {
            if (tokens.keyIs("input_tokens")) {
                input = newer(tokens.number(), input);
            } else if (tokens.keyIs("output_tokens")) {
                output = newer(tokens.number(), output);
            }
        }
    }

    private void readCohereBill(JsonMembers units) {
        while (units.next()) {
            if (units.keyIs("input_tokens")) {
                billedInput = newer(units.number(), billedInput);
            } else if (units.keyIs("output_tokens")) {
                billedOutput = newer(units.number(), billedOutput);
            }
        }
    }

    private void readGemini(JsonMembers usage) {
        if (usage.keyIs("promptTokenCount")) {
            input = newer(usage.number(), input);
        } else if (usage.keyIs("candidatesTokenCount")) {
            output = newer(usage.number(), output);
        } else if (usage.keyIs("thoughtsTokenCount")) {
            thoughtsBeside = newer(usage.number(), thoughtsBeside);
        } else if (usage.keyIs("toolUsePromptTokenCount")) {
            toolPromptBeside = newer(usage.number(), toolPromptBeside);
        } else if (usage.keyIs("cachedContentTokenCount")) {
            cachedWithin = newer(usage.number(), cachedWithin);
        } else if (usage.keyIs("promptTokensDetails")) {
            audioInput = newer(audioTokens(usage), audioInput);
        } else if (usage.keyIs("candidatesTokensDetails")) {
            audioOutput = newer(audioTokens(usage), audioOutput);
        }
    }

    private static long audioTokens(JsonMembers details) {
        long[] audio = {ABSENT};
        details.forEachElement(detail -> {
            boolean isAudio = false;
            long count = ABSENT;
            while (detail.next()) {
                if (detail.keyIs("modality")) {
                    isAudio = detail.valueIs("\"AUDIO\"");
                } else if (detail.keyIs("tokenCount")) {
                    count = detail.number();
                }
            }
            audio[0] = isAudio ? count : audio[0];
        });
        return audio[0];
    }

    private void readInputDetails(JsonMembers details) {
        while (details.next()) {
            if (details.keyIs("cached_tokens")) {
                cachedWithin = newer(details.number(), cachedWithin);
            } else if (details.keyIs("cache_write_tokens")) {
                writtenWithin = newer(details.number(), writtenWithin);
            } else if (details.keyIs("audio_tokens")) {
                audioInput = newer(details.number(), audioInput);
            }
        }
    }

    private void readOutputDetails(JsonMembers details) {
        while (details.next()) {
            if (details.keyIs("reasoning_tokens") || details.keyIs("thinking_tokens")) {
                reasoning = newer(details.number(), reasoning);
            } else if (details.keyIs("audio_tokens")) {
                audioOutput = newer(details.number(), audioOutput);
            }
        }
    }

    /** What is known so far, or null when no report named input or output tokens. */
    public @Nullable TokenUsage usage() {
        long inputCounted = newer(billedInput, input);
        long outputCounted = newer(billedOutput, output);
        if (inputCounted == ABSENT && outputCounted == ABSENT) {
            return null;
        }
        long beside = Math.min(cacheRead, TokenUsage.TOKENS_MAX) + Math.min(cacheCreated, TokenUsage.TOKENS_MAX);
        return new TokenUsage(
                Math.max(inputCounted, 0) + beside + toolPromptBeside,
                Math.max(outputCounted, 0) + thoughtsBeside,
                cachedWithin + cacheRead,
                writtenWithin + cacheCreated,
                reasoning + thoughtsBeside,
                audioInput,
                audioOutput);
    }

    private static long newer(long reported, long before) {
        return reported >= 0 ? reported : before;
    }
}
