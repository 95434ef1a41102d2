package io.latticegate.fhe.app.search;

import io.latticegate.fhe.app.Family;
import io.latticegate.fhe.app.FheParts;
import io.latticegate.fhe.app.cache.CacheTag;
import io.latticegate.fhe.app.cache.KeptReply;
import io.latticegate.fhe.app.cache.ReplyCache;
import io.latticegate.fhe.app.describe.Abilities;
import io.latticegate.fhe.app.http.Call;
import io.latticegate.fhe.app.http.FrameReply;
import io.latticegate.fhe.app.http.Frames;
import io.latticegate.fhe.app.http.Refusal;
import io.latticegate.fhe.app.http.Route;
import io.latticegate.fhe.app.job.Job;
import io.latticegate.fhe.app.job.JobCalls;
import io.latticegate.fhe.app.job.Place;
import io.latticegate.fhe.app.scheme.Scheme;
import io.latticegate.fhe.app.session.KeyEpoch;
import io.latticegate.fhe.app.session.KeyKind;
import io.latticegate.fhe.app.session.OpenKeys;
import io.latticegate.fhe.app.session.Session;
import io.latticegate.fhe.core.evaluate.Ciphertext;
import io.latticegate.fhe.core.privacy.PrivacyTerms;
import io.latticegate.fhe.core.privacy.ScoreNoise;
import io.latticegate.fhe.core.search.NoisyScores;
import io.latticegate.fhe.core.search.Packing;
import io.latticegate.fhe.core.search.Query;
import io.latticegate.fhe.core.search.Search;
import io.latticegate.fhe.core.search.SearchIndex;
import io.latticegate.fhe.core.wire.CiphertextRules;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code POST /v1/fhe/indexes/{name}/search}: an encrypted query against all rows of an index. */
final class SearchCalls implements Family {
    private static final int PARTS = 2;

    private final FheParts parts;
    private final OpenIndexes indexes;
    private final ReplyCache cache;
    private final SecureRandom random = new SecureRandom();

    SearchCalls(FheParts parts, OpenIndexes indexes, ReplyCache cache) {
        this.parts = parts;
        this.indexes = indexes;
        this.cache = cache;
    }

    @Override
    public List<Route> routes() {
        return List.of(Route.upload("POST", IndexCalls.INDEX + "/search", "fhe.search", this::search));
    }

    @Override
    public void describe(Abilities abilities) {
        abilities.operation("search");
        abilities.encrypted("queries of a search and their scores");
        abilities.notEncrypted("which index is searched, and which requests of a session have one cache tag");
        abilities.limit("search_batch", Search.QUERIES_MAX);
    }

    /** A search that is being taken: what is known of it, step by step. */
    private record Asked(
            Call call,
            StoredIndex stored,
            SearchIndex index,
            Scheme scheme,
            Session session,
            SearchRequest request,
            @Nullable NoisyScores noise) {
        double scale() {
            return noise == null ? Packing.QUERY_SCALE : noise.queryScale();
        }
    }

    private void search(Call call) throws IOException {
        call.requireType(Frames.TYPE);
        CacheTag tag = CacheTag.of(call);
        Place place = parts.jobs().reserve(0);
        boolean handedOn = false;
        try {
            handedOn = search(call, tag, place);
        } finally {
            if (!handedOn) {
                place.release();
            }
        }
    }

    /** Whether the place now belongs to the answer. */
    private boolean search(Call call, @Nullable CacheTag tag, Place place) throws IOException {
        String project = call.caller().projectId();
        OpenIndexes.Opened opened = indexes.open(project, IndexName.of(project, call.value("name")));
        StoredIndex stored = opened.stored();
        call.note("index", stored.name().qualified());
        call.note("version", Integer.toString(stored.version()));
        Scheme scheme = parts.schemes().require(stored.preset().name());
        int pieces = opened.index().packing().pieces();
        Frames frames = new Frames(call.body(Frames.bodyBytesMax(pieces, scheme.containerBytesMax(0, PARTS))));
        SearchRequest request =
                SearchRequest.from(frames.json(), parts.config().queue().maxDeadline());
        Session session = parts.sessions().requireUsable(project, request.session());
        call.note("session", session.id());
        if (!session.preset().equals(scheme.name())) {
            throw Refusal.of(
                    422,
                    "preset_mismatch",
                    "The session has preset " + session.preset() + "; the index has " + scheme.name());
        }
        Asked asked = new Asked(call, stored, opened.index(), scheme, session, request, stored.noiseFor(project));
        long query = Query.bytesFor(opened.index());
        place.resize(query + pieces * scheme.ciphertextBytes(0, PARTS));
        List<Ciphertext> ciphertexts = read(frames, asked, pieces);
        try {
            KeyEpoch.announce(call, session, parts.context().clock().instant());
            ReplyCache.Key key = tag == null ? null : new ReplyCache.Key(project, session.id(), stored.file(), tag);
            if (key != null && sendKept(call, key, place)) {
                return true;
            }
            long reply = stored.blocks() * scheme.containerBytesMax(0, PARTS);
            place.resize(query + reply + new Search(opened.index(), scheme.backend()).bytesFor(1));
            return submit(asked, ciphertexts, key, place);
        } finally {
            ciphertexts.forEach(Ciphertext::close);
        }
    }

