package io.latticegate.fhe.app.head;

import io.latticegate.fhe.app.http.FrameReply;
import io.latticegate.fhe.app.http.Refusal;
import io.latticegate.fhe.app.job.Job;
import io.latticegate.fhe.app.job.Work;
import io.latticegate.fhe.app.scheme.Scheme;
import io.latticegate.fhe.app.session.OpenKeys;
import io.latticegate.fhe.core.evaluate.Ciphertext;
import io.latticegate.fhe.core.key.GaloisKeys;
import io.latticegate.fhe.core.wire.Compression;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Computes one head on one encrypted vector, and writes the encrypted scores. The answer's size does not depend on them. */
final class HeadWork implements Work {
    static final String KIND = "head";

    private final Scheme scheme;
    private final Operands operands;
    private final Ciphertext vector;
    private final String name;
    private final FrameReply reply;

    /** What a job holds until it has ended. */
    record Operands(
            HeadCache.OpenHead head,
            @Nullable OpenKeys relinearisation,
            @Nullable OpenKeys galois) {
        Operands withRelinearisation(@Nullable OpenKeys keys) {
            return new Operands(head, keys, galois);
        }

        Operands withGalois(@Nullable OpenKeys keys) {
            return new Operands(head, relinearisation, keys);
        }

        /** @throws Refusal 409 that names every key that is missing */
        void requireKeys() {
            HeadShape shape = head.head().shape();
            List<String> missing = new ArrayList<>();
            if (shape.multiplies() && relinearisation == null) {
                missing.add("the relin keys");
            }
            Set<Integer> there =
                    galois == null ? Set.of() : galois.galois().byElement().keySet();
            List<Integer> elements = shape.elements().stream()
                    .filter(element -> !there.contains(element))
                    .toList();
            if (!elements.isEmpty()) {
                missing.add("the Galois keys of elements "
                        + elements.stream().map(String::valueOf).collect(Collectors.joining(", ")));
            }
            if (!missing.isEmpty()) {
                throw Refusal.of(
                        409,
                        "keys_missing",
                        "The session lacks " + String.join(" and ", missing) + "; a PUT takes all keys of a kind");
            }
        }

        void release() {
            head.release();
            if (relinearisation != null) {
                relinearisation.release();
            }
            if (galois != null) {
                galois.release();
            }
        }
    }

    /** @param name by which the client asked for the head */
    HeadWork(Scheme scheme, Operands operands, Ciphertext vector, String name, FrameReply reply) {
        this.scheme = scheme;
        this.operands = operands;
        this.vector = vector;
        this.name = name;
        this.reply = reply;
    }

    @Override
    public String kind() {
        return KIND;
    }

    @Override
    public void run(List<Job> jobs) {
        Job job = jobs.getFirst();
        OpenKeys relinearisation = operands.relinearisation();
        OpenKeys galois = operands.galois();
        try (Ciphertext input = vector;
                Ciphertext scores = operands.head()
                        .circuit()
                        .run(
                                scheme.evaluator(),
                                input,
                                relinearisation == null ? null : relinearisation.relinearisation(),
                                galois == null ? new GaloisKeys(scheme.parameters(), Map.of()) : galois.galois(),
                                job::requireLive)) {
            job.requireLive();
            Head head = operands.head().head();
            reply.json(new JsonObject()
                    .put("job", job.id())
                    .put("head", name)
                    .put("version", head.version())
                    .put("labels", new JsonArray(head.labels())));
            reply.ciphertext(scheme.container(scores, Compression.NONE));
            reply.end();
        }
    }
}
