package io.latticegate.proxy.dialect;

import io.latticegate.proxy.chat.ProviderError;
import io.latticegate.proxy.chat.TokenUsage;
import org.jspecify.annotations.Nullable;

/**
 * What metering needs of a complete reply that is forwarded unchanged: OpenAI chat, completions, embeddings and
 * responses, Anthropic messages, Gemini's generated content, Cohere's chats and embeddings. One pass without a tree; the bytes are not judged, a
 * reply that is no JSON simply has no usage.
 *
 * @param usage null when the reply names none
 * @param model the model that the provider says it used, or null
 * @param error an error object in the reply; with status 200 it is a failure nevertheless
 */
public record UsageScan(
        @Nullable TokenUsage usage,
        @Nullable String model,
        @Nullable ProviderError error) {

    /** Scans a whole body. */
    public static UsageScan of(byte[] body) {
        var report = new UsageReport();
        String model = null;
        ProviderError error = null;
        var members = new JsonMembers(body, 0, body.length);
        while (members.next()) {
            if (members.keyIs("usage") || members.keyIs("usageMetadata") || members.keyIs("meta")) {
                report.read(members.value());
            } else if (members.keyIs("model") || members.keyIs("modelVersion")) {
                model = members.text();
            } else if (members.keyIs("error") && !members.valueIs("null")) {
                error = ErrorReport.read(0, body);
            } else if (error == null && members.keyIs("finish_reason")) {
                error = CohereDeltaScan.failureOf(members, null);
            }
        }
        return new UsageScan(report.usage(), model, error);
    }
}
