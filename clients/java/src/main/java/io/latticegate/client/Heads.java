package io.latticegate.client;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.latticegate.client.error.BrokenReplyException;
import io.latticegate.client.error.StaleVersionException;
import io.latticegate.client.frame.FrameReader;
import io.latticegate.fhe.core.client.head.EmbeddingEncoder;
import io.latticegate.fhe.core.client.head.HeadScores;
import io.latticegate.fhe.core.encode.Encoder;
import io.latticegate.fhe.core.encode.Plaintext;
import io.latticegate.fhe.core.head.Activation;
import io.latticegate.fhe.core.head.HeadModel;
import io.latticegate.fhe.core.head.InputPacking;
import io.latticegate.fhe.core.preset.Preset;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.regex.Pattern;

/**
 * Classification heads at the service, and encrypted inference with them. The service holds a head's weights and never sees
 * an embedding or its scores; the client sees scores and never weights. Safe for use by several threads.
 */
public final class Heads {
    private static final Preset PRESET = Preset.S14;
    private static final String PATH = "/v1/fhe/heads";
    private static final Pattern NAME = Pattern.compile("(?:[A-Za-z0-9-]{1,64}~)?[a-z0-9][a-z0-9._-]{0,63}");

    private final Service service;
    private final Function<Preset, Session> sessions;

    Heads(Service service, Function<Preset, Session> sessions) {
        this.service = service;
        this.sessions = sessions;
    }

    /**
     * Loads a head, or replaces the one of this name.
     *
     * @param name a-z, 0-9, dots, underscores and dashes, at most 64
     * @param labels one for each score, or none
     * @throws io.latticegate.client.error.ServiceRefusalException with the code {@code circuit_refused} where the model does
     *     not fit the parameter set
     */
    public HeadInfo put(String name, HeadModel model, List<String> labels) {
        ObjectNode body = Service.JSON.createObjectNode().put("input", model.input());
        ArrayNode layers = body.putArray("layers");
        model.layers().forEach(layer -> write(layer, layers.addObject()));
        labels.forEach(body.putArray("labels")::add);
        return info(name, new Fields(service.putJson(path(name), body), "the head"));
    }

    private static void write(HeadModel.Layer layer, ObjectNode to) {
        ArrayNode rows = to.putArray("weights");
        for (double[] row : layer.weights()) {
            write(row, rows.addArray());
        }
        write(layer.bias(), to.putArray("bias"));
        switch (layer.activation()) {
            case Activation.None _ -> to.put("activation", "none");
            case Activation.Square _ -> to.put("activation", "square");
            case Activation.Polynomial(double[] coefficients) ->
                write(coefficients, to.put("activation", "polynomial").putArray("coefficients"));
        }
    }

    private static void write(double[] numbers, ArrayNode to) {
        for (double number : numbers) {
            to.add(number);
        }
    }

    /** What there is under a name; another project's head is {@code project~name}. */
    public HeadInfo get(String name) {
        return info(name, new Fields(service.get(path(name)), "the head"));
    }

    /** Deletes a head of the project's own. */
    public void delete(String name) {
        service.delete(path(name));
    }

    private static String path(String name) {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException(
                    "the head name " + name
                            + "; allowed are a-z, 0-9, dots, underscores and dashes, at most 64, beginning with a letter or digit");
        }
        return PATH + "/" + name;
    }

    private static HeadInfo info(String name, Fields head) {
        int degree = PRESET.parameters().degree();
        int top = PRESET.parameters().topLevel();
        Fields packing = head.object("packing");
        int slots = degree / 2;
        try {
            return new HeadInfo(
                    name,
                    head.whole("version", 1, Long.MAX_VALUE),
                    (int) head.whole("outputs", 1, HeadModel.WIDTH_MAX),
                    head.texts("labels"),
                    new KeyNeeds(
                            head.flag("multiplies"), false, Set.copyOf(head.integers("elements", 1, 2 * degree - 1))),
                    new InputPacking(
                            slots,
                            (int) head.whole("input", 1, HeadModel.INPUT_MAX),
                            (int) packing.whole("period", 1, slots),
                            (int) packing.whole("block", 1, slots),
                            (int) packing.whole("shift", 1, slots),
                            (int) packing.whole("turns", 1, slots)),
                    head.count("input_level", top),
                    head.number("input_scale"),
                    head.count("output_level", top),
                    head.number("output_scale"),
                    head.number("error_bound"));
        } catch (IllegalArgumentException refused) {
            throw new BrokenReplyException("the packing of the head " + name + " is refused", refused);
        }
    }

    /**
     * The scores of an embedding, one for each output of the head.
     *
     * @param embedding of length at most {@value HeadModel#NORM_MAX}
     * @throws StaleVersionException where the head is not that version any more
     */
    public HeadScores infer(HeadInfo head, double[] embedding) {
        Session session = sessions.apply(PRESET);
        return session.under(head.needs(), epoch -> {
            Scheme scheme = session.scheme();
            EmbeddingEncoder encoder =
                    new EmbeddingEncoder(scheme.encoder(), head.packing(), head.inputLevel(), head.inputScale());
            byte[] container;
            try (Plaintext plaintext = encoder.encode(embedding)) {
                container = scheme.container(scheme.encryptor().encrypt(plaintext, epoch.secret()));
            }
            String job = UUID.randomUUID().toString();
            return service.frames(
                    path(head.name()) + "/infer",
                    Map.of(),
                    Service.JSON
                            .createObjectNode()
                            .put("session", epoch.sessionId())
                            .put("job", job),
                    List.of(container),
                    scheme.ciphertextBytesMax(),
                    reply -> read(reply, job, head, scheme, epoch));
        });
    }

    private static HeadScores read(FrameReader reply, String job, HeadInfo head, Scheme scheme, KeyEpoch epoch)
            throws IOException {
        JsonNode first = reply.head();
        Session.requireJob(first, job);
        if (new Fields(first, "the reply").whole("version", 1, Long.MAX_VALUE) != head.version()) {
            throw new StaleVersionException(
                    "the head " + head.name() + " is not version " + head.version() + " any more");
        }
        byte[] container = reply.next().orElseThrow(() -> new BrokenReplyException("a reply without scores"));
        Encoder.Slots slots = scheme.decrypted(container, 2, head.outputLevel(), head.outputScale(), epoch.secret());
        if (reply.next().isPresent()) {
            throw new BrokenReplyException("more than one ciphertext of scores");
        }
        return new HeadScores(Arrays.copyOf(slots.real(), head.outputs()));
    }
}
