package io.latticegate.fhe.app;

import io.latticegate.fhe.app.describe.Abilities;
import io.latticegate.fhe.app.http.Route;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.util.List;

/** Endpoints that belong together, and what they say of themselves. */
public interface Family {
    List<Route> routes();

    /** Adds what these endpoints can do to {@code GET /v1/fhe/capabilities}. */
    default void describe(Abilities abilities) {}

    /** Adds how these endpoints are doing to {@code GET /v1/fhe/status}. */
    default void report(JsonObject status) {}

    /** Takes what is not needed any more off the disk and out of memory; called now and then, by one thread. */
    default void sweep() throws IOException {}
}
