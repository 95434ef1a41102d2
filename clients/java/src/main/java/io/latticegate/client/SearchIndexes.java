package io.latticegate.client;

import com.fasterxml.jackson.databind.JsonNode;
import io.latticegate.client.error.BrokenReplyException;
import io.latticegate.client.error.StaleVersionException;
import io.latticegate.client.frame.FrameReader;
import io.latticegate.fhe.core.client.Decryptor;
import io.latticegate.fhe.core.client.search.QueryEncoder;
import io.latticegate.fhe.core.client.search.ScoreDecoder;
import io.latticegate.fhe.core.client.search.TopK;
import io.latticegate.fhe.core.evaluate.Ciphertext;
import io.latticegate.fhe.core.preset.Preset;
import io.latticegate.fhe.core.search.Packing;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Indexes of embeddings at the service, and encrypted searches in them. The service holds an index's vectors in plaintext; a
 * query and its scores it sees only encrypted. Safe for use by several threads.
 */
public final class SearchIndexes {
    private static final String PATH = "/v1/fhe/indexes";
    private static final Duration UPLOAD_LIMIT = Duration.ofMinutes(30);
    private static final Pattern NAME = Pattern.compile("(?:[A-Za-z0-9-]{1,64}~)?[a-z0-9][a-z0-9._-]{0,63}");
    private static final Pattern PACKING = Pattern.compile("coefficients/([0-9]{1,6})");
    private static final int ROWS_MAX = 100_000_000;

    private final Service service;
    private final Function<Preset, Session> sessions;

    SearchIndexes(Service service, Function<Preset, Session> sessions) {
        this.service = service;
        this.sessions = sessions;
    }

    /**
     * Loads an index, or replaces the one of this name as a whole.
     *
     * @param name a-z, 0-9, dots, underscores and dashes, at most 64
     * @param vectors rows × dimension float32, least significant byte first, each row of length at most 1.001; asked for again
     *     where the request has to be sent again
     */
    public IndexInfo put(String name, int rows, int dimension, Preset preset, Supplier<InputStream> vectors) {
        JsonNode reply = service.put(
                path(name) + "?rows=" + rows + "&dimension=" + dimension + "&preset=" + preset.name(),
                Map.of(),
                BodyPublishers.fromPublisher(
                        BodyPublishers.ofInputStream(vectors),
                        Math.multiplyExact((long) rows * dimension, Float.BYTES)),
                UPLOAD_LIMIT);
        long version = new Fields(reply, "the index").whole("version", 1, Long.MAX_VALUE);
        IndexInfo loaded = get(name);
        if (loaded.version() != version || loaded.rows() != rows || loaded.dimension() != dimension) {
            throw new StaleVersionException("the index " + name + " was replaced while it was loaded");
        }
        return loaded;
    }

    /** What there is under a name; another project's index is {@code project~name}. */
    public IndexInfo get(String name) {
        return info(name, new Fields(service.get(path(name)), "the index"));
    }

    /** The names of the project's own indexes. */
    public List<String> names() {
        return new Fields(service.get(PATH), "the indexes")
                .objects("indexes").stream().map(index -> index.id("name")).toList();
    }

    /** Deletes an index of the project's own. */
    public void delete(String name) {
        service.delete(path(name));
    }

