package io.latticegate.proxy.cache.semantic;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a vector does not tell apart although it decides the answer. Two prompts are taken for the same only where both
 * have the same numbers and dates, quotations, negations, names, symbols, and words that come in opposites, in the same
 * order; where the words that they share stand in the same order too ("miles to kilometers"); and where no word of one
 * has taken the place of a word of the other ("sent" that of "received").
 *
 * <p>Best effort, for English: a name in lower case, or an opposite that is not in the list, is left to the vectors.
 *
 * @param marks what must be equal, in lower case
 * @param words the others that carry meaning, in lower case
 */
record PromptContrast(List<String> marks, List<String> words) {
    private static final Pattern TOKEN = Pattern.compile("\"[^\"]*\"|“[^”]*”|`[^`]*`|«[^»]*»"
            + "|(?<![\\p{L}\\p{N}])['‘][^'’]*['’](?![\\p{L}\\p{N}])"
            + "|[-+]?\\p{N}[\\p{N}.,:/%-]*"
            + "|\\p{L}[\\p{L}\\p{N}\\p{M}_'’-]*"
            + "|[^\\p{L}\\p{N}\\p{Z}\\s.,?!:;'’\"()-]");
    private static final Pattern NEGATED = Pattern.compile(".*n['’]t");

    /** Negations; numbers in words; questions and times; words that come in opposites; forms of an answer. */
    private static final Set<String> DECISIVE = Set.of("""
            no not never none neither nor without except excluding cannot unless only
            dont doesnt isnt cant wont arent wasnt shouldnt couldnt wouldnt

            zero one two three four five six seven eight nine ten eleven twelve dozen twenty thirty forty fifty hundred
            thousand million billion half third quarter double triple twice once first second last next previous both
            every some many

            who when where why today tomorrow yesterday before after earlier later until since during past future
            monday tuesday wednesday thursday friday saturday sunday january february march april june july august
            september october november december daily weekly monthly yearly oldest newest latest old new young ancient
            modern

            more less most least fewer greater smaller larger higher lower high low max min maximum minimum increase
            decrease raise reduce grow shrink ascending descending above below under over down left right north south
            east west from into out inside outside internal external import export input output off enable disable start
            stop begin end open close add remove insert delete install uninstall buy sell borrow lend send receive push
            pull read write encrypt decrypt encode decode compress decompress lock unlock upload download allow deny
            accept reject legal illegal safe unsafe true false valid invalid win lose pros cons advantages disadvantages
            benefits drawbacks risks best worst better worse good bad positive negative hot cold warm cool fast slow
            fastest slowest long short longest shortest strong weak hard easy public private male female men women boy
            girl children adults causes effects symptoms treatment prevent and or same different

            json xml yaml csv html markdown table briefly detail brief detailed formal informal
            """.strip().split("\\s+"));

    /** Words that say nothing by themselves. */
    private static final Set<String> EMPTY = Set.of("""
            a an the of in on at to for with by as is are was were be been do does did has have had i you me my your we
            us our it its this that these those there can could would should will may might please tell give show explain
            describe how what which whats
            """.strip().split("\\s+"));

    PromptContrast {
        marks = List.copyOf(marks);
        words = List.copyOf(words);
    }

    /** Whether nothing that decides sets the two apart. */
    boolean agreesWith(PromptContrast other) {
        return marks.equals(other.marks)
                && sharedWith(other).equals(other.sharedWith(this))
                && (addsNothingTo(other) || other.addsNothingTo(this));
    }

    private List<String> sharedWith(PromptContrast other) {
        Set<String> theirs = Set.copyOf(other.words);
        return words.stream().filter(theirs::contains).toList();
    }

    private boolean addsNothingTo(PromptContrast other) {
        return words.stream().allMatch(word -> other.words.stream().anyMatch(theirs -> isFormOf(word, theirs)));
    }

    /** Such as a plural: one word begins with the other. */
    private static boolean isFormOf(String one, String other) {
        return one.startsWith(other) || other.startsWith(one);
    }

    static PromptContrast of(String prompt) {
        List<String> marks = new ArrayList<>();
        List<String> words = new ArrayList<>();
        Matcher tokens = TOKEN.matcher(prompt);
        boolean sentenceBegins = true;
        int end = 0;
        while (tokens.find()) {
            String token = tokens.group();
            sentenceBegins |= endsSentence(prompt, end, tokens.start());
            end = tokens.end();
            String lower = token.toLowerCase(Locale.ROOT);
            if (decides(token, sentenceBegins)) {
                marks.add(lower);
            } else if (!EMPTY.contains(lower)) {
                words.add(lower);
            }
            sentenceBegins = false;
        }
        return new PromptContrast(marks, words);
    }

    private static boolean decides(String token, boolean sentenceBegins) {
        int first = token.codePointAt(0);
        if (!Character.isLetter(first)) {
            return true;
        }
        String lower = token.toLowerCase(Locale.ROOT);
        boolean capitals = !sentenceBegins && Character.isUpperCase(first) && !token.equals("I")
                || token.chars().skip(1).anyMatch(Character::isUpperCase);
        boolean identifier = token.indexOf('_') >= 0 || token.chars().anyMatch(Character::isDigit);
        return capitals
                || identifier
                || DECISIVE.contains(lower)
                || NEGATED.matcher(lower).matches();
    }

    private static boolean endsSentence(String prompt, int from, int to) {
        for (int i = from; i < to; i++) {
            char c = prompt.charAt(i);
            if (c == '.' || c == '?' || c == '!' || c == '\n' || c == ':') {
                return true;
            }
        }
        return false;
    }
}