    private boolean sendKept(Call call, ReplyCache.Key key, Place place) {
        KeptReply kept = cache.find(key);
        call.announce("X-Cache", kept == null ? "MISS" : "HIT");
        call.note("cache", kept == null ? "miss" : "hit");
        if (kept == null) {
            return false;
        }
        place.resize(kept.bytes());
        kept.send(new FrameReply(call, place::release));
        return true;
    }

    private static List<Ciphertext> read(Frames frames, Asked asked, int pieces) throws IOException {
        Scheme scheme = asked.scheme();
        CiphertextRules rules = asked.index().queryRules(asked.scale());
        List<Ciphertext> ciphertexts = new ArrayList<>();
        boolean whole = false;
        try {
            while (ciphertexts.size() < pieces) {
                String what = "Frame " + frames.number();
                ciphertexts.add(frames.ciphertext(
                        scheme.containerBytesMax(0, PARTS), container -> piece(container, asked, rules, what)));
            }
            frames.end();
            whole = true;
            return ciphertexts;
        } finally {
            if (!whole) {
                ciphertexts.forEach(Ciphertext::close);
            }
        }
    }

    private static Ciphertext piece(InputStream container, Asked asked, CiphertextRules rules, String what)
            throws IOException {
        return asked.noise() == null
                ? asked.scheme().read(container, rules, what)
                : asked.scheme().readSeeded(container, rules, what);
    }

    private boolean submit(Asked asked, List<Ciphertext> ciphertexts, ReplyCache.@Nullable Key key, Place place)
            throws IOException {
        Held held = new Held();
        boolean submitted = false;
        try {
            Query query = query(asked, ciphertexts, held);
            pay(asked, held);
            FrameReply reply = new FrameReply(asked.call(), place::release);
            Job job;
            try {
                job = parts.jobs()
                        .submit(
                                asked.session().owner(),
                                asked.request().job(),
                                new SearchWork(
                                        asked.index(),
                                        asked.scheme(),
                                        query,
                                        new SearchWork.Answer(head(asked), reply, held.payment, cache, key)),
                                asked.request().deadline(),
                                place);
            } catch (Refusal refusal) {
                reply.refuse(refusal);
                return true;
            }
            submitted = true;
            var unused = job.ending().thenRun(held::letGo);
            JobCalls.bind(asked.call(), job, reply);
            return true;
        } finally {
            if (!submitted) {
                held.letGo();
            }
        }
    }

    /** What a search holds until its job has ended. */
    private static final class Held {
        private @Nullable OpenKeys key;
        private @Nullable Payment payment;

        void letGo() {
            if (key != null) {
                key.release();
            }
            if (payment != null) {
                payment.refundUnlessReleased();
            }
        }
    }

    private Query query(Asked asked, List<Ciphertext> ciphertexts, Held held) throws IOException {
        NoisyScores noise = asked.noise();
        if (noise == null) {
            return Query.of(asked.index(), ciphertexts, asked.scheme().backend());
        }
        OpenKeys key = parts.openKeys().find(asked.session(), asked.scheme(), KeyKind.PUBLIC);
        if (key == null) {
            throw Refusal.of(
                    409,
                    "keys_missing",
                    "The session has no public key, with which scores for readers are masked; upload it with PUT"
                            + " /v1/fhe/sessions/{id}/keys/public");
        }
        held.key = key;
        ScoreNoise masking = new ScoreNoise(
                key.zeroEncryption(), noise.noise(), asked.scheme().backend(), random);
        return Query.of(
                asked.index(), ciphertexts, noise, masking, asked.scheme().backend());
    }

    private void pay(Asked asked, Held held) {
        String project = asked.session().owner();
        PrivacyTerms terms = asked.stored().termsFor(project);
        if (terms == null) {
            return;
        }
        String id = parts.folder().freshName();
        held.payment = Payment.reserve(parts.ledger(), id, project, asked.stored(), terms);
        asked.call().note("privacy_payment", id);
    }

    private static JsonObject head(Asked asked) {
        StoredIndex stored = asked.stored();
        JsonObject head = new JsonObject()
                .put("index", stored.name().qualified())
                .put("version", stored.version())
                .put("rows", stored.rows())
                .put("dimension", stored.dimension())
                .put("blocks", stored.blocks())
                .put("layout", stored.packing().layout())
                .put("scale", asked.scale() * Packing.ROW_SCALE);
        NoisyScores noise = asked.noise();
        return noise == null ? head : head.put("sigma", noise.sigma());
    }
}
