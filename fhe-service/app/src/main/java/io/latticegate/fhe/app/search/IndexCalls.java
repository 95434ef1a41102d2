package io.latticegate.fhe.app.search;

import io.latticegate.fhe.app.Family;
import io.latticegate.fhe.app.FheParts;
import io.latticegate.fhe.app.cache.ReplyCache;
import io.latticegate.fhe.app.describe.Abilities;
import io.latticegate.fhe.app.http.Call;
import io.latticegate.fhe.app.http.Refusal;
import io.latticegate.fhe.app.http.Route;
import io.latticegate.fhe.app.scheme.Scheme;
import io.latticegate.fhe.core.search.IndexWriter;
import io.latticegate.fhe.core.search.NoisyScores;
import io.latticegate.fhe.core.search.Packing;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** {@code /v1/fhe/indexes}: rows that a project uploads, replaces and deletes. */
final class IndexCalls implements Family {
    private static final String INDEXES = "/v1/fhe/indexes";
    static final String INDEX = INDEXES + "/{name}";
    private static final Pattern NUMBER = Pattern.compile("[0-9]{1,18}");
    private static final String DEFAULT_PRESET = "S12";

    private final FheParts parts;
    private final IndexFiles files;
    private final OpenIndexes open;
    private final ReplyCache cache;

    IndexCalls(FheParts parts, IndexFiles files, OpenIndexes open, ReplyCache cache) {
        this.parts = parts;
        this.files = files;
        this.open = open;
        this.cache = cache;
    }

    @Override
    public List<Route> routes() {
        return List.of(
                Route.upload("PUT", INDEX, "fhe.index.put", this::put),
                Route.get(INDEXES, this::list),
                Route.get(INDEX, this::get),
                Route.delete(INDEX, "fhe.index.delete", this::delete));
    }

    @Override
    public void describe(Abilities abilities) {
        abilities.notEncrypted("rows of indexes, which are computed with as they are");
        abilities.limit("indexes_per_project", parts.config().indexes().perProject());
        abilities.limit("index_bytes_per_project", parts.config().indexes().storageBytes());
        abilities.limit("index_dimension", Packing.DIMENSION_MAX);
        abilities.limit("index_readers", IndexOptions.READERS_MAX);
    }

    @Override
    public void report(JsonObject status) {
        status.put("open_indexes", open.size());
        status.put("kept_replies", cache.size());
    }

    @Override
    public void sweep() throws IOException {
        open.forgetDeleted();
        cache.dropOld();
        files.sweep();
    }

    private void put(Call call) throws IOException {
        IndexName name = IndexName.own(call.caller().projectId(), call.value("name"));
        call.requireType("application/octet-stream");
        IndexFiles.Shape shape = shape(call);
        IndexOptions options = IndexOptions.from(
                call.header(IndexOptions.HEADER), parts.context().config().privacy());
        IndexWriter writer = files.writer(shape);
        requireRoomForNoise(shape, options);
        String length = call.header("Content-Length");
        if (length != null && !length.equals(Long.toString(writer.rowBytes()))) {
            throw IndexFiles.invalidRows("the body has " + length + " bytes; " + shape.rows() + " rows of "
                    + shape.dimension() + " floats have " + writer.rowBytes());
        }
        call.note("index", name.qualified());
        IndexFiles.Put put = files.put(name, shape, options, writer, call.body(writer.rowBytes()));
        call.note("version", Integer.toString(put.index().version()));
        StoredIndex old = put.old();
        if (old != null) {
            gone(old);
        }
        call.answer(201, put.index().toWire(name.owner()), Map.of("Location", INDEXES + "/" + name.name()));
    }

    private void gone(StoredIndex version) {
        cache.dropVersion(version.file());
        open.forgetDeleted();
    }

    private IndexFiles.Shape shape(Call call) {
        String preset = call.query("preset");
        String name = preset == null ? DEFAULT_PRESET : preset;
        Scheme scheme = parts.schemes().all().stream()
                .filter(offered -> offered.name().equals(name))
                .findFirst()
                .orElseThrow(() -> Refusal.of(
                        422,
                        "preset_mismatch",
                        "The preset is not offered; allowed are "
                                + parts.schemes().names()));
        return new IndexFiles.Shape(number(call, "rows"), number(call, "dimension"), scheme.preset());
    }

    private static int number(Call call, String name) {
        String text = call.query(name);
        if (text == null || !NUMBER.matcher(text).matches()) {
            throw Refusal.invalid("The parameter " + name + " must be a whole number of at most 18 digits");
        }
        long number = Long.parseLong(text);
        if (number > Integer.MAX_VALUE) {
            throw IndexFiles.invalidRows(name + " is " + number + "; allowed are at most 10000000 rows of "
                    + Packing.DIMENSION_MAX + " components");
        }
        return (int) number;
    }

    /** Terms whose noise does not fit into a ciphertext are refused with the rows, not with the first search. */
    private static void requireRoomForNoise(IndexFiles.Shape shape, IndexOptions options) {
        var terms = options.terms();
        if (terms == null) {
            return;
        }
        var parameters = shape.preset().parameters();
        try {
            NoisyScores.of(
                    Packing.of(parameters.degree(), shape.rows(), shape.dimension()),
                    parameters.ring().data(0).modulus(0),
                    terms);
        } catch (IllegalArgumentException refused) {
            throw Refusal.of(422, "invalid_request", IndexOptions.HEADER + ": " + refused.getMessage());
        }
    }

    private void list(Call call) throws IOException {
        String owner = call.caller().projectId();
        JsonArray all = new JsonArray();
        for (StoredIndex index : files.list(owner)) {
            all.add(index.toWire(owner));
        }
        call.answer(200, new JsonObject().put("indexes", all));
    }

    private void get(Call call) throws IOException {
        String project = call.caller().projectId();
        call.answer(
                200,
                files.require(project, IndexName.of(project, call.value("name")))
                        .toWire(project));
    }

    private void delete(Call call) throws IOException {
        String project = call.caller().projectId();
        IndexName name = IndexName.of(project, call.value("name"));
        if (!name.owner().equals(project)) {
            throw Refusal.notFound("index");
        }
        call.note("index", name.qualified());
        gone(files.delete(name));
        call.answerNothing();
    }
}
