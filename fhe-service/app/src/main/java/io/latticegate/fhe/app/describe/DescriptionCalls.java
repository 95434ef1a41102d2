package io.latticegate.fhe.app.describe;

import io.latticegate.common.service.Version;
import io.latticegate.fhe.app.Family;
import io.latticegate.fhe.app.http.Call;
import io.latticegate.fhe.app.http.Refusal;
import io.latticegate.fhe.app.http.Route;
import io.latticegate.fhe.app.job.JobQueue;
import io.latticegate.fhe.app.scheme.Compute;
import io.latticegate.fhe.app.scheme.Scheme;
import io.latticegate.fhe.app.scheme.Schemes;
import io.latticegate.fhe.core.modular.Modulus;
import io.latticegate.fhe.core.preset.CkksParameters;
import io.latticegate.fhe.core.wire.Compression;
import io.latticegate.fhe.core.wire.SealWriter;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** {@code /v1/fhe/capabilities}, {@code /v1/fhe/params} and {@code /v1/fhe/status}; open to everybody. */
public final class DescriptionCalls implements Family {
    private final Schemes schemes;
    private final Compute compute;
    private final JobQueue jobs;
    private final List<Family> families;

    /** @param others the families whose endpoints are there */
    public DescriptionCalls(Schemes schemes, Compute compute, JobQueue jobs, List<Family> others) {
        this.schemes = schemes;
        this.compute = compute;
        this.jobs = jobs;
        this.families = new ArrayList<>(others);
        families.addFirst(this);
    }

    @Override
    public List<Route> routes() {
        return List.of(
                Route.open("/v1/fhe/capabilities", call -> call.answer(200, capabilities())),
                Route.open("/v1/fhe/params", this::params),
                Route.open("/v1/fhe/params/{preset}", this::preset),
                Route.open("/v1/fhe/status", call -> call.answer(200, status())));
    }

    @Override
    public void describe(Abilities abilities) {
        abilities.encrypted("vectors that a client encrypts, and all that is computed from them");
        abilities.notEncrypted(
                "parameter set, level, scale, number and size of ciphertexts, which operations run, and when");
        abilities.notEncrypted("evaluation keys, which are public");
        abilities.notEncrypted(
                "requests to language models: they are not served here, and no ordinary provider computes"
                        + " on ciphertexts");
    }

    private JsonObject capabilities() {
        JsonObject document = new JsonObject()
                .put("service", "fhe-service")
                .put("version", Version.CURRENT)
                .put("scheme", "CKKS")
                .put(
                        "assumption",
                        "ring learning with errors, circular security; IND-CPA against a service that follows the"
                                + " protocol");
        Abilities abilities = new Abilities();
        families.forEach(family -> family.describe(abilities));
        abilities.writeTo(document);
        JsonArray presets = new JsonArray();
        schemes.all().forEach(scheme -> presets.add(summary(scheme)));
        return document.put("presets", presets)
                .put(
                        "accelerators",
                        new JsonArray()
                                .add(new JsonObject()
                                        .put("kind", compute.kind())
                                        .put("name", compute.backend().name())));
    }

    private JsonObject status() {
        JsonObject status = new JsonObject()
                .put("backend", compute.backend().name())
                .put("accelerator", compute.report())
                .put("workers", jobs.workers())
                .put("running", jobs.running())
                .put("waiting", jobs.waiting())
                .put("batch", new JsonObject().put("last", jobs.lastBatch()).put("largest", jobs.largestBatch()));
        families.forEach(family -> family.report(status));
        return status;
    }

    private void params(Call call) {
        JsonArray all = new JsonArray();
        schemes.all().forEach(scheme -> all.add(details(scheme)));
        call.answer(200, new JsonObject().put("presets", all));
    }

    private void preset(Call call) throws IOException {
        Scheme scheme = schemes.require(call.value("preset"));
        String format = call.query("format");
        if (format == null || format.equals("json")) {
            call.answer(200, details(scheme));
        } else if (format.equals("seal")) {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            SealWriter.write(scheme.chain(), out, Compression.NONE);
            call.answer(200, "application/octet-stream", out.toByteArray());
        } else {
            throw Refusal.invalid("The parameter format is not known; allowed are json and seal");
        }
    }

    private static JsonObject summary(Scheme scheme) {
        CkksParameters parameters = scheme.parameters();
        return new JsonObject()
                .put("name", scheme.name())
                .put("degree", parameters.degree())
                .put("slots", parameters.slots())
                .put("levels", parameters.topLevel() + 1)
                .put("scale", scheme.preset().scale());
    }

    private static JsonObject details(Scheme scheme) {
        CkksParameters parameters = scheme.parameters();
        List<String> primes = parameters.primes().stream()
                .map(Modulus::value)
                .map(value -> Long.toString(value))
                .toList();
        int data = parameters.topLevel() + 1;
        JsonArray levels = new JsonArray();
        for (int level = 0; level < data; level++) {
            levels.add(new JsonObject()
                    .put("level", level)
                    .put("parms_id", parameters.parmsId(level).toString())
                    .put("modulus_bits", parameters.modulusBits(level)));
        }
        int bits = parameters.primes().stream()
                .map(prime -> java.math.BigInteger.valueOf(prime.value()))
                .reduce(java.math.BigInteger.ONE, java.math.BigInteger::multiply)
                .bitLength();
        return summary(scheme)
                .put("primes", new JsonArray(primes.subList(0, data)))
                .put("special_primes", new JsonArray(primes.subList(data, primes.size())))
                .put("key_parms_id", parameters.keyParmsId().toString())
                .put("level_parms", levels)
                .put(
                        "security",
                        new JsonObject()
                                .put("table", "eprint 2024/463")
                                .put("column", parameters.security().name().toLowerCase(Locale.ROOT))
                                .put("degree", parameters.degree())
                                .put("log2_qp", bits)
                                .put("log2_qp_limit", parameters.security().limit(parameters.degree())));
    }
}
