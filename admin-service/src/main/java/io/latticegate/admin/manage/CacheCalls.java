package io.latticegate.admin.manage;

import io.latticegate.common.bus.MeshBus;
import io.latticegate.common.config.CacheConfig;
import io.latticegate.common.contract.CacheApi;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** The call under {@code /manage/cache}. */
final class CacheCalls implements Calls {
    /** How long proxies are waited for; nobody knows how many there are. A later one has purged just as well. */
    private static final long PATIENCE_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    private static final int PATH_MAX = 2_048;

    private final MeshBus bus;
    private final CacheConfig config;
    private final Map<String, AtomicInteger> underWay = new ConcurrentHashMap<>();

    CacheCalls(MeshBus bus, CacheConfig config) {
        this.bus = bus;
        this.config = config;
        bus.listen(CacheApi.PURGED, purged -> {
            AtomicInteger deleted = underWay.get(purged.id());
            if (deleted != null) {
                deleted.addAndGet(purged.deleted());
            }
        });
    }

    @Override
    public void addTo(CallTable.Rows rows) {
        rows.add("POST", Role.OPERATOR, "cache.purge", this::purge, "cache", "purge");
    }

    /** {@code POST /manage/cache/purge}. */
    Answer purge(ManageRequest request, AuditedCall audited) {
        request.allowQuery();
        try (MemberValues members = request.members(Member.METHOD, Member.URL, Member.PREFIX, Member.PROJECT_ID)) {
            if (!config.active()) {
                throw Refused.badRequest("caching is disabled");
            }
            String method = members.text(Member.METHOD);
            String url = members.text(Member.URL);
            String prefix = members.text(Member.PREFIX);
            String projectId = members.text(Member.PROJECT_ID);
            if (prefix == null && (method == null || url == null)) {
                throw Refused.badRequest("method and url are required, or a prefix of the path");
            }
            if (projectId != null && !ManageRequest.isUuid(projectId)) {
                throw Refused.badRequest("project_id must be the id of a project");
            }
            String path = path(prefix != null ? prefix : url);
            audited.project(projectId == null ? "" : projectId);
            audited.note("path", path);
            audited.begin();
            int deleted = purge(new CacheApi.Purge(
                    UUID.randomUUID().toString(),
                    projectId,
                    method == null ? null : method.toUpperCase(Locale.ROOT),
                    path,
                    prefix != null));
            audited.note("deleted", Integer.toString(deleted));
            return Answer.json(
                    200,
                    prefix != null
                            ? new JsonObject().put("deleted", deleted)
                            : new JsonObject().put("deleted", deleted > 0));
        }
    }

    private int purge(CacheApi.Purge purge) {
        AtomicInteger deleted = new AtomicInteger();
        underWay.put(purge.id(), deleted);
        bus.publish(CacheApi.PURGE, purge);
        long until = System.nanoTime() + PATIENCE_NANOS;
        for (long left = PATIENCE_NANOS; left > 0; left = until - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
        underWay.remove(purge.id());
        return deleted.get();
    }

    /** The path of a URL or a path. */
    private static String path(@Nullable String url) {
        String path = null;
        if (url != null && url.length() <= PATH_MAX) {
            try {
                path = URI.create(url).getRawPath();
            } catch (IllegalArgumentException malformed) {
                path = null;
            }
        }
        if (path == null || !path.startsWith("/")) {
            throw Refused.badRequest(
                    "url and prefix must be a path such as /v1/chat/completions, or a URL with one, of at" + " most "
                            + PATH_MAX + " characters");
        }
        return path;
    }
}
