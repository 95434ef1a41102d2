package io.latticegate.proxy.cache.semantic;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class PromptContrastTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "add 3 and 4                    | add 3 and 5",
                "raise it by 5                  | raise it by -5",
                "on 2021-03-03                  | on 2021-03-04",
                "is it safe                     | is it not safe",
                "you should do it               | you shouldn't do it",
                "you should do it               | you shouldn’t do it",
                "define \"affect\"              | define \"effect\"",
                "define 'affect'                | define 'effect'",
                "call `a()`                     | call `b()`",
                "is a < b                       | is a > b",
                "who met Alice and Bob          | who met Bob and Alice",
                "call getUser                   | call setUser",
                "set max_size                   | set min_size",
                "from miles to kilometers       | from kilometers to miles",
                "was it sent in time            | was it received in time",
                "before lunch                   | after lunch",
                "with two examples              | with three examples",
                "lock it                        | unlock it",
                "answer as json                 | answer as yaml",
                "the cost is 5 €                | the cost is 5 $"
            })
    void setsApartWhatDecides(String one, String other) {
        assertThat(PromptContrast.of(one).agreesWith(PromptContrast.of(other))).isFalse();
        assertThat(PromptContrast.of(other).agreesWith(PromptContrast.of(one))).isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "How do I reset my password?    | how can I reset my password",
                "What's the capital of France?  | What is the capital of France",
                "How do heat pumps work?        | How does a heat pump work?",
                "Explain DNS (briefly).         | Explain DNS briefly."
            })
    void leavesTheRestToTheVectors(String one, String other) {
        assertThat(PromptContrast.of(one).agreesWith(PromptContrast.of(other))).isTrue();
    }
}
