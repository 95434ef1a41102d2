package io.latticegate.fhe.app.search;

import io.latticegate.common.store.StoreFault;
import io.latticegate.fhe.app.cache.KeptReply;
import io.latticegate.fhe.app.cache.ReplyCache;
import io.latticegate.fhe.app.http.FrameReply;
import io.latticegate.fhe.app.http.Refusal;
import io.latticegate.fhe.app.job.Job;
import io.latticegate.fhe.app.job.Work;
import io.latticegate.fhe.app.scheme.Scheme;
import io.latticegate.fhe.core.evaluate.Ciphertext;
import io.latticegate.fhe.core.search.Query;
import io.latticegate.fhe.core.search.Replies;
import io.latticegate.fhe.core.search.Search;
import io.latticegate.fhe.core.search.SearchIndex;
import io.latticegate.fhe.core.wire.Compression;
import io.vertx.core.json.JsonObject;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Searches one version of an index, in one pass with all others that wait for it. Blocks are sent as they come about. */
final class SearchWork implements Work {
    static final String KIND = "search";

    private static final Logger LOG = LoggerFactory.getLogger(SearchWork.class);

    private final SearchIndex index;
    private final Scheme scheme;
    private final Query query;
    private final Answer answer;

    /**
     * Where a reply goes.
     *
     * @param head of the reply, but for the name of the job
     * @param payment to be released before the first byte; null: the search is free
     * @param keeping under which a whole reply is kept; null: it is not
     */
    record Answer(
            JsonObject head,
            FrameReply reply,
            @Nullable Payment payment,
            ReplyCache cache,
            ReplyCache.@Nullable Key keeping) {}

    SearchWork(SearchIndex index, Scheme scheme, Query query, Answer answer) {
        this.index = index;
        this.scheme = scheme;
        this.query = query;
        this.answer = answer;
    }

    @Override
    public String kind() {
        return KIND;
    }

    /** One version, once mapped, is one object. */
    @Override
    public Object batchKey() {
        return index;
    }

    @Override
    public int batchMax() {
        return Search.QUERIES_MAX;
    }

    @Override
    public void run(List<Job> jobs) {
        List<Sending> sendings =
                jobs.stream().map(job -> ((SearchWork) job.work()).sending(job)).toList();
        List<Query> queries = sendings.stream().map(sending -> sending.query()).toList();
        new Search(index, scheme.backend()).run(queries, new Replies() {
            @Override
            public void block(int number, int block, Ciphertext scores) {
                try (scores) {
                    sendings.get(number).block(block, scores);
                }
            }

            @Override
            public boolean wanted(int number) {
                return sendings.get(number).wanted();
            }
        });
    }

    private Sending sending(Job job) {
        return new Sending(job);
    }

    /** One reply while it is sent. */
    private final class Sending {
        private final Job job;
        private final KeptReply sent;
        private boolean failed;

        Sending(Job job) {
            this.job = job;
            this.sent = new KeptReply(answer.head().copy().put("job", job.id()));
        }

        Query query() {
            return query;
        }

        boolean wanted() {
            return !failed && job.live();
        }

        void block(int block, Ciphertext scores) {
            if (block == 0 && !begin()) {
                return;
            }
            byte[] container = scheme.container(scores, Compression.NONE);
            answer.reply().ciphertext(container);
            if (answer.keeping() != null) {
                sent.add(container);
            }
            if (block == index.blocks() - 1) {
                answer.reply().end();
                ReplyCache.Key key = answer.keeping();
                if (key != null) {
                    answer.cache().keep(key, sent);
                }
            }
        }

        private boolean begin() {
            Payment payment = answer.payment();
            try {
                if (payment != null && !payment.release()) {
                    LOG.error("a search is not sent: its payment was settled before it ended");
                    return fail(Refusal.of(500, "internal_error", "The computation failed"));
                }
            } catch (StoreFault fault) {
                LOG.error("a search is not sent: the privacy ledger does not answer", fault);
                return fail(Refusal.storeUnavailable());
            }
            answer.reply().json(sent.head());
            return true;
        }

        private boolean fail(Refusal why) {
            failed = true;
            job.fail(why);
            return false;
        }
    }
}
