package io.latticegate.proxy.guard;

import static org.assertj.core.api.Assertions.assertThat;

import io.latticegate.common.config.GuardAction;
import io.latticegate.common.config.GuardPolicyConfig;
import io.latticegate.proxy.chat.ChatEvent;
import io.latticegate.proxy.chat.FinishReason;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** However a text is cut into pieces, the same is found in it, and the same is shown of it, as if it came whole. */
final class StreamedTextTest {
    private static final int SCHEDULES = 400;
    private static final String FILLER = "Lorem ipsum dolor sit amet, consectetur adipiscing elit. ";

    private static final List<String> FINDS = List.of(
            "4111 1111 1111 1111",
            "4111111111111111",
            "DE89 3704 0044 0532 0130 00",
            "123-45-6789",
            "bob.builder@sub.example.com",
            "+1 (415) 555-2671",
            "192.168.0.1",
            "2001:db8::1",
            "AKIAIOSFODNN7EXAMPLE",
            "sk-proj-" + "a1B2_".repeat(80),
            "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0." + "abcDEF".repeat(120),
            "-----BEGIN PRIVATE KEY-----\n" + "MIIEpAIBAAKCAQEA\n".repeat(50) + "-----END PRIVATE KEY-----",
            "EMP-123456",
            "blue heron",
            "Überfall");

