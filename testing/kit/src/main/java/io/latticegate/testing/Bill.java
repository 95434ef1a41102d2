package io.latticegate.testing;

import io.latticegate.testing.RecordedRequest.Outcome;
import java.util.List;

/**
 * What the {@link FakeProvider} charges for one request, in tokens as {@link Tokens} counts them.
 *
 * @param inputTokens of the request; 0 where it was refused
 * @param outputTokens of the answer; of one that broke off, those of the content that was handed to the socket
 */
public record Bill(long inputTokens, long outputTokens) {
    /** Nothing: a request that was refused, or that makes no text. */
    public static final Bill NOTHING = new Bill(0, 0);

    /**
     * What an answer costs, by how far it gets.
     *
     * @param pieces the content as a stream delivers it, frame by frame
     * @param outputTokens of the whole answer
     */
    record Tariff(int inputTokens, List<String> pieces, int outputTokens) {
        static final Tariff FREE = new Tariff(0, List.of(), 0);

        static Tariff of(Answer answer, int choices) {
            List<String> pieces = answer.calls().isEmpty()
                    ? answer.pieces()
                    : answer.calls().stream()
                            .flatMap(call -> call.pieces().stream())
                            .toList();
            return new Tariff(answer.inputTokens(), pieces, answer.outputTokens() * choices);
        }

        Bill bill(Outcome outcome, int contentSent) {
            if (outcome == Outcome.COMPLETED) {
                return new Bill(inputTokens, outputTokens);
            }
            String sent = String.join("", pieces.subList(0, Math.min(contentSent, pieces.size())));
            return new Bill(inputTokens, Tokens.of(sent));
        }
    }
}