    private static String path(String name) {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException(
                    "the index name " + name
                            + "; allowed are a-z, 0-9, dots, underscores and dashes, at most 64, beginning with a letter or digit");
        }
        return PATH + "/" + name;
    }

    private static IndexInfo info(String name, Fields index) {
        Preset preset = preset(index.text("preset"));
        Fields query = index.object("query");
        return new IndexInfo(
                name,
                index.whole("version", 1, Long.MAX_VALUE),
                (int) index.whole("rows", 1, ROWS_MAX),
                (int) index.whole("dimension", 1, Packing.DIMENSION_MAX),
                preset,
                index.whole("bytes", 0, Long.MAX_VALUE),
                (int) query.whole("ciphertexts", 1, Packing.DIMENSION_MAX),
                query.number("scale"),
                query.texts("keys").contains("public"),
                query.text("packing"));
    }

    private static Preset preset(String name) {
        return Arrays.stream(Preset.values())
                .filter(preset -> preset.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new BrokenReplyException("a parameter set " + name + " that is not known here"));
    }

    /** The rows that are nearest to a query, the best first. */
    public List<TopK.Hit> search(String name, float[] query, int count) {
        TopK best = new TopK(count);
        search(get(name), query, best::offer);
        return best.best();
    }

    /**
     * Searches, and hands over every row's score while the reply arrives. Where this method throws, scores that it has handed
     * over belong to no whole reply.
     *
     * @param index as it was read; a reply from another version is refused
     * @param query of length at most 1.001
     * @throws StaleVersionException where the index is not that version any more
     */
    public void search(IndexInfo index, float[] query, RowScores scores) {
        search(index, query, null, scores);
    }

    /**
     * Searches as {@link #search(IndexInfo, float[], RowScores)} does, and lets the service keep the encrypted reply under a
     * tag, for another request with that tag. Equal tags tell the service that two requests are the same.
     *
     * @param tag from a {@link CacheTags}
     */
    public void search(IndexInfo index, float[] query, @Nullable String tag, RowScores scores) {
        Session session = sessions.apply(index.preset());
        session.under(
                index.noisy() ? KeyNeeds.PUBLIC_KEY : KeyNeeds.NONE,
                epoch -> ask(session.scheme(), epoch, index, query, tag, scores));
    }

    private boolean ask(
            Scheme scheme, KeyEpoch epoch, IndexInfo index, float[] query, @Nullable String tag, RowScores scores) {
        Packing packing = packing(index);
        QueryEncoder encoder = new QueryEncoder(
                scheme.parameters(), scheme.backend(), packing, scheme.encryptor(), epoch.secret(), index.queryScale());
        List<byte[]> pieces =
                encoder.encrypt(query).stream().map(scheme::container).toList();
        String job = UUID.randomUUID().toString();
        return service.frames(
                path(index.name()) + "/search",
                tag == null ? Map.of() : Map.of("X-Latticegate-Cache-Tag", tag),
                Service.JSON
                        .createObjectNode()
                        .put("session", epoch.sessionId())
                        .put("job", job),
                pieces,
                scheme.ciphertextBytesMax(),
                reply -> read(reply, tag == null ? job : null, index, packing, scheme, epoch, scores));
    }

    private static Packing packing(IndexInfo index) {
        Matcher form = PACKING.matcher(index.packing());
        if (!form.matches()) {
            throw new BrokenReplyException("the packing " + index.packing() + " is not known here");
        }
        try {
            int degree = index.preset().parameters().degree();
            Packing packing = new Packing(degree, index.dimension(), Integer.parseInt(form.group(1)));
            if (packing.pieces() != index.ciphertexts()) {
                throw new BrokenReplyException("a query of " + index.ciphertexts() + " ciphertexts; the packing "
                        + index.packing() + " has " + packing.pieces());
            }
            return packing;
        } catch (IllegalArgumentException refused) {
            throw new BrokenReplyException("the packing " + index.packing() + " is refused", refused);
        }
    }

    private static boolean read(
            FrameReader reply,
            @Nullable String job,
            IndexInfo index,
            Packing packing,
            Scheme scheme,
            KeyEpoch epoch,
            RowScores scores)
            throws IOException {
        JsonNode head = reply.head();
        if (job != null) {
            Session.requireJob(head, job);
        }
        Fields fields = new Fields(head, "the reply");
        if (fields.whole("version", 1, Long.MAX_VALUE) != index.version()
                || fields.whole("rows", 1, ROWS_MAX) != index.rows()
                || fields.whole("dimension", 1, Packing.DIMENSION_MAX) != index.dimension()) {
            throw new StaleVersionException(
                    "the index " + index.name() + " is not version " + index.version() + " any more");
        }
        ScoreDecoder decoder = new ScoreDecoder(
                scheme.parameters(),
                scheme.backend(),
                packing,
                index.rows(),
                new Decryptor(scheme.parameters(), scheme.backend(), epoch.secret()),
                index.queryScale());
        for (int block = 0; block < decoder.blocks(); block++) {
            int arrived = block;
            byte[] container = reply.next()
                    .orElseThrow(() -> new BrokenReplyException(
                            "a reply of " + arrived + " blocks; the index has " + decoder.blocks()));
            try (Ciphertext ciphertext = scheme.ciphertext(container, 2, 0, index.queryScale() * Packing.ROW_SCALE)) {
                double[] decoded = decoder.decode(block, ciphertext);
                for (int row = 0; row < decoded.length; row++) {
                    scores.score(decoder.firstRow(block) + row, decoded[row]);
                }
            }
        }
        if (reply.next().isPresent()) {
            throw new BrokenReplyException("more blocks than the index's " + decoder.blocks());
        }
        return true;
    }
}