    private static String text(Random random, int parts) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < parts; i++) {
            text.append(FILLER, 0, random.nextInt(FILLER.length()));
            text.append(random.nextInt(3) == 0 ? "" : " ");
            text.append(FINDS.get(random.nextInt(FINDS.size())));
            text.append(random.nextInt(4) == 0 ? "x" : ", ");
        }
        return text.toString();
    }

    private record Shown(String text, Map<String, Integer> counts) {}

    private static Shown whole(GuardSet set, String text) {
        Findings findings = new Findings();
        return new Shown(set.examineText(text, findings), Texts.counts(findings));
    }

    private static Shown streamed(GuardSet set, List<String> pieces) {
        Findings findings = new Findings();
        AnswerGuard guard = set.startAnswer(null, findings);
        AnswerGuard.Chat chat = guard.chat();
        StringBuilder shown = new StringBuilder();
        for (String piece : pieces) {
            chat.add(new ChatEvent.TextDelta(0, piece), event -> collect(event, shown));
        }
        chat.add(new ChatEvent.Finished(FinishReason.STOP), event -> collect(event, shown));
        chat.end(event -> collect(event, shown));
        return new Shown(shown.toString(), Texts.counts(findings));
    }

    private static void collect(ChatEvent event, StringBuilder shown) {
        if (event instanceof ChatEvent.TextDelta(int index, String text)) {
            shown.append(text);
        }
    }

    @Test
    void aCutAtAnyPlaceChangesNothing() {
        GuardSet set = Texts.set(Texts.everything(GuardAction.REDACT));
        for (String find : FINDS) {
            String text = FILLER + find + ". " + FILLER.repeat(6);
            Shown whole = whole(set, text);
            assertThat(whole.counts()).as(find).hasSize(1);
            for (int cut = 0; cut <= text.length(); cut++) {
                assertThat(streamed(set, List.of(text.substring(0, cut), text.substring(cut))))
                        .as("%s cut at %d", find, cut)
                        .isEqualTo(whole);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = GuardAction.class,
            names = {"REDACT", "FLAG"})
    void manyCutsChangeNothing(GuardAction action) {
        GuardSet set = Texts.set(Texts.everything(action));
        for (int seed = 0; seed < SCHEDULES; seed++) {
            Random random = new Random(seed);
            String text = text(random, 6);
            int longest = 1 + random.nextInt(random.nextBoolean() ? 8 : 400);
            assertThat(streamed(set, pieces(text, random, longest)))
                    .as("seed %d", seed)
                    .isEqualTo(whole(set, text));
        }
    }

    @Test
    void manyCutsChangeNothingForRegularExpressionsThatOverlap() {
        GuardPolicyConfig all = Texts.everything(GuardAction.REDACT);
        GuardSet set = Texts.set(new GuardPolicyConfig(
                true,
                true,
                Map.of("card", GuardAction.REDACT, "email", GuardAction.FLAG),
                List.of(
                        new GuardPolicyConfig.Regex("digits", "[0-9]{3}|[0-9 ]{5,30}x", GuardAction.FLAG),
                        new GuardPolicyConfig.Regex("spaced", "[0-9]+ [0-9]+|\\bd[a-z]*", GuardAction.REDACT)),
                all.words(),
                all.injection(),
                all.answerSchema(),
                256,
                false,
                null));
        for (int seed = 0; seed < SCHEDULES; seed++) {
            Random random = new Random(seed);
            String text = text(random, 6);
            assertThat(streamed(set, pieces(text, random, 1 + random.nextInt(60))))
                    .as("seed %d", seed)
                    .isEqualTo(whole(set, text));
        }
    }

    @Test
    void aBlockedTextIsBlockedWhereverItIsCutAndNothingOfItIsShown() {
        GuardSet set = Texts.set(Texts.everything(GuardAction.BLOCK));
        String before = FILLER.repeat(8);
        String text = before + "4111 1111 1111 1111 " + FILLER.repeat(8);
        for (int cut = 0; cut <= text.length(); cut++) {
            AnswerGuard guard = set.startAnswer(null, new Findings());
            AnswerGuard.Chat chat = guard.chat();
            List<ChatEvent> shown = new ArrayList<>();
            chat.add(new ChatEvent.TextDelta(0, text.substring(0, cut)), shown::add);
            chat.add(new ChatEvent.TextDelta(0, text.substring(cut)), shown::add);
            chat.end(shown::add);

            assertThat(guard.refusal()).as("cut at %d", cut).isNotNull();
            assertThat(shown.getLast()).isInstanceOf(ChatEvent.Failed.class);
            StringBuilder said = new StringBuilder();
            shown.forEach(event -> collect(event, said));
            assertThat(before).startsWith(said.toString());
        }
    }

    @Test
    void noMoreThanTheWindowIsWithheld() {
        GuardSet set = Texts.set(Texts.everything(GuardAction.REDACT));
        AnswerGuard.Chat chat = set.startAnswer(null, new Findings()).chat();
        StringBuilder shown = new StringBuilder();
        int said = 0;
        for (int i = 0; i < 500; i++) {
            chat.add(new ChatEvent.TextDelta(0, "word "), event -> collect(event, shown));
            said += 5;
            assertThat(said - shown.length()).isLessThanOrEqualTo(256 + 32 + 5);
        }
    }

    /** Reasoning that is over does not hold up the answer that follows it. */
    @Test
    void aSilentTextDoesNotHoldUpTheOthers() {
        GuardSet set = Texts.set(Texts.everything(GuardAction.REDACT));
        AnswerGuard.Chat chat = set.startAnswer(null, new Findings()).chat();
        StringBuilder shown = new StringBuilder();
        chat.add(new ChatEvent.ReasoningDelta(0, "thinking"), event -> collect(event, shown));
        for (int i = 0; i < 200; i++) {
            chat.add(new ChatEvent.TextDelta(1, "word "), event -> collect(event, shown));
        }
        assertThat(shown.length()).isGreaterThan(500);
    }

    /** A text that goes on after others had their say is still judged together with its beginning. */
    @Test
    void aTextThatWasTakenAsEndedIsStillBlocked() {
        GuardSet set = Texts.set(Texts.everything(GuardAction.BLOCK));
        AnswerGuard guard = set.startAnswer(null, new Findings());
        AnswerGuard.Chat chat = guard.chat();
        List<ChatEvent> shown = new ArrayList<>();
        chat.add(new ChatEvent.TextDelta(0, "4111 1111 1"), shown::add);
        for (int i = 0; i < 100; i++) {
            chat.add(new ChatEvent.ReasoningDelta(1, "thinking "), shown::add);
        }
        chat.add(new ChatEvent.TextDelta(0, "111 1111 "), shown::add);
        chat.end(shown::add);

        assertThat(guard.refusal()).isNotNull();
    }

    private static List<String> pieces(String text, Random random, int longest) {
        List<String> pieces = new ArrayList<>();
        int at = 0;
        while (at < text.length()) {
            int end = Math.min(text.length(), at + 1 + random.nextInt(longest));
            pieces.add(text.substring(at, end));
            at = end;
        }
        return pieces;
    }
}
