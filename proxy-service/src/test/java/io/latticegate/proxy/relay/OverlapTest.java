package io.latticegate.proxy.relay;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

class OverlapTest {
    private static final String SAID = "The mill stands by the river, and its wheel turns slowly";

    @Test
    void whatGoesOnWithTheNextCharacterIsLeftAsItIs() {
        for (int cut = 0; cut <= SAID.length(); cut++) {
            String before = SAID.substring(0, cut);
            String rest = SAID.substring(before.stripTrailing().length());
            assertThat(before + fresh(before, rest, 1)).as("cut at %d", cut).isEqualTo(SAID);
        }
    }

    @Test
    void aRepetitionIsLeftOutHoweverItIsDelivered() {
        String more = " in the evening.";
        for (int from = 0; from <= SAID.length() - Overlap.CHARS_MIN; from++) {
            String repeated = SAID.substring(from) + more;
            for (int piece : new int[] {1, 3, 7, 1_000}) {
                assertThat(fresh(SAID, repeated, piece))
                        .as("from %d by %d", from, piece)
                        .isEqualTo(more);
            }
        }
    }

    @Test
    void aShortRepetitionIsTakenForTheTextItself() {
        assertThat(fresh("ha ha", "ha ha!", 2)).isEqualTo("ha ha!");
        assertThat(fresh("hel", "lo", 1)).isEqualTo("lo");
    }

    @Test
    void blanksAtTheEndAreNotWrittenTwice() {
        assertThat(fresh("one\n\n", "\n\ntwo", 1)).isEqualTo("two");
        assertThat(fresh("one \n", " two", 1)).isEqualTo("two");
        assertThat(fresh("one ", "two", 1)).isEqualTo("two");
        assertThat(fresh("  ", "  two", 1)).isEqualTo("two");
    }

    @Test
    void whatLooksLikeARepetitionAndIsNoneIsGivenInFull() {
        String almost = SAID.substring(10, 40) + "!";
        assertThat(fresh(SAID, almost, 4)).isEqualTo(almost);
        String beginning = SAID.substring(SAID.length() - 30, SAID.length() - 5);
        assertThat(fresh(SAID, beginning, 4)).isEqualTo(beginning);
    }

    @Test
    void anyTextComesOutWholeWhereItRepeatsNothing() {
        long seed = 7;
        Random random = new Random(seed);
        for (int round = 0; round < 2_000; round++) {
            String before = text(random, random.nextInt(40));
            String more = text(random, random.nextInt(23));
            String expected = more.substring(common(before, more));
            assertThat(fresh(before, more, 1 + random.nextInt(5)))
                    .as("seed %d, %s then %s", seed, before, more)
                    .isEqualTo(expected);
        }
    }

    private static int common(String before, String more) {
        String blanks = before.substring(before.stripTrailing().length());
        int same = 0;
        while (same < blanks.length() && same < more.length() && blanks.charAt(same) == more.charAt(same)) {
            same++;
        }
        return same;
    }

    private static String text(Random random, int length) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < length; i++) {
            text.append("ab \n".charAt(random.nextInt(4)));
        }
        return text.toString();
    }

    private static String fresh(String before, String more, int piece) {
        Overlap overlap = new Overlap(before);
        StringBuilder fresh = new StringBuilder();
        for (int at = 0; at < more.length(); at += piece) {
            fresh.append(overlap.add(more.substring(at, Math.min(more.length(), at + piece))));
        }
        return fresh.append(overlap.rest()).toString();
    }
}
