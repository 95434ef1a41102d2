package io.latticegate.proxy.guard;

import com.google.re2j.Pattern;
import java.util.List;
import java.util.Locale;

/**
 * Scores how much a text looks like an attempt to override a model's instructions. Signs are counted once each and their
 * weights added up; docs/guards.md has the table. This is best effort and no more: it knows the phrases of known attacks in
 * English, some characters that people do not see and models do, and nothing of meaning. Whoever wants to get past it will.
 *
 * <p>Phrases are only searched for where a plain look-up finds one of their words; the search is RE2's, linear in the text.
 */
final class InjectionHeuristics {
    private static final int HIDDEN_TAGS_MIN = 4;
    private static final int ZERO_WIDTH_RUN = 3;
    private static final int TAG_FLAG = 0x1F3F4;

    private static final List<Phrase> PHRASES = List.of(
            new Phrase(
                    60,
                    "\\b(ignore|disregard|forget|override|bypass|do not follow)\\b[^.!?\\n]{0,40}\\b(previous|prior|above"
                            + "|earlier|preceding|foregoing|all|your|any|system)\\b[^.!?\\n]{0,30}\\b(instructions?|prompts?"
                            + "|rules?|directions?|directives?|guidelines?|guardrails?|context|constraints?)\\b",
                    "ignore",
                    "disregard",
                    "forget",
                    "override",
                    "bypass",
                    "do not follow"),
            new Phrase(
                    50,
                    "<\\|(im_start|im_end|system|endoftext|start_header_id)\\|>|\\[/?inst]|<</?sys>>"
                            + "|(^|\\n)#{2,4} ?(system|instruction)",
                    "<|",
                    "inst]",
                    "sys>>",
                    "##"),
            new Phrase(
                    40,
                    "(^|\\n)\\s{0,8}(system|developer|assistant)\\s{0,3}(prompt|message|note|override)?\\s{0,3}:"
                            + "|\"role\"\\s{0,8}:\\s{0,8}\"(system|developer)\"",
                    "system",
                    "developer",
                    "assistant"),
            new Phrase(
                    40,
                    "\\b(reveal|print|repeat|show|output|tell me|leak|disclose)\\b[^.!?\\n]{0,40}\\b(system prompt|system"
                            + " message|your instructions|initial prompt|hidden prompt|initial instructions)\\b",
                    "prompt",
                    "instructions",
                    "system message"),
            new Phrase(
                    40,
                    "\\b(you are now|from now on you|pretend (to be|you are)|act as)\\b[^.!?\\n]{0,60}\\b(dan|unrestricted"
                            + "|unfiltered|jailbroken|uncensored|no (rules|restrictions|limits|filters)|developer mode)\\b"
                            + "|\\bdo anything now\\b|\\bjailbreak mode\\b",
                    "you are now",
                    "from now on you",
                    "pretend",
                    "act as",
                    "anything now",
                    "jailbreak"),
            new Phrase(
                    30,
                    "\\b(decode|base64|rot13)\\b[^\\n]{0,60}\\b(follow|execute|run|obey|instructions?)\\b",
                    "decode",
                    "base64",
                    "rot13"),
            new Phrase(30, "[a-z0-9+/_-]{160,}={0,2}", "base64", "decode"),
            new Phrase(30, "!\\[[^\\]\\n]{0,100}]\\(https?://[^)\\s]{1,200}[?=][^)\\n]{0,200}\\)", "]("));

    private static final class Phrase {
        private final int weight;
        private final Pattern pattern;
        private final String[] words;

        private Phrase(int weight, String regex, String... words) {
            this.weight = weight;
            this.pattern = Pattern.compile(regex);
            this.words = words;
        }

        private boolean isIn(String lowerCase) {
            for (String word : words) {
                if (lowerCase.contains(word)) {
                    return pattern.matcher(lowerCase).find();
                }
            }
            return false;
        }
    }

    /** The sum of the weights of all signs in the text; 0 for none. */
    static int score(String text) {
        int score = hiddenCharacters(text);
        String seen = visible(text).toLowerCase(Locale.ROOT);
        for (Phrase phrase : PHRASES) {
            if (phrase.isIn(seen)) {
                score += phrase.weight;
            }
        }
        return score;
    }

    /** Tag characters hide 70, bidirectional overrides 40, embeddings 20, runs of zero-width characters 40. */
    private static int hiddenCharacters(String text) {
        int tags = 0;
        int run = 0;
        boolean longRun = false;
        boolean overrides = false;
        boolean embeddings = false;
        boolean inFlag = false;
        for (int at = 0; at < text.length(); at++) {
            char c = text.charAt(at);
            if (c < 0x200B) {
                run = 0;
                inFlag = false;
                continue;
            }
            int point = text.codePointAt(at);
            at += Character.charCount(point) - 1;
            boolean tag = point >= 0xE0000 && point <= 0xE007F;
            tags += tag && !inFlag ? 1 : 0;
            inFlag = point == TAG_FLAG || inFlag && tag;
            run = isZeroWidth(point) ? run + 1 : 0;
            longRun |= run >= ZERO_WIDTH_RUN;
            overrides |= point == 0x202D || point == 0x202E;
            embeddings |= point == 0x202A || point == 0x202B || point >= 0x2066 && point <= 0x2069;
        }
        return (tags >= HIDDEN_TAGS_MIN ? 70 : 0) + (overrides ? 40 : 0) + (embeddings ? 20 : 0) + (longRun ? 40 : 0);
    }

    /** The text without what takes no room, and with tag characters as the ASCII that they stand for. */
    private static String visible(String text) {
        boolean plain = text.chars().noneMatch(c -> isZeroWidth(c) || c == 0xDB40);
        if (plain) {
            return text;
        }
        StringBuilder visible = new StringBuilder(text.length());
        text.codePoints().forEach(point -> {
            if (point >= 0xE0020 && point <= 0xE007E) {
                visible.append((char) (point - 0xE0000));
            } else if (!isZeroWidth(point)) {
                visible.appendCodePoint(point);
            }
        });
        return visible.toString();
    }

    private static boolean isZeroWidth(int point) {
        return point >= 0x200B && point <= 0x200D || point == 0x2060 || point == 0xFEFF;
    }

    private InjectionHeuristics() {}
}
