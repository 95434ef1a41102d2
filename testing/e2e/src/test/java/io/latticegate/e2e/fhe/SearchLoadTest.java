package io.latticegate.e2e.fhe;

import static io.latticegate.e2e.fhe.FheCaller.blocks;
import static io.latticegate.e2e.fhe.FheCaller.json;
import static io.latticegate.e2e.fhe.FheCaller.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.latticegate.e2e.LocalStack;
import io.latticegate.fhe.core.preset.Preset;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A hundred encrypted searches at a time through the whole service, while sessions are replaced.
 * {@code -Dlatticegate.fhe.search.rows=100000} makes the index larger.
 */
class SearchLoadTest {
    private static final Logger LOG = LoggerFactory.getLogger(SearchLoadTest.class);
    private static final int ROWS = Integer.getInteger("latticegate.fhe.search.rows", 4_000);
    private static final int DIMENSION = 384;
    private static final int SEARCHES = 100;
    private static final int QUERIES = 8;
    private static final int ROTATION_EVERY = 25;
    private static final int DEADLINE_MILLIS = 120_000;

    /** What became of one search. */
    private record Outcome(boolean whole, boolean grace, boolean right, long millis) {}

    @Test
    void aHundredSearchesAtATimeAreAnsweredWhileKeysChange() throws Exception {
        FheParty party = new FheParty(Preset.S12);
        float[][] rows = Rows.random(10, ROWS, DIMENSION);
        try (LocalStack stack = LocalStack.with()
                        .setting("fhe.queue.memory", "4GiB")
                        .setting("fhe.queue.size", 400)
                        .start();
                FheCaller caller = new FheCaller(stack.fheUrl(), stack.token())) {
            HttpResponse<byte[]> put = caller.putIndex("load", rows, "S12");
            assertThat(put.statusCode()).as(text(put)).isEqualTo(201);
            FheParty.Searcher searcher = party.searcher(caller.index("load"));
            List<byte[][]> queries = new ArrayList<>();
            for (int i = 0; i < QUERIES; i++) {
                queries.add(searcher.query(rows[i]));
            }
            AtomicReference<String> session = new AtomicReference<>(caller.session("S12"));
            AtomicInteger refused = new AtomicInteger();
            AtomicInteger begun = new AtomicInteger();
            List<Future<Outcome>> answers = new ArrayList<>();
            try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
                for (int i = 0; i < SEARCHES; i++) {
                    int place = i % QUERIES;
                    Callable<Outcome> one = () -> {
                        if (begun.incrementAndGet() % ROTATION_EVERY == 0) {
                            session.set(replaced(caller, session.get()));
                        }
                        return search(caller, session.get(), searcher, queries.get(place), place, refused);
                    };
                    answers.add(clients.submit(one));
                }
            }
            List<Long> millis = new ArrayList<>();
            int whole = 0;
            int grace = 0;
            int right = 0;
            for (Future<Outcome> answer : answers) {
                Outcome outcome = answer.get();
                millis.add(outcome.millis());
                whole += outcome.whole() ? 1 : 0;
                grace += outcome.grace() ? 1 : 0;
                right += outcome.right() ? 1 : 0;
            }
            Collections.sort(millis);
            JsonObject status = json(caller.get("/v1/fhe/status"));
            LOG.info(
                    "{} searches at a time over {} x {}: p50 {} ms, p90 {} ms, {} whole, {} right, {} in the grace of"
                            + " replaced keys, {} times refused as overloaded and repeated; largest batch {}",
                    SEARCHES,
                    ROWS,
                    DIMENSION,
                    millis.get(SEARCHES / 2),
                    millis.get(SEARCHES * 9 / 10),
                    whole,
                    right,
                    grace,
                    refused.get(),
                    status.getJsonObject("batch").getInteger("largest"));
            assertThat(whole).isEqualTo(SEARCHES);
            assertThat(right).isEqualTo(SEARCHES);
            assertThat(status.getJsonObject("batch").getInteger("largest")).isBetween(2, 16);
        }
    }

    private static String replaced(FheCaller caller, String session) throws Exception {
        HttpResponse<byte[]> next = caller.post(
                "/v1/fhe/sessions", new JsonObject().put("preset", "S12").put("replaces", session));
        assertThat(next.statusCode()).as(text(next)).isEqualTo(201);
        return json(next).getString("id");
    }

    /** One search, again while the service is full; the time is that of all attempts. */
    private static Outcome search(
            FheCaller caller,
            String session,
            FheParty.Searcher searcher,
            byte[][] query,
            int expected,
            AtomicInteger refused)
            throws Exception {
        long from = System.nanoTime();
        JsonObject request = new JsonObject().put("session", session).put("deadline_ms", DEADLINE_MILLIS);
        while (true) {
            HttpResponse<byte[]> answer = caller.search("load", request, query);
            if (answer.statusCode() == 503) {
                refused.incrementAndGet();
                continue;
            }
            long millis = (System.nanoTime() - from) / 1_000_000;
            if (answer.statusCode() != 200) {
                LOG.warn("a search failed: {}", text(answer));
                return new Outcome(false, false, false, millis);
            }
            boolean right = Rows.best(searcher.scores(blocks(answer)), 1).equals(List.of(expected));
            return new Outcome(true, answer.headers().firstValue("Warning").isPresent(), right, millis);
        }
    }
}
