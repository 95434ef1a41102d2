package io.latticegate.proxy.fhe;

import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The paths that fhe-service answers, and by what of each a pod is chosen. */
public final class FhePaths {
    private static final Set<String> WHOLE =
            Set.of("/v1/params", "/v1/encrypt", "/v1/decrypt", "/v1/keys/generate", "/v1/privacy/budget");
    private static final String PREFIX = "/v1/fhe/";

    /** What a pod keeps open between requests: the keys of a session, an index, a head. */
    private static final Pattern KEPT =
            Pattern.compile("/v1/fhe/(sessions|indexes|heads)/([^/]{1,200})(?:/.*)?", Pattern.DOTALL);

    private static final String JOBS = PREFIX + "jobs/";

    /** Whether fhe-service answers this path. */
    public static boolean owns(String path) {
        return path.startsWith(PREFIX) || WHOLE.contains(path);
    }

    /** Whether what the path names is known to the pod that took it and to no other, so that all have to be asked. */
    static boolean isOfOnePod(String path) {
        return path.startsWith(JOBS);
    }

    /**
     * What a request is placed by: its session, index or head, so that those of one kind meet on one pod; else its
     * credential, which is only hashed.
     *
     * @param credential the {@code Authorization} header, or empty
     */
    static String placement(String path, String credential) {
        Matcher kept = KEPT.matcher(path);
        return kept.matches() ? kept.group(1) + "/" + kept.group(2) : credential;
    }

    private FhePaths() {}
}
