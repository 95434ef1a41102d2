package io.latticegate.proxy.edge;

import io.vertx.core.http.HttpServerRequest;

/** What answers requests on this port that are of no surface, such as those of health. */
public interface Elsewhere {
    /** Whether a path that looks like a surface's is not. */
    boolean owns(String path);

    /** Answers a request, which is paused and whose head is well-formed; false when its path is nobody's. */
    boolean answer(HttpServerRequest request);
}
