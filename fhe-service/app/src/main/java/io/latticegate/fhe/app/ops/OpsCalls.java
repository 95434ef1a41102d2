package io.latticegate.fhe.app.ops;

import io.latticegate.fhe.app.Family;
import io.latticegate.fhe.app.FheParts;
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
import io.latticegate.fhe.app.session.KeySet;
import io.latticegate.fhe.app.session.OpenKeys;
import io.latticegate.fhe.app.session.Session;
import io.latticegate.fhe.core.evaluate.Ciphertext;
import io.latticegate.fhe.core.wire.CiphertextRules;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** {@code POST /v1/fhe/sessions/{session}/ops}: a client's own circuit over ciphertexts that come with it. */
public final class OpsCalls implements Family {
    private static final int PARTS_MAX = 3;

    private final FheParts parts;

    public OpsCalls(FheParts parts) {
        this.parts = parts;
    }

    @Override
    public List<Route> routes() {
        return List.of(Route.upload("POST", "/v1/fhe/sessions/{session}/ops", "fhe.ops", this::compute));
    }

    @Override
    public void describe(Abilities abilities) {
        for (Operation operation : Operation.values()) {
            abilities.operation(operation.wireName());
        }
        abilities.limit("ops_steps", OpsRequest.STEPS_MAX);
        abilities.limit("ops_inputs", OpsRequest.INPUTS_MAX);
        abilities.limit("ops_outputs", OpsRequest.OUTPUTS_MAX);
        abilities.limit("max_deadline_ms", parts.config().queue().maxDeadline().toMillis());
    }

    private void compute(Call call) throws IOException {
        call.requireType(Frames.TYPE);
        Session session = parts.sessions().requireUsable(call.caller().projectId(), call.value("session"));
        call.note("session", session.id());
        Scheme scheme = parts.scheme(session);
        Place place = parts.jobs().reserve(0);
        boolean handedOn = false;
        try {
            handedOn = compute(call, session, scheme, place);
        } finally {
            if (!handedOn) {
                place.release();
            }
        }
    }

    /** Whether the place now belongs to the answer. */
    private boolean compute(Call call, Session session, Scheme scheme, Place place) throws IOException {
        int top = scheme.parameters().topLevel();
        Frames frames = new Frames(
                call.body(Frames.bodyBytesMax(OpsRequest.INPUTS_MAX, scheme.containerBytesMax(top, PARTS_MAX))));
        OpsRequest request =
                OpsRequest.from(frames.json(), scheme, parts.config().queue().maxDeadline());
        List<Ciphertext> inputs = read(frames, scheme, place);
        Plan plan =
                new Plan(scheme, request, inputs.stream().map(Plan.Shape::of).toList());
        requireKeys(session, plan);
        place.resize(plan.memoryBytes());
        KeyEpoch.announce(call, session, parts.context().clock().instant());
        OpsWork.Keys keys = open(session, scheme, plan);
        boolean submitted = false;
        try {
            FrameReply reply = new FrameReply(call, place::release);
            Job job;
            try {
                job = parts.jobs()
                        .submit(
                                session.owner(),
                                request.job(),
                                new OpsWork(scheme, plan, inputs, keys, request.compression(), reply),
                                request.deadline(),
                                place);
            } catch (Refusal refusal) {
                reply.refuse(refusal);
                return true;
            }
            submitted = true;
            var unused = job.ending().thenRun(keys::release);
            JobCalls.bind(call, job, reply);
            return true;
        } finally {
            if (!submitted) {
                keys.release();
            }
        }
    }

    private List<Ciphertext> read(Frames frames, Scheme scheme, Place place) throws IOException {
        int top = scheme.parameters().topLevel();
        long most = scheme.ciphertextBytes(top, PARTS_MAX);
        long held = 0;
        List<Ciphertext> inputs = new ArrayList<>();
        while (frames.more()) {
            if (inputs.size() == OpsRequest.INPUTS_MAX) {
                throw Refusal.invalid("There are more than " + OpsRequest.INPUTS_MAX + " ciphertexts");
            }
            place.resize(held + 2 * most);
            String what = "Frame " + frames.number();
            Ciphertext input = frames.ciphertext(
                    scheme.containerBytesMax(top, PARTS_MAX),
                    container -> scheme.read(container, CiphertextRules.wellFormed(scheme.chain()), what));
            held += scheme.ciphertextBytes(input.level(), input.parts().size());
            inputs.add(input);
        }
        if (inputs.isEmpty()) {
            throw Refusal.invalid("There is no ciphertext; allowed are 1 to " + OpsRequest.INPUTS_MAX);
        }
        return inputs;
    }

    private void requireKeys(Session session, Plan plan) throws IOException {
        KeySet relinearisation = plan.relinearises() ? parts.keys().find(session, KeyKind.RELIN) : null;
        KeySet galois = plan.moves() ? parts.keys().find(session, KeyKind.GALOIS) : null;
        plan.requireKeys(relinearisation != null, galois == null ? Set.of() : Set.copyOf(galois.elements()));
    }

    private OpsWork.Keys open(Session session, Scheme scheme, Plan plan) throws IOException {
        OpenKeys relinearisation = plan.relinearises() ? require(session, scheme, KeyKind.RELIN) : null;
        try {
            return new OpsWork.Keys(relinearisation, plan.moves() ? require(session, scheme, KeyKind.GALOIS) : null);
        } catch (IOException | RuntimeException fault) {
            if (relinearisation != null) {
                relinearisation.release();
            }
            throw fault;
        }
    }

    private OpenKeys require(Session session, Scheme scheme, KeyKind kind) throws IOException {
        @Nullable OpenKeys keys = parts.openKeys().find(session, scheme, kind);
        if (keys == null) {
            throw Refusal.of(409, "keys_missing", "The session's " + kind.wireName() + " keys were deleted just now");
        }
        return keys;
    }
}
