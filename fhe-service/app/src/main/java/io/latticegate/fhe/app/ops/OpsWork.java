package io.latticegate.fhe.app.ops;

import io.latticegate.fhe.app.http.FrameReply;
import io.latticegate.fhe.app.job.Job;
import io.latticegate.fhe.app.job.Work;
import io.latticegate.fhe.app.scheme.Scheme;
import io.latticegate.fhe.app.session.OpenKeys;
import io.latticegate.fhe.core.evaluate.Ciphertext;
import io.latticegate.fhe.core.evaluate.Evaluator;
import io.latticegate.fhe.core.wire.Compression;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Computes a {@link Plan}, and writes what it returns. Values are freed after their last use. */
final class OpsWork implements Work {
    static final String KIND = "ops";

    private final Scheme scheme;
    private final Plan plan;
    private final List<Ciphertext> inputs;
    private final Keys keys;
    private final Compression compression;
    private final FrameReply reply;

    /** The session's keys, held by whoever opened them until the job has ended. */
    record Keys(
            @Nullable OpenKeys relinearisation, @Nullable OpenKeys galois) {
        void release() {
            if (relinearisation != null) {
                relinearisation.release();
            }
            if (galois != null) {
                galois.release();
            }
        }

        private OpenKeys forProducts() {
            return require(relinearisation);
        }

        private OpenKeys forRotations() {
            return require(galois);
        }

        private static OpenKeys require(@Nullable OpenKeys keys) {
            if (keys == null) {
                throw new IllegalStateException("the plan was not held against the keys");
            }
            return keys;
        }
    }

    OpsWork(Scheme scheme, Plan plan, List<Ciphertext> inputs, Keys keys, Compression compression, FrameReply reply) {
        this.scheme = scheme;
        this.plan = plan;
        this.inputs = List.copyOf(inputs);
        this.keys = keys;
        this.compression = compression;
        this.reply = reply;
    }

    @Override
    public String kind() {
        return KIND;
    }

    @Override
    public void run(List<Job> jobs) {
        Job job = jobs.getFirst();
        @Nullable
        Ciphertext[] values =
                new @Nullable Ciphertext[plan.inputs() + plan.steps().size()];
        for (int i = 0; i < inputs.size(); i++) {
            values[i] = inputs.get(i);
        }
        try {
            for (int i = 0; i < plan.steps().size(); i++) {
                job.requireLive();
                values[plan.inputs() + i] = evaluate(plan.steps().get(i), values);
                release(values, i);
            }
            answer(job, values);
        } finally {
            for (Ciphertext value : values) {
                if (value != null) {
                    value.close();
                }
            }
        }
    }

    private void release(@Nullable Ciphertext[] values, int step) {
        for (int i = 0; i <= plan.inputs() + step; i++) {
            Ciphertext value = values[i];
            if (value != null && !plan.neededAfter(i, step)) {
                value.close();
                values[i] = null;
            }
        }
    }

    private static Ciphertext value(@Nullable Ciphertext[] values, int number) {
        Ciphertext value = values[number];
        if (value == null) {
            throw new IllegalStateException("value " + number + " is gone");
        }
        return value;
    }

    private Ciphertext evaluate(Step step, @Nullable Ciphertext[] values) {
        Evaluator evaluator = scheme.evaluator();
        Ciphertext a = value(values, step.a());
        Ciphertext b = value(values, step.b());
        return switch (step.operation()) {
            case ADD -> evaluator.add(a, b);
            case SUBTRACT -> evaluator.subtract(a, b);
            case NEGATE -> evaluator.negate(a);
            case MULTIPLY, SQUARE -> evaluator.multiply(a, b);
            case RELINEARISE -> evaluator.relinearise(a, keys.forProducts().relinearisation());
            case RESCALE -> evaluator.rescale(a);
            case MOD_SWITCH -> evaluator.modSwitch(a, step.argument());
            case ROTATE ->
                evaluator.rotate(a, step.argument(), keys.forRotations().galois());
            case CONJUGATE -> evaluator.conjugate(a, keys.forRotations().galois());
        };
    }

    private void answer(Job job, @Nullable Ciphertext[] values) {
        JsonArray outputs = new JsonArray();
        for (int output : plan.outputs()) {
            Plan.Shape shape = plan.value(output);
            outputs.add(new JsonObject()
                    .put("level", shape.level())
                    .put("scale", shape.scale())
                    .put("polynomials", shape.polynomials()));
        }
        job.requireLive();
        reply.json(new JsonObject().put("job", job.id()).put("outputs", outputs));
        for (int output : plan.outputs()) {
            job.requireLive();
            reply.ciphertext(scheme.container(value(values, output), compression));
        }
        reply.end();
    }
}
