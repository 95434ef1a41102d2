package io.latticegate.proxy.dialect;

import java.util.BitSet;

/**
 * What metering and completeness need of Gemini's {@code GenerateContentResponse}, read member by member from responses
 * that are forwarded as they are. A stream has no closing event of its own: it is whole when every candidate that appeared
 * has given its {@code finishReason}, or when the prompt was blocked.
 */
final class GeminiResponseScan {
    /** More candidates than the API gives; positions beyond are taken for this one. */
    private static final int CANDIDATES_MAX = 128;

    private final UsageReport report;
    private final BitSet begun = new BitSet();
    private final BitSet finished = new BitSet();
    private boolean blocked;
    private long outputTextBytes;

    GeminiResponseScan(UsageReport report) {
        this.report = report;
    }

    /** Looks at one top-level member of a response; members that mean nothing here are passed over. */
    void member(JsonMembers response) {
        if (response.keyIs("candidates")) {
            response.forEachElement(this::candidate);
        } else if (response.keyIs("usageMetadata") && response.valueIsObject()) {
            report.read(response.value());
        } else if (response.keyIs("promptFeedback")) {
            JsonMembers feedback = response.value();
            while (feedback.next()) {
                blocked |= feedback.keyIs("blockReason") && !feedback.valueIs("null");
            }
        }
    }

    boolean complete() {
        return blocked || !begun.isEmpty() && begun.equals(finished);
    }

    /** Bytes of text, and of function names and arguments, as written. */
    long outputTextBytes() {
        return outputTextBytes;
    }

    private void candidate(JsonMembers candidate) {
        int index = 0;
        boolean ends = false;
        while (candidate.next()) {
            if (candidate.keyIs("index")) {
                index = Math.clamp(candidate.number(), 0, CANDIDATES_MAX);
            } else if (candidate.keyIs("finishReason")) {
                ends |= !candidate.valueIs("null") && !candidate.valueIs("\"FINISH_REASON_UNSPECIFIED\"");
            } else if (candidate.keyIs("content")) {
                content(candidate.value());
            }
        }
        begun.set(index);
        if (ends) {
            finished.set(index);
        }
    }

    private void content(JsonMembers content) {
        while (content.next()) {
            if (content.keyIs("parts")) {
                content.forEachElement(this::part);
            }
        }
    }

    private void part(JsonMembers part) {
        while (part.next()) {
            if (part.keyIs("text")) {
                outputTextBytes += part.stringBytes();
            } else if (part.keyIs("functionCall")) {
                outputTextBytes += part.valueBytes();
            }
        }
    }
}
