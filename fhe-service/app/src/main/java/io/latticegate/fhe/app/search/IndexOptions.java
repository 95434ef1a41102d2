package io.latticegate.fhe.app.search;

import io.latticegate.common.config.PrivacyConfig;
import io.latticegate.fhe.app.http.Refusal;
import io.latticegate.fhe.app.privacy.PrivacyJson;
import io.latticegate.fhe.core.privacy.PrivacyTerms;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Who else may search an index, and under which terms.
 *
 * @param readers projects beside the owner
 * @param terms what a search costs and how much noise it gets; present where there are readers
 * @param appliesToOwner whether the owner pays and gets noise too
 */
record IndexOptions(List<String> readers, @Nullable PrivacyTerms terms, boolean appliesToOwner) {
    static final String HEADER = "X-Latticegate-Index-Options";
    static final int READERS_MAX = 64;
    private static final int LENGTH_MAX = 8 << 10;

    IndexOptions {
        readers = List.copyOf(readers);
    }

    /**
     * What the header says.
     *
     * @throws Refusal 400 where it is malformed, 422 for readers without privacy
     */
    static IndexOptions from(@Nullable String header, PrivacyConfig defaults) {
        if (header == null) {
            return new IndexOptions(List.of(), null, false);
        }
        JsonObject json = parse(header);
        TreeSet<String> unknown = new TreeSet<>(json.fieldNames());
        unknown.removeAll(Set.of("readers", "privacy"));
        if (!unknown.isEmpty()) {
            throw malformed("an unknown member; allowed are readers and privacy");
        }
        List<String> readers = readers(json.getValue("readers"));
        Object privacy = json.getValue("privacy");
        if (privacy == null) {
            if (!readers.isEmpty()) {
                throw Refusal.of(
                        422,
                        "invalid_request",
                        HEADER
                                + " has readers without privacy: scores are linear in the rows and give them away; allowed"
                                + " are readers with the member privacy");
            }
            return new IndexOptions(readers, null, false);
        }
        if (!(privacy instanceof JsonObject object)) {
            throw malformed("a member privacy that is no object");
        }
        try {
            return new IndexOptions(readers, PrivacyJson.terms(object, defaults), PrivacyJson.appliesToOwner(object));
        } catch (IllegalArgumentException refused) {
            throw Refusal.invalid(HEADER + ": " + refused.getMessage());
        }
    }

    private static JsonObject parse(String header) {
        if (header.length() > LENGTH_MAX) {
            throw malformed("more than " + LENGTH_MAX + " characters");
        }
        try {
            return new JsonObject(Buffer.buffer(header));
        } catch (DecodeException | ClassCastException malformed) {
            throw malformed("no JSON object");
        }
    }

    private static List<String> readers(@Nullable Object given) {
        if (given == null) {
            return List.of();
        }
        if (!(given instanceof JsonArray array) || array.size() > READERS_MAX) {
            throw malformed("a member readers that is no list of at most " + READERS_MAX + " projects");
        }
        TreeSet<String> readers = new TreeSet<>();
        for (Object reader : array) {
            if (!(reader instanceof String id) || !IndexName.isProject(id)) {
                throw malformed("a reader that is no id of a project");
            }
            readers.add(id);
        }
        return List.copyOf(readers);
    }

    private static Refusal malformed(String what) {
        return Refusal.invalid(HEADER + " has " + what);
    }

    /** The terms under which a project searches an index of this owner; null: scores are exact and free. */
    @Nullable
    PrivacyTerms termsFor(String project, String owner) {
        return project.equals(owner) && !appliesToOwner ? null : terms;
    }
}
