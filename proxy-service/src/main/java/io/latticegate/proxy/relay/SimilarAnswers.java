package io.latticegate.proxy.relay;

import io.latticegate.proxy.cache.AnswerStore;
import io.latticegate.proxy.cache.CacheKey;
import io.latticegate.proxy.cache.StoredAnswer;
import io.latticegate.proxy.cache.semantic.SemanticCache;
import io.latticegate.proxy.cache.semantic.SemanticMatch;
import io.latticegate.proxy.cache.semantic.SemanticPrompt;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Finds the kept answer to a request that means the same. Confined to one event loop but for {@link SemanticCache}. */
final class SimilarAnswers {
    private final SemanticCache semantic;
    private final AnswerStore answers;
    private final Executor loop;

    /** @param loop runs a task on the event loop that this object is confined to */
    SimilarAnswers(SemanticCache semantic, AnswerStore answers, Executor loop) {
        this.semantic = semantic;
        this.answers = answers;
        this.loop = loop;
    }

    /**
     * The answer to a similar request.
     *
     * @param key under which it is kept
     * @param similarity of the two prompts, up to 1
     */
    record Similar(CacheKey key, StoredAnswer answer, double similarity) {}

    /**
     * Looks for one, for as long as {@link SemanticCache#timeout} says.
     *
     * @param usable whether the request may be given an answer
     * @param found is called once, with null where there is none; never where the exchange has ended meanwhile
     */
    void find(
            Exchange exchange,
            SemanticPrompt prompt,
            Predicate<StoredAnswer> usable,
            Consumer<@Nullable Similar> found) {
        var wait = new Wait(exchange, found);
        exchange.deadline(System.nanoTime(), semantic.timeout(), () -> wait.end(null));
        semantic.nearest(
                prompt,
                match -> loop.execute(() -> {
                    if (match == null) {
                        wait.end(null);
                    } else {
                        read(exchange, prompt, match, usable, wait);
                    }
                }));
    }

    /** Remembers that {@code prompt} has an answer. */
    void remember(SemanticPrompt prompt, CacheKey key, StoredAnswer answer) {
        semantic.remember(prompt, key, answer);
    }

    private void read(
            Exchange exchange, SemanticPrompt prompt, SemanticMatch match, Predicate<StoredAnswer> usable, Wait wait) {
        answers.find(String.valueOf(exchange.facts().projectId), match.answer()).onSuccess(kept -> {
            StoredAnswer answer = kept.answer();
            if (answer == null && kept.generation() != null) {
                semantic.forget(prompt, match.answer());
            }
            wait.end(
                    answer != null && usable.test(answer)
                            ? new Similar(match.answer(), answer, match.similarity())
                            : null);
        });
    }

    /** One request's wait; whichever ends it first decides. */
    private static final class Wait {
        private final Exchange exchange;
        private final Consumer<@Nullable Similar> found;
        private boolean over;

        private Wait(Exchange exchange, Consumer<@Nullable Similar> found) {
            this.exchange = exchange;
            this.found = found;
        }

        private void end(@Nullable Similar answer) {
            if (!over && !exchange.finished()) {
                over = true;
                found.accept(answer);
            }
        }
    }
}
