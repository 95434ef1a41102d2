package io.latticegate.fhe.app.head;

import io.latticegate.fhe.app.Family;
import io.latticegate.fhe.app.FheParts;
import io.latticegate.fhe.app.describe.Abilities;
import io.latticegate.fhe.app.http.Call;
import io.latticegate.fhe.app.http.FrameReply;
import io.latticegate.fhe.app.http.Frames;
import io.latticegate.fhe.app.http.Members;
import io.latticegate.fhe.app.http.Refusal;
import io.latticegate.fhe.app.http.Route;
import io.latticegate.fhe.app.job.Job;
import io.latticegate.fhe.app.job.JobCalls;
import io.latticegate.fhe.app.job.Place;
import io.latticegate.fhe.app.scheme.Scheme;
import io.latticegate.fhe.app.session.KeyEpoch;
import io.latticegate.fhe.app.session.KeyKind;
import io.latticegate.fhe.app.session.Session;
import io.latticegate.fhe.core.evaluate.Ciphertext;
import io.latticegate.fhe.core.head.HeadModel;
import io.latticegate.fhe.core.preset.Preset;
import io.latticegate.fhe.core.wire.CiphertextRules;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** {@code /v1/fhe/heads}: private networks of a project, asked with encrypted vectors. */
public final class HeadCalls implements Family {
    /** Between a project's id and the name of its head, where another project asks. */
    static final String OF_PROJECT = "~";

    static final String PRESET = Preset.S14.name();
    private static final String HEADS = "/v1/fhe/heads";
    private static final String HEAD = HEADS + "/{head}";
    private static final int DEADLINE_MILLIS = 30_000;
    private static final int VECTOR_PARTS = 2;
    private static final int HEAP_SHARE = 4;

    private final FheParts parts;
    private final Scheme scheme;
    private final HeadStore store;
    private final HeadCache cache;

    public HeadCalls(FheParts parts) {
        this.parts = parts;
        this.scheme = parts.schemes().require(PRESET);
        this.store =
                new HeadStore(parts.folder(), parts.config(), parts.context().clock());
        this.cache = new HeadCache(
                store,
                scheme,
                Math.min(
                        parts.config().heads().memoryBytes(),
                        Runtime.getRuntime().maxMemory() / HEAP_SHARE),
                parts.context().metrics());
    }

    @Override
    public List<Route> routes() {
        return List.of(
                Route.upload("PUT", HEAD, "fhe.head.put", this::put),
                Route.get(HEADS, this::list),
                Route.get(HEAD, this::get),
                Route.delete(HEAD, "fhe.head.delete", this::delete),
                Route.upload("POST", HEAD + "/infer", "fhe.head.infer", this::infer));
    }

    @Override
    public void describe(Abilities abilities) {
        abilities.encrypted("the vector that a head is asked with, and its scores");
        abilities.notEncrypted("weights and labels of heads, to the service; scores, to the client who asks: enough of"
                + " them tell what a head computes");
        abilities.operation(HeadWork.KIND);
        abilities.limit("heads_per_project", parts.config().heads().perProject());
        abilities.limit("head_body_bytes", HeadParser.BYTES_MAX);
        abilities.limit("head_input", HeadModel.INPUT_MAX);
        abilities.limit("head_width", HeadModel.WIDTH_MAX);
        abilities.limit("head_layers", HeadModel.LAYERS_MAX);
        abilities.limit("head_degree", HeadModel.DEGREE_MAX);
        abilities.limit("head_readers", HeadParser.READERS_MAX);
    }

    @Override
    public void report(JsonObject status) {
        status.put("open_heads", cache.size());
    }

    private void put(Call call) throws IOException {
        call.requireType("application/json");
        String name = call.value("head");
        HeadStore.requireName(name);
        call.note("head", name);
        String owner = call.caller().projectId();
        Place place = parts.jobs().reserve(0);
        try {
            place.resize(HeadParser.MEMORY_BYTES);
            HeadUpload upload = HeadParser.read(call.body(HeadParser.BYTES_MAX));
            @Nullable Head old = store.find(owner, name);
            Head head = cache.compile(upload.model(), shape -> store.put(owner, name, upload, shape));
            if (old != null) {
                cache.forget(old);
            }
            call.note("version", Integer.toString(head.version()));
            call.answer(201, head.toWire(owner), Map.of("Location", HEADS + "/" + name));
        } finally {
            place.release();
        }
    }

    private void list(Call call) throws IOException {
        String owner = call.caller().projectId();
        JsonArray all = new JsonArray();
        for (Head head : store.list(owner)) {
            all.add(head.toWire(owner));
        }
        call.answer(200, new JsonObject().put("heads", all));
    }

