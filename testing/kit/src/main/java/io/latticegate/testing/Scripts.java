package io.latticegate.testing;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** The scripts that a test has set: rules, then a queue, then what the model's name says. Thread-safe. */
final class Scripts {
    private static final int SCRIPTS_MAX = 100_000;

    private record Rule(Predicate<RecordedRequest> when, Script script) {}

    private final List<Rule> rules = new ArrayList<>();
    private final ArrayDeque<Script> queue = new ArrayDeque<>();
    private volatile boolean set;

    synchronized void rule(Predicate<RecordedRequest> when, Script script) {
        if (rules.size() == 1000) {
            throw new IllegalStateException("1000 script rules are set already; call reset()");
        }
        rules.addFirst(new Rule(when, script));
        set = true;
    }

    synchronized void queue(Script script) {
        if (queue.size() == SCRIPTS_MAX) {
            throw new IllegalStateException(SCRIPTS_MAX + " scripts are queued already; call reset()");
        }
        queue.add(script);
        set = true;
    }

    /** Whether any request might get a script that its model's name does not say. */
    boolean set() {
        return set;
    }

    /**
     * The script for one request.
     *
     * @throws IllegalArgumentException when the model's name holds directives that cannot be read
     */
    synchronized Script select(RecordedRequest request) {
        for (Rule rule : rules) {
            if (rule.when().test(request)) {
                return rule.script();
            }
        }
        Script queued = queue.poll();
        set = !rules.isEmpty() || !queue.isEmpty();
        return queued == null ? Script.ofModel(request.model()) : queued;
    }

    synchronized void clear() {
        rules.clear();
        queue.clear();
        set = false;
    }
}
