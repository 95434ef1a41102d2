package io.latticegate.client.sidecar;

import io.vertx.core.MultiMap;
import java.util.List;
import java.util.Optional;

/**
 * A request that has passed the door.
 *
 * @param path the segments behind /v1
 * @param body within its bounds; empty where there is none
 */
record Call(String method, List<String> path, MultiMap query, byte[] body) {
    boolean is(String wanted, int segments, String... fixed) {
        if (!method.equals(wanted) || path.size() != segments) {
            return false;
        }
        for (int i = 0; i < fixed.length; i++) {
            if (!fixed[i].equals("*") && !fixed[i].equals(path.get(i))) {
                return false;
            }
        }
        return true;
    }

    /** A parameter of the query, or nothing where it is not given. */
    Optional<String> parameter(String name) {
        return Optional.ofNullable(query.get(name));
    }

    String segment(int index) {
        return path.get(index);
    }
}
