package io.latticegate.common.config;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What one guard policy looks for, and what it does about it.
 *
 * @param prompts whether requests are examined
 * @param answers whether answers are examined
 * @param recognisers what to do with text of the kinds that are built in; those that are not named are not looked for
 * @param patterns regular expressions of the operator
 * @param words lists of words of the operator
 * @param injection what to do with prompts that look like an attempt to override instructions
 * @param answerSchema which JSON Schema an answer must fit
 * @param windowChars how many characters of a stream are withheld until they are judged
 * @param opaquePasses whether calls whose bytes cannot be examined are let through all the same
 * @param webhook asked about every prompt; null: none
 */
public record GuardPolicyConfig(
        boolean prompts,
        boolean answers,
        Map<String, GuardAction> recognisers,
        List<Regex> patterns,
        List<WordList> words,
        Injection injection,
        AnswerSchema answerSchema,
        int windowChars,
        boolean opaquePasses,
        @Nullable GuardWebhookConfig webhook) {
    /** Names of the built-in recognisers. */
    public static final Set<String> RECOGNISERS = Set.of(
            "card",
            "iban",
            "us_ssn",
            "email",
            "phone",
            "ipv4",
            "ipv6",
            "aws_key",
            "github_token",
            "openai_key",
            "google_key",
            "jwt",
            "private_key");

    private static final String NAME = "[a-z][a-z0-9_-]{0,39}";
    private static final Range<Integer> WINDOW = Range.of(256, 8_192);
    private static final int PATTERNS_MAX = 16;

    /** Where a policy looks. */
    private enum Side {
        PROMPT,
        ANSWER
    }

    /** What becomes of calls that cannot be examined. */
    private enum Opaque {
        REFUSE,
        ALLOW
    }

    public GuardPolicyConfig {
        recognisers = Map.copyOf(recognisers);
        patterns = List.copyOf(patterns);
        words = List.copyOf(words);
        WINDOW.check("window", windowChars);
        IllegalSetting.unless(
                RECOGNISERS.containsAll(recognisers.keySet()),
                "recognisers",
                "may name " + RECOGNISERS.stream().sorted().toList());
        IllegalSetting.unless(
                patterns.size() <= PATTERNS_MAX && words.size() <= PATTERNS_MAX,
                patterns.size() > PATTERNS_MAX ? "patterns" : "words",
                "holds more than " + PATTERNS_MAX);
        List<String> own = Stream.concat(
                        patterns.stream().map(Regex::name), words.stream().map(WordList::name))
                .toList();
        IllegalSetting.unless(
                new HashSet<>(own).size() == own.size() && own.stream().noneMatch(RECOGNISERS::contains),
                "patterns",
                "and words must have different names, none of them that of a built-in recogniser");
        IllegalSetting.unless(
                prompts || webhook == null && injection.action() == null,
                "check",
                "does not name prompt, which is all that webhook and injection examine");
        IllegalSetting.unless(
                answers || !answerSchema.active(), "check", "does not name answer, which answer_schema examines");
    }

    /** Whether the policy refuses or changes anything, so that what escapes it matters. */
    public boolean enforces() {
        return recognisers.values().stream().anyMatch(GuardPolicyConfig::enforces)
                || patterns.stream().anyMatch(pattern -> enforces(pattern.action()))
                || words.stream().anyMatch(list -> enforces(list.action()))
                || injection.action() == GuardAction.BLOCK
                || answerSchema.active()
                || webhook != null;
    }

    private static boolean enforces(GuardAction action) {
        return action != GuardAction.FLAG;
    }

    /**
     * A regular expression in RE2's syntax, which has no backtracking; proxy-service checks it when it starts.
     *
     * @param name in the journal, in metrics, and in capitals in the label
     */
    public record Regex(String name, String regex, GuardAction action) {
        private static final int LENGTH_MAX = 500;

        public Regex {
            IllegalSetting.unless(name.matches(NAME), "name", "must be 1 to 40 of a-z, 0-9, _ and -, a letter first");
            IllegalSetting.unless(
                    !regex.isEmpty() && regex.length() <= LENGTH_MAX,
                    "regex",
                    "must have 1 to " + LENGTH_MAX + " characters");
        }

        static Regex from(ConfigNode node) {
            return new Regex(
                    orEmpty(node.find("name", SettingType.TEXT, "Its name, and in capitals its label")),
                    orEmpty(node.find("regex", SettingType.TEXT, "Regular expression in RE2's syntax")),
                    node.get("action", SettingType.choice(GuardAction.class), GuardAction.BLOCK, "As in recognisers"));
        }
    }

    /** Words that are looked for as whole words, in any case. */
    public record WordList(String name, List<String> words, GuardAction action) {
        private static final int WORDS_MAX = 10_000;
        private static final int LENGTH_MAX = 64;

        public WordList {
            words = List.copyOf(words);
            IllegalSetting.unless(name.matches(NAME), "name", "must be 1 to 40 of a-z, 0-9, _ and -, a letter first");
            IllegalSetting.unless(
                    !words.isEmpty()
                            && words.size() <= WORDS_MAX
                            && words.stream().allMatch(word -> !word.isBlank() && word.length() <= LENGTH_MAX),
                    "words",
                    "must hold 1 to " + WORDS_MAX + " words of 1 to " + LENGTH_MAX + " characters");
        }

        static WordList from(ConfigNode node) {
            return new WordList(
                    orEmpty(node.find("name", SettingType.TEXT, "Its name, and in capitals its label")),
                    node.list("words", SettingType.TEXT, List.of(), "Whole words or phrases, in any case"),
                    node.get("action", SettingType.choice(GuardAction.class), GuardAction.BLOCK, "As in recognisers"));
        }
    }

    /**
     * Heuristics that add up to a score; docs/guards.md has the list.
     *
     * @param action null: not looked for
     * @param threshold the score from which a text counts as an attempt
     */
    public record Injection(@Nullable GuardAction action, int threshold) {
        private static final Range<Integer> THRESHOLD = Range.of(10, 200);

        /** What may be done about an attempt. */
        private enum Choice {
            OFF,
            FLAG,
            BLOCK
        }

        public Injection {
            THRESHOLD.check("threshold", threshold);
        }

        static Injection from(ConfigNode node) {
            Choice choice = node.get(
                    "action",
                    SettingType.choice(Choice.class),
                    Choice.OFF,
                    "What is done with a prompt that looks like an attempt to override instructions");
            return new Injection(
                    switch (choice) {
                        case OFF -> null;
                        case FLAG -> GuardAction.FLAG;
                        case BLOCK -> GuardAction.BLOCK;
                    },
                    node.get("threshold", SettingType.INTEGER, 60, THRESHOLD, "Score that counts as an attempt"));
        }
    }

    /**
     * @param requested whether an answer must fit the schema that its request asks for
     * @param file JSON Schema that every answer must fit; empty: none
     */
    public record AnswerSchema(boolean requested, String file) {
        /** Whether any answer is checked. */
        public boolean active() {
            return requested || !file.isEmpty();
        }

        static AnswerSchema from(ConfigNode node) {
            return new AnswerSchema(
                    node.get(
                            "requested",
                            SettingType.FLAG,
                            false,
                            "Whether an answer must fit the JSON Schema that its request asks for"),
                    node.get(
                            "file", SettingType.TEXT, "", "File with a JSON Schema that every answer's text must fit"));
        }
    }

    private static String orEmpty(@Nullable String text) {
        return text == null ? "" : text;
    }

    static GuardPolicyConfig from(String name, ConfigNode node) {
        IllegalSetting.unless(
                name.matches(NAME + "|<policy>"), "check", "a policy's name has 1 to 40 of a-z, 0-9, _ and -");
        List<Side> sides = node.list(
                "check",
                SettingType.choice(Side.class),
                List.of(Side.PROMPT, Side.ANSWER),
                "What is examined: prompt, answer or both");
        return new GuardPolicyConfig(
                sides.contains(Side.PROMPT),
                sides.contains(Side.ANSWER),
                node.map(
                        "recognisers",
                        SettingType.choice(GuardAction.class),
                        Map.of(),
                        "Kinds of text to look for, with what is done: "
                                + String.join(
                                        ", ", RECOGNISERS.stream().sorted().toList())),
                node.items("patterns", Regex::from),
                node.items("words", WordList::from),
                node.section("injection", Injection::from),
                node.section("answer_schema", AnswerSchema::from),
                node.get(
                        "window",
                        SettingType.INTEGER,
                        256,
                        WINDOW,
                        "Characters of a stream that are withheld until they are judged"),
                node.get(
                                "passthrough",
                                SettingType.choice(Opaque.class),
                                Opaque.REFUSE,
                                "What becomes of calls whose bytes cannot be examined, where the policy blocks or redacts")
                        == Opaque.ALLOW,
                node.isWritten("webhook") ? node.section("webhook", GuardWebhookConfig::from) : null);
    }
}
