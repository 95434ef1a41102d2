package io.latticegate.fhe.app.scheme;

import io.latticegate.fhe.app.http.Refusal;
import io.latticegate.fhe.core.preset.Preset;
import io.latticegate.fhe.core.ring.RnsBackend;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The parameter sets that the service offers: those whose keys and ciphertexts travel in SEAL's containers. A client chooses
 * among them and cannot send parameters of its own.
 */
public final class Schemes {
    private static final List<Preset> OFFERED = List.of(Preset.S12, Preset.S13, Preset.S14);

    private final RnsBackend backend;
    private final List<Scheme> all;

    public Schemes(RnsBackend backend) {
        this.backend = backend;
        this.all = OFFERED.stream().map(preset -> new Scheme(preset, backend)).toList();
    }

    public List<Scheme> all() {
        return all;
    }

    /** What computes, for all of them. */
    public RnsBackend backend() {
        return backend;
    }

    /** @throws Refusal 404 where there is none of this name */
    public Scheme require(String name) {
        return all.stream()
                .filter(scheme -> scheme.name().equals(name))
                .findFirst()
                .orElseThrow(() -> Refusal.notFound("preset; offered are " + names()));
    }

    /** The names, for messages. */
    public String names() {
        return all.stream().map(Scheme::name).collect(Collectors.joining(", "));
    }
}
