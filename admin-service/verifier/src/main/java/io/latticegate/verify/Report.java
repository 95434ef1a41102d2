package io.latticegate.verify;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What a verification found. Findings say that the log is not what it was; warnings are for a person to judge.
 *
 * <p>Kept are the first {@value #KEPT_MAX} of each, and all are counted.
 */
public final class Report {
    private static final int KEPT_MAX = 1_000;

    /** What is wrong. */
    public enum Kind {
        /** The keys are malformed, or not the ones that were expected. */
        KEY,
        /** The checkpoint is malformed or not for this log. */
        CHECKPOINT,
        /** A signature is missing or wrong. */
        SIGNATURE,
        /** The log is shorter than one whose head was kept: a head was replayed, or entries were cut off. */
        ROLLBACK,
        /** The log is another one than that whose head was kept. */
        FORK,
        /** Hashes of a tile are missing or do not add up. */
        TILE,
        /** The root of the entries is not the signed one. */
        ROOT,
        /** An entry is malformed or does not have the hash under which it is in the tree. */
        ENTRY,
        /** The body of an entry is gone. */
        REMOVED,
        /** One number of a journal stands for several entries. */
        DUPLICATE,
        /** Numbers of a journal are missing. */
        GAP,
        /** Something could not be read. */
        UNREADABLE
    }

    /** @param text says what and where */
    public record Finding(Kind kind, String text) {
        @Override
        public String toString() {
            return kind.name().toLowerCase(Locale.ROOT) + ": " + text;
        }
    }

    private final List<Finding> findings = new ArrayList<>();
    private final List<String> warnings = new ArrayList<>();
    private final List<String> facts = new ArrayList<>();
    private long findingCount;
    private long warningCount;

    void find(Kind kind, String text) {
        findingCount++;
        if (findings.size() < KEPT_MAX) {
            findings.add(new Finding(kind, text));
        }
    }

    void warn(String text) {
        warningCount++;
        if (warnings.size() < KEPT_MAX) {
            warnings.add(text);
        }
    }

    void state(String fact) {
        facts.add(fact);
    }

    /** Whether there are no findings. */
    public boolean verified() {
        return findingCount == 0;
    }

    public List<Finding> findings() {
        return List.copyOf(findings);
    }

    public List<String> warnings() {
        return List.copyOf(warnings);
    }

    /** As a person reads it. */
    public String text() {
        StringBuilder text = new StringBuilder();
        facts.forEach(fact -> text.append(fact).append('\n'));
        warnings.forEach(warning -> text.append("warning: ").append(warning).append('\n'));
        beyond(text, warningCount, "warnings");
        findings.forEach(finding -> text.append("FINDING ").append(finding).append('\n'));
        beyond(text, findingCount, "findings");
        return text.append(verified() ? "verified" : "NOT VERIFIED: " + findingCount + " findings")
                .append('\n')
                .toString();
    }

    private static void beyond(StringBuilder text, long count, String what) {
        if (count > KEPT_MAX) {
            text.append("and ")
                    .append(count - KEPT_MAX)
                    .append(" more ")
                    .append(what)
                    .append('\n');
        }
    }
}
