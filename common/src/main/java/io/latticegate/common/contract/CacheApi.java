package io.latticegate.common.contract;

import io.latticegate.common.value.ServiceRole;
import org.jspecify.annotations.Nullable;

/** How the answers that proxies keep are forgotten. */
public final class CacheApi {
    /** Asks every proxy to forget answers. One that does not hear it gives them again until they expire. */
    public static final Broadcast<Purge> PURGE = new Broadcast<>("cache.purge.v1", Purge.class, ServiceRole.ADMIN);

    /** A proxy's word that it has. */
    public static final Broadcast<Purged> PURGED = new Broadcast<>("cache.purged.v1", Purged.class, ServiceRole.PROXY);

    /**
     * Which answers are to be forgotten: those to which all that is set applies.
     *
     * @param id names the purge
     * @param projectId null: of every project
     * @param method null: any
     * @param path of the request, or what it begins with where {@code below} is set
     */
    public record Purge(
            String id, @Nullable String projectId, @Nullable String method, String path, boolean below) {
        /** Whether an answer to such a request is among them. */
        public boolean covers(String itsProject, String itsMethod, String itsPath) {
            return (projectId == null || projectId.equals(itsProject))
                    && (method == null || method.equals(itsMethod))
                    && (below ? itsPath.startsWith(path) : itsPath.equals(path));
        }
    }

    /**
     * @param id of the purge
     * @param deleted how many answers one proxy has forgotten
     */
    public record Purged(String id, int deleted) {}

    private CacheApi() {}
}
