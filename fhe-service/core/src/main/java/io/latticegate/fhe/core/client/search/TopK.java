package io.latticegate.fhe.core.client.search;

import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/** The rows with the greatest scores of those that were offered; of equal scores the lesser row counts as the greater. */
public final class TopK {
    /** From the best to the worst. */
    private static final Comparator<Hit> ORDER =
            Comparator.comparingDouble(Hit::score).reversed().thenComparingInt(Hit::row);

    private final int count;
    private final PriorityQueue<Hit> kept;

    /** One row and its score. */
    public record Hit(int row, double score) {}

    /** @param count how many rows to keep, at least 1 */
    public TopK(int count) {
        if (count < 1) {
            throw new IllegalArgumentException("the best " + count + " rows; allowed are 1 or more");
        }
        this.count = count;
        this.kept = new PriorityQueue<>(ORDER.reversed());
    }

    /** Takes a row into account. @throws IllegalArgumentException if the score is not a number */
    public void offer(int row, double score) {
        if (Double.isNaN(score)) {
            throw new IllegalArgumentException("the score of row " + row + " is not a number");
        }
        Hit worst = kept.size() < count ? null : kept.peek();
        if (worst == null || score > worst.score() || score == worst.score() && row < worst.row()) {
            if (worst != null) {
                kept.remove();
            }
            kept.add(new Hit(row, score));
        }
    }

    /** Takes the rows of another part of the same index into account. */
    public void merge(TopK other) {
        other.kept.forEach(hit -> offer(hit.row(), hit.score()));
    }

    /** The rows that were kept, the best first. */
    public List<Hit> best() {
        return kept.stream().sorted(ORDER).toList();
    }
}