    private void get(Call call) throws IOException {
        call.answer(200, readable(call).toWire(call.caller().projectId()));
    }

    private void delete(Call call) throws IOException {
        String name = call.value("head");
        call.note("head", name);
        String owner = call.caller().projectId();
        if (store.find(owner, name) == null) {
            throw Refusal.notFound("head");
        }
        cache.forget(store.delete(owner, name));
        call.answerNothing();
    }

    /** The head that a path names: one of the caller's, or, behind its project's id, one that the caller may ask. */
    private Head readable(Call call) throws IOException {
        String caller = call.caller().projectId();
        String name = call.value("head");
        int separator = name.indexOf(OF_PROJECT);
        Head head = separator < 0
                ? store.find(caller, name)
                : store.find(name.substring(0, separator), name.substring(separator + OF_PROJECT.length()));
        if (head == null || !head.readableBy(caller)) {
            throw Refusal.notFound("head");
        }
        return head;
    }

    private void infer(Call call) throws IOException {
        call.requireType(Frames.TYPE);
        call.note("head", call.value("head"));
        Head head = readable(call);
        Place place = parts.jobs().reserve(0);
        boolean handedOn = false;
        try {
            handedOn = infer(call, head, place);
        } finally {
            if (!handedOn) {
                place.release();
            }
        }
    }

    /** Whether the place now belongs to the answer. */
    private boolean infer(Call call, Head wanted, Place place) throws IOException {
        int top = scheme.parameters().topLevel();
        Frames frames = new Frames(call.body(Frames.bodyBytesMax(1, scheme.containerBytesMax(top, VECTOR_PARTS))));
        Members members = new Members(frames.json(), "Frame 0", "session", "deadline_ms", "job");
        Session session = parts.sessions().requireUsable(call.caller().projectId(), members.text("session"));
        call.note("session", session.id());
        if (!session.preset().equals(PRESET)) {
            throw Refusal.of(
                    422,
                    "preset_mismatch",
                    "The session has preset " + session.preset() + "; heads are computed under " + PRESET);
        }
        int longest = Math.toIntExact(parts.config().queue().maxDeadline().toMillis());
        Duration deadline =
                Duration.ofMillis(members.number("deadline_ms", 1, longest, Math.min(longest, DEADLINE_MILLIS)));
        HeadWork.Operands operands = operands(call, wanted, session);
        Head head = operands.head().head();
        call.note("version", Integer.toString(head.version()));
        boolean submitted = false;
        try {
            place.resize(operands.head().circuit().workingBytes()
                    + scheme.containerBytesMax(head.shape().outputLevel(), VECTOR_PARTS));
            Ciphertext vector = vector(frames, head.shape());
            KeyEpoch.announce(call, session, parts.context().clock().instant());
            FrameReply reply = new FrameReply(call, place::release);
            Job job;
            try {
                job = parts.jobs()
                        .submit(
                                session.owner(),
                                members.findText("job"),
                                new HeadWork(scheme, operands, vector, call.value("head"), reply),
                                deadline,
                                place);
            } catch (Refusal refusal) {
                reply.refuse(refusal);
                return true;
            }
            submitted = true;
            var unused = job.ending().thenRun(operands::release);
            JobCalls.bind(call, job, reply);
            return true;
        } finally {
            if (!submitted) {
                operands.release();
            }
        }
    }

    private Ciphertext vector(Frames frames, HeadShape shape) throws IOException {
        int primes = shape.inputLevel() + 1;
        CiphertextRules rules = new CiphertextRules(VECTOR_PARTS, primes, primes, shape.inputScale());
        Ciphertext vector = frames.ciphertext(
                scheme.containerBytesMax(shape.inputLevel(), VECTOR_PARTS),
                container -> scheme.read(container, rules, "Frame 1"));
        frames.end();
        return vector;
    }

    /** The head and the session's keys for it, all held. */
    private HeadWork.Operands operands(Call call, Head wanted, Session session) throws IOException {
        HeadWork.Operands operands = new HeadWork.Operands(cache.open(wanted), null, null);
        boolean complete = false;
        try {
            HeadShape shape = operands.head().head().shape();
            if (!operands.head().head().readableBy(call.caller().projectId())) {
                throw Refusal.notFound("head");
            }
            if (shape.multiplies()) {
                operands = operands.withRelinearisation(parts.openKeys().find(session, scheme, KeyKind.RELIN));
            }
            if (!shape.elements().isEmpty()) {
                operands = operands.withGalois(parts.openKeys().find(session, scheme, KeyKind.GALOIS));
            }
            operands.requireKeys();
            complete = true;
            return operands;
        } finally {
            if (!complete) {
                operands.release();
            }
        }
    }
}
