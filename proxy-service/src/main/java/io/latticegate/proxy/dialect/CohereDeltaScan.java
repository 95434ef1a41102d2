package io.latticegate.proxy.dialect;

import io.latticegate.proxy.chat.ProviderError;
import org.jspecify.annotations.Nullable;

/**
 * What metering and completeness need of the {@code delta} in the events of Cohere's chat, read member by member from a
 * stream that is forwarded as it is. Its last event, {@code message-end}, holds the usage, and says so when the generation
 * failed.
 */
final class CohereDeltaScan {
    private final UsageReport report;
    private @Nullable ProviderError failure;
    private @Nullable String explanation;
    private long outputTextBytes;

    CohereDeltaScan(UsageReport report) {
        this.report = report;
    }

    /** Looks at one member of a delta; members that mean nothing here are passed over. */
    void member(JsonMembers delta) {
        if (delta.keyIs("message")) {
            message(delta.value());
        } else if (delta.keyIs("usage") && delta.valueIsObject()) {
            report.read(delta.value());
        } else if (delta.keyIs("error")) {
            explanation = delta.text();
            failure = failure == null && explanation != null ? failed(explanation) : failure;
        } else if (delta.keyIs("finish_reason")) {
            ProviderError told = failureOf(delta, explanation);
            failure = told == null ? failure : told;
        }
    }

    /** Why the generation failed, or null. */
    @Nullable
    ProviderError failure() {
        return failure;
    }

    /** Bytes of text, thinking, plans and tool calls, as written. */
    long outputTextBytes() {
        return outputTextBytes;
    }

    /** What a {@code finish_reason} means that is none, or null for one that is. */
    static @Nullable ProviderError failureOf(JsonMembers reason, @Nullable String explanation) {
        if (reason.valueIs("\"ERROR\"")) {
            return failed(explanation);
        }
        return reason.valueIs("\"TIMEOUT\"")
                ? ProviderError.of(
                        ProviderError.Kind.TIMEOUT,
                        "provider_timeout",
                        explanation == null ? "The provider's model took too long" : explanation)
                : null;
    }

    private static ProviderError failed(@Nullable String explanation) {
        return ProviderError.ofStatus(0, "", explanation == null ? "The provider's model failed" : explanation);
    }

    private void message(JsonMembers message) {
        while (message.next()) {
            if (message.keyIs("tool_plan")) {
                outputTextBytes += message.stringBytes();
            } else if (message.keyIs("content")) {
                content(message.value());
            } else if (message.keyIs("tool_calls")) {
                call(message.value());
            }
        }
    }

    private void content(JsonMembers content) {
        while (content.next()) {
            if (content.keyIs("text") || content.keyIs("thinking")) {
                outputTextBytes += content.stringBytes();
            }
        }
    }

    private void call(JsonMembers call) {
        while (call.next()) {
            if (call.keyIs("function")) {
                JsonMembers function = call.value();
                while (function.next()) {
                    if (function.keyIs("name") || function.keyIs("arguments")) {
                        outputTextBytes += function.stringBytes();
                    }
                }
            }
        }
    }
}
