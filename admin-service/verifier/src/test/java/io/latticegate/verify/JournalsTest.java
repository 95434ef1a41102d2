package io.latticegate.verify;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class JournalsTest {
    private final Report report = new Report();
    private final Journals journals = new Journals(report);
    private long index;

    private void add(String node, long sequence, long second) {
        journals.add(index++, new Entry(node, sequence, OptionalLong.of(second * 1_000_000)));
    }

    @Test
    void aJournalThatCameOutOfOrderIsWhole() {
        add("a", 1, 1);
        add("a", 4, 4);
        add("a", 5, 5);
        add("b", 1, 1);
        add("a", 2, 2);
        add("a", 3, 3);
        journals.finish(0);

        assertThat(report.findings()).isEmpty();
        assertThat(report.warnings()).isEmpty();
    }

    @Test
    void namesWhatIsMissing() {
        add("a", 3, 1);
        add("a", 7, 1);
        journals.finish(0);

        assertThat(report.findings())
                .extracting(Report.Finding::text)
                .containsExactly("journal a lacks numbers 1 to 2", "journal a lacks numbers 4 to 6");
    }

    @Test
    void asManyNumbersMayBeMissingAsBodiesWereDeleted() {
        add("a", 3, 1);
        journals.finish(2);

        assertThat(report.findings()).isEmpty();
        assertThat(report.warnings())
                .containsExactly("2 numbers of journals cannot be read, where 2 entries have no body");
    }

    @Test
    void findsANumberThatIsThereTwice() {
        add("a", 1, 1);
        add("a", 2, 1);
        add("a", 1, 1);

        assertThat(report.findings()).extracting(Report.Finding::kind).containsExactly(Report.Kind.DUPLICATE);
    }

    @Test
    void warnsWhenTheClockGoesBackByMoreThanAMinute() {
        add("a", 1, 1_000);
        add("a", 2, 950);
        add("a", 3, 800);
        journals.finish(0);

        assertThat(report.verified()).isTrue();
        assertThat(report.warnings()).containsExactly("the clock of journal a went back by 150 s before its number 3");
    }
}
